/** Seats: in no state that anyone reads are more taken than there are. */
import { defineChecker, verdictOf } from '../contract/checker.ts';
import type { SeatsRead } from '../contract/operation-values.ts';

export default defineChecker({
  name: 'seats-bound',
  kinds: ['overbooked'],
  doc: 'no read shows more seats taken than exist',
  check(operations) {
    const reads = operations.filter(({ type }) => type === 'ok');
    const faults = reads.flatMap(({ output, completedIndex }) => {
      const { seats, taken } = output as SeatsRead;
      if (taken <= seats) return [];
      const reason = `${taken} of ${seats} seats are taken`;
      return [{ reason, index: completedIndex, kind: 'overbooked' }];
    });
    const full = reads.filter(({ output }) => {
      const { seats, taken } = output as SeatsRead;
      return taken >= seats;
    });
    return verdictOf('seats-bound', faults, { reads: reads.length }, full.length);
  },
});
