/**
 * Counter (Jepsen's): `add` amount, `read` → the sum. A read is right when it lies between the sum
 * of what must have happened before it began and of what may have happened before it ended.
 */
import { defineChecker, verdictOf } from '../../contract/checker.ts';

export const counter = defineChecker({
  name: 'counter',
  doc: 'reads of a counter lie between what must and what may have been added',
  check(operations) {
    const adds = operations.filter(({ f, type }) => f === 'add' && type !== 'fail');
    const reads = operations.filter(({ f, type }) => f === 'read' && type === 'ok');
    const faults = reads.flatMap(({ output, invokedIndex, completedIndex }) => {
      let low = 0;
      let high = 0;
      for (const add of adds) {
        const amount = add.input as number;
        const sure = add.type === 'ok' && add.completedIndex < invokedIndex;
        if (sure) {
          low += amount;
          high += amount;
        } else if (add.invokedIndex < completedIndex) {
          low += Math.min(0, amount);
          high += Math.max(0, amount);
        }
      }
      const value = output as number;
      if (value >= low && value <= high) return [];
      return [{ reason: `a read shows ${value}, outside ${low} … ${high}`, index: completedIndex }];
    });
    return verdictOf('counter', faults, { adds: adds.length, reads: reads.length }, reads.length);
  },
});
