/**
 * Counter (Jepsen's): `add` amount, `read` → the sum. A read is right when it lies between the sum
 * of what must have happened before it began and of what may have happened before it ended.
 *
 * After an amount that is not a number, reads that may include it are not judged.
 */
import { defineChecker, Findings } from '../../contract/checker.ts';
import { compareExact, type Exact, isExact, sumOf } from '../../contract/exact-number.ts';
import type { Operation } from '../../contract/history.ts';
import { textOf } from '../../contract/value.ts';
import { isReadOf, returned } from './values.ts';

export const counter = defineChecker({
  name: 'counter',
  doc: 'reads of a counter lie between what must and what may have been added',
  check(operations) {
    const findings = new Findings('counter');
    const adds = operations.filter(({ f, type }) => f === 'add' && type !== 'fail');
    let readableUntil = Number.POSITIVE_INFINITY;
    for (const add of adds) {
      if (isExact(add.input)) continue;
      readableUntil = Math.min(readableUntil, add.invokedIndex);
      findings.unclear(add, `add of ${textOf(add.input)}, no number`);
    }
    const amounts = adds.filter(({ input }) => isExact(input));
    const isLess = ({ input }: Operation) => compareExact(input as Exact, 0) < 0;
    const done = amounts.filter(({ type }) => type === 'ok');
    const more = {
      begun: sums(
        amounts.filter((one) => !isLess(one)),
        'invokedIndex',
      ),
      done: sums(
        done.filter((one) => !isLess(one)),
        'completedIndex',
      ),
    };
    const less = {
      begun: sums(amounts.filter(isLess), 'invokedIndex'),
      done: sums(done.filter(isLess), 'completedIndex'),
    };
    const reads = operations.filter(isReadOf);
    for (const read of reads) {
      const { output, invokedIndex, completedIndex } = read;
      if (!isExact(output)) {
        findings.unclear(read, returned(read, 'number'));
        continue;
      }
      if (completedIndex > readableUntil) continue;
      const low = sumOf(more.done(invokedIndex), less.begun(completedIndex));
      const high = sumOf(more.begun(completedIndex), less.done(invokedIndex));
      if (compareExact(output, low) >= 0 && compareExact(output, high) <= 0) continue;
      const range = `${textOf(low)} … ${textOf(high)}`;
      findings.fault(`a read shows ${textOf(output)}, outside ${range}`, completedIndex);
    }
    return findings.verdict({ adds: adds.length, reads: reads.length }, reads.length);
  },
});

/** Sum of the amounts whose event precedes a given one. */
function sums(
  adds: readonly Operation[],
  event: 'invokedIndex' | 'completedIndex',
): (before: number) => Exact {
  const sorted = [...adds].sort((a, b) => a[event] - b[event]);
  const totals: Exact[] = [0];
  for (const { input } of sorted) totals.push(sumOf(totals.at(-1)!, input as Exact));
  return (before) => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle]![event] < before) low = middle + 1;
      else high = middle;
    }
    return totals[low]!;
  };
}
