/** Counter: adds amounts to one number, and reads it. */
import { inTransaction, type Transaction } from '../contract/target.ts';
import { defineWorkload } from '../contract/workload.ts';

const KEY = 'counter';

export default defineWorkload({
  name: 'counter',
  doc: 'adds amounts to one number; no addition may be lost or done twice',
  needs: [],
  options: { amountMax: 5 },
  create({ amountMax = 5 }) {
    return {
      setup: async () => undefined,
      next: ({ random }) =>
        random.chance(0.5)
          ? { f: 'add', value: random.between(1, amountMax) }
          : { f: 'read', value: null },
      invoke: (session, { f, value }) =>
        inTransaction(session, async (transaction) => {
          const count = await read(transaction);
          if (f === 'read') return count;
          await transaction.put(KEY, String(count + (value as number)));
          return value;
        }),
      finalReads: [{ f: 'read', value: null }],
    };
  },
});

async function read(transaction: Transaction): Promise<number> {
  return Number((await transaction.get(KEY)) ?? 0);
}
