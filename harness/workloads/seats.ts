/**
 * Seats: a client that finds a free seat, by a range read, takes one with a key of its own;
 * others give one back. Two that count at the same time write different keys: only a store that
 * counts a range as read, with its gaps, keeps the bound. (The phantom anomaly of Berenson et al.,
 * "A critique of ANSI SQL isolation levels", SIGMOD 1995, A3.)
 */
import type { SeatsRead } from '../contract/operation-values.ts';
import { inTransaction } from '../contract/target.ts';
import { defineWorkload } from '../contract/workload.ts';

const PREFIX = 'seat/';

export default defineWorkload({
  name: 'seats',
  doc: 'takes a seat if a range read shows a free one, or gives one back; the bound must hold',
  needs: [],
  options: { seats: 4 },
  create({ seats = 4 }) {
    return {
      setup: async () => undefined,
      next({ random, sequence }) {
        const kind = random.below(12);
        if (kind < 2) return { f: 'count', value: null };
        if (kind < 3) return { f: 'give-back', value: null };
        return { f: 'take', value: sequence };
      },
      invoke: (session, { f, value }) =>
        inTransaction(session, async (transaction) => {
          const taken = await transaction.range({ prefix: PREFIX });
          if (f === 'take' && taken.length < seats) {
            await transaction.put(`${PREFIX}${String(value).padStart(10, '0')}`, 'taken');
          }
          const first = taken[0];
          if (f === 'give-back' && first !== undefined) await transaction.delete(first[0]);
          return { seats, taken: taken.length } satisfies SeatsRead;
        }),
      finalReads: [{ f: 'count', value: null }],
    };
  },
});
