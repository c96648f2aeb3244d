/**
 * Clock: `read` or `timestamp` → a timestamp (a number, or a list of numbers, most significant first).
 * Timestamps must be monotonic in real time: an operation invoked after another completed gets no
 * smaller timestamp.
 */
import { defineChecker, Findings } from '../../contract/checker.ts';
import { compareExact, type Exact } from '../../contract/exact-number.ts';
import { elementsOf, textOf } from '../../contract/value.ts';
import { goingBack, type Ranked } from './monotonic.ts';
import { numberIn, returned } from './values.ts';

type Stamp = readonly Exact[];

export const clock = defineChecker({
  name: 'clock',
  doc: 'timestamps handed out never go back in real time',
  check(operations) {
    const findings = new Findings('clock');
    const reads: Ranked<Stamp>[] = [];
    for (const read of operations) {
      if ((read.f !== 'read' && read.f !== 'timestamp') || read.type !== 'ok') continue;
      const value = stampOf(read.output);
      if (value === undefined) findings.unclear(read, returned(read, 'timestamp'));
      else reads.push({ read, value });
    }
    for (const { read, most } of goingBack(reads, compareStamps)) {
      const other = textOf(most.length === 1 ? most[0] : most);
      const reason = `timestamp ${textOf(read.output)} is smaller than one, ${other}, that was known before it was asked for`;
      findings.fault(reason, read.completedIndex);
    }
    return findings.verdict({ reads: reads.length }, reads.length);
  },
});

function stampOf(value: unknown): Stamp | undefined {
  const parts = (elementsOf(value) ?? [value]).map(numberIn);
  const known = parts.filter((part) => part !== undefined);
  return known.length === parts.length && parts.length > 0 ? known : undefined;
}

function compareStamps(a: Stamp, b: Stamp): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = compareExact(a[i] ?? 0, b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
