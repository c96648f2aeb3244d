/**
 * Monotonic (Jepsen's): a value that only grows.
 *
 * - `read` → number, `inc` or `add`: no client sees it shrink, nor does anyone who began to read
 *   after another read was over;
 * - `add` → {val, sts} and a last `read` → a list of those: sorted by the database's timestamp,
 *   values grow; none is lost, none is there twice.
 */
import { defineChecker, verdictOf } from '../../contract/checker.ts';
import type { Operation } from '../../contract/history.ts';
import { numberOf } from './values.ts';

interface Fault {
  readonly reason: string;
  readonly index: number;
}

export const monotonic = defineChecker({
  name: 'monotonic',
  doc: 'a value that only grows is never seen to shrink, nor its timestamps',
  check(operations) {
    const reads = operations.filter(({ f, type }) => f === 'read' && type === 'ok');
    const lists = reads.filter(({ output }) => Array.isArray(output));
    const numbers = reads.filter(({ output }) => !Array.isArray(output) && output !== null);
    const faults = [
      ...shrinking(numbers),
      ...(lists.length > 0 ? rowFaults(operations, lists.at(-1)!) : []),
    ];
    return verdictOf('monotonic', faults, { reads: reads.length }, reads.length);
  },
});

/** Reads of a number that are below one that was over before they began. */
export function* shrinking(reads: readonly Operation[]): Generator<Fault> {
  const byEnd = [...reads].sort((a, b) => a.completedIndex - b.completedIndex);
  const byBegin = [...reads].sort((a, b) => a.invokedIndex - b.invokedIndex);
  let done = 0;
  let most = Number.NEGATIVE_INFINITY;
  for (const read of byBegin) {
    while (byEnd[done]!.completedIndex < read.invokedIndex) {
      most = Math.max(most, numberOf(byEnd[done]!, byEnd[done]!.output));
      done++;
    }
    const value = numberOf(read, read.output);
    if (value < most) {
      yield {
        reason: `a read shows ${value} after one showed ${most}`,
        index: read.completedIndex,
      };
    }
  }
}

function* rowFaults(operations: readonly Operation[], last: Operation): Generator<Fault> {
  const index = last.completedIndex;
  const rows = (last.output as unknown[]).map((row) => {
    const { val, sts } = row as { val?: unknown; sts?: unknown };
    const value = typeof row === 'number' ? row : numberOf(last, val ?? null);
    return {
      value,
      stamp: typeof sts === 'string' || typeof sts === 'number' ? Number(sts) : undefined,
    };
  });
  const stamped = rows.every(({ stamp }) => stamp !== undefined);
  const sorted = stamped ? [...rows].sort((a, b) => a.stamp! - b.stamp!) : rows;
  for (const [i, { value }] of sorted.entries()) {
    const before = sorted[i - 1]?.value;
    if (before === undefined || value > before) continue;
    const reason = value === before ? `${value} is there twice` : `${value} comes after ${before}`;
    yield { reason, index };
  }
  const shown = new Set(rows.map(({ value }) => value));
  for (const { f, type, output, input, invokedIndex, completedIndex } of operations) {
    if (f !== 'add' || type !== 'ok' || completedIndex > last.invokedIndex) continue;
    const { val } = (output ?? input ?? {}) as { val?: unknown };
    const value = val ?? output ?? input;
    if (typeof value === 'number' && !shown.has(value)) {
      yield { reason: `${value} is lost`, index: invokedIndex };
    }
  }
}
