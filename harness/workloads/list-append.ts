/**
 * List-append: transactions of reads and appends over a few keys. A list tells its own history, so
 * a checker can work out which isolation level the store really gave.
 */
import { inTransaction, type Transaction } from '../contract/target.ts';
import { defineWorkload } from '../contract/workload.ts';

type Micro = readonly ['append', number, number] | readonly ['r', number, readonly number[] | null];

const keyOf = (key: number) => `append/${key}`;

export default defineWorkload({
  name: 'list-append',
  doc: 'transactions of reads and appends to lists; judged for isolation levels',
  needs: [],
  options: { keys: 4, operationsMax: 4 },
  create({ keys = 4, operationsMax = 4 }) {
    const everyKey = Array.from({ length: keys }, (_, key): Micro => ['r', key, null]);
    return {
      setup: async () => undefined,
      next({ random, sequence }) {
        const size = random.between(1, operationsMax);
        const operations = Array.from({ length: size }, (_, i): Micro => {
          const key = random.below(keys);
          return random.chance(0.5)
            ? ['append', key, sequence * operationsMax + i]
            : ['r', key, null];
        });
        return { f: 'txn', value: operations };
      },
      invoke: (session, { f, value }) =>
        inTransaction(session, async (transaction) => {
          const done: Micro[] = [];
          const operations = f === 'read-all' ? everyKey : (value as readonly Micro[]);
          for (const operation of operations) done.push(await perform(transaction, operation));
          return done;
        }),
      finalReads: [{ f: 'read-all', value: [] }],
    };
  },
});

async function perform(transaction: Transaction, [f, key, value]: Micro): Promise<Micro> {
  const text = await transaction.get(keyOf(key));
  const list = text === undefined ? [] : (JSON.parse(text) as number[]);
  if (f === 'r') return [f, key, list];
  await transaction.put(keyOf(key), JSON.stringify([...list, value]));
  return [f, key, value];
}
