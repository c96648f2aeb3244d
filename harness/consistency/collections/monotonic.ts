/**
 * Monotonic (Jepsen's): a value that only grows.
 *
 * - `read` or `timestamp` → number, `inc` or `add`: a read that was invoked after another read completed never
 *   returns less; nil means not yet written;
 * - `add` → {val, sts} and a final `read` → a list of those: sorted by the database's timestamp, values grow;
 *   none is lost, none appears twice.
 */
import { defineChecker, Findings } from '../../contract/checker.ts';
import { compareExact, type Exact, isExact } from '../../contract/exact-number.ts';
import type { Operation } from '../../contract/history.ts';
import { elementsOf, fieldOf, keyOf, textOf, type ValueKey } from '../../contract/value.ts';
import { byInvocation, numberIn, returned } from './values.ts';

const KINDS = ['went-back', 'duplicated', 'lost'] as const;
type MonotonicFindings = Findings<(typeof KINDS)[number]>;

export const monotonic = defineChecker({
  name: 'monotonic',
  kinds: KINDS,
  doc: 'a value that only grows is never seen to shrink, nor its timestamps',
  check(operations) {
    const findings: MonotonicFindings = new Findings('monotonic');
    const reads = operations.filter(
      ({ f, type }) => (f === 'read' || f === 'timestamp') && type === 'ok',
    );
    const numbers: Ranked<Exact>[] = [];
    let last: Operation | undefined;
    for (const read of reads) {
      const { output } = read;
      if (isExact(output)) numbers.push({ read, value: output });
      else if (elementsOf(output) !== undefined) last = read;
      else if (output !== null || numbers.length > 0) {
        findings.unclear(read, returned(read, 'number'));
      }
    }
    for (const { read, value, most } of goingBack(numbers, compareExact)) {
      const reason = `a read shows ${textOf(value)} after one showed ${textOf(most)}`;
      findings.fault(reason, read.completedIndex, 'went-back');
    }
    const rows = last === undefined ? 0 : judgeRows(operations, last, findings);
    return findings.verdict({ reads: reads.length }, numbers.length + rows);
  },
});

export interface Ranked<T> {
  readonly read: Operation;
  readonly value: T;
}

/** Reads of a value below one that was known before they were invoked. */
export function* goingBack<T>(
  reads: readonly Ranked<T>[],
  compare: (a: T, b: T) => number,
): Generator<Ranked<T> & { readonly most: T }> {
  const byEnd = [...reads].sort((a, b) => a.read.completedIndex - b.read.completedIndex);
  const byBegin = [...reads].sort((a, b) => byInvocation(a.read, b.read));
  let done = 0;
  let most: Ranked<T> | undefined;
  for (const one of byBegin) {
    for (; byEnd[done]!.read.completedIndex < one.read.invokedIndex; done++) {
      const other = byEnd[done]!;
      if (most === undefined || compare(other.value, most.value) > 0) most = other;
    }
    if (most !== undefined && compare(one.value, most.value) < 0)
      yield { ...one, most: most.value };
  }
}

interface Row {
  readonly value: Exact;
  readonly stamp: Exact | undefined;
}

/** Returns the number of judged rows. */
function judgeRows(
  operations: readonly Operation[],
  last: Operation,
  findings: MonotonicFindings,
): number {
  const index = last.completedIndex;
  const rows: Row[] = [];
  for (const row of elementsOf(last.output)!) {
    const value = isExact(row) ? row : numberIn(fieldOf(row, 'val'));
    if (value === undefined) findings.unclear(last, `a row is ${textOf(row)}, without a number`);
    else rows.push({ value, stamp: numberIn(fieldOf(row, 'sts')) });
  }
  const stamped = rows.filter(({ stamp }) => stamp !== undefined);
  if (stamped.length > 0 && stamped.length < rows.length) {
    findings.unclear(last, `${rows.length - stamped.length} rows have no timestamp`);
  }
  const isStamped = stamped.length > 0;
  const sorted = isStamped ? stamped.sort((a, b) => compareExact(a.stamp!, b.stamp!)) : rows;
  for (const [i, { value }] of sorted.entries()) {
    const before = sorted[i - 1]?.value;
    if (before === undefined || compareExact(value, before) > 0) continue;
    const isTwice = compareExact(value, before) === 0;
    const how = isTwice ? 'is there twice' : `comes after ${textOf(before)}`;
    findings.fault(`${textOf(value)} ${how}`, index, isTwice ? 'duplicated' : 'went-back');
  }
  const shown = new Set<ValueKey>(rows.map(({ value }) => keyOf(value)));
  for (const { f, type, output, input, invokedIndex, completedIndex } of operations) {
    if (f !== 'add' || type !== 'ok' || completedIndex > last.invokedIndex) continue;
    const value = fieldOf(output ?? input, 'val') ?? output ?? input;
    if (!isExact(value) || shown.has(keyOf(value))) continue;
    findings.fault(`${textOf(value)} is lost`, invokedIndex, 'lost');
  }
  return rows.length;
}
