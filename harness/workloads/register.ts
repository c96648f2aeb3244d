/**
 * Register: reads, writes of unique values, and swaps (read, then write), over a few keys.
 */
import type { RegisterInput, RegisterOutput } from '../contract/operation-values.ts';
import { inTransaction, type Transaction } from '../contract/target.ts';
import { defineWorkload } from '../contract/workload.ts';

const keyOf = (key: number) => `register/${key}`;

export default defineWorkload({
  name: 'register',
  doc: 'reads, unique writes and swaps on a few keys; no read may be stale, no swap lost',
  needs: [],
  options: { keys: 5, payloadBytes: 0 },
  create({ keys = 5, payloadBytes = 0 }) {
    const padding = ' '.repeat(payloadBytes);
    const readValue = async (transaction: Transaction, key: number) => {
      const found = await transaction.get(keyOf(key));
      return found === undefined ? null : Number(found);
    };
    return {
      setup: async () => undefined,
      next({ random, sequence }) {
        const key = random.below(keys);
        const f = random.pick(['read', 'write', 'write', 'swap']);
        const input: RegisterInput = f === 'read' ? { key } : { key, value: sequence + 1 };
        return { f, value: input };
      },
      invoke: (session, { f, value }) =>
        inTransaction(session, async (transaction): Promise<unknown> => {
          if (f === 'read-all') {
            const all: (number | null)[] = [];
            for (let key = 0; key < keys; key++) all.push(await readValue(transaction, key));
            return all;
          }
          const input = value as RegisterInput;
          const read = f === 'write' ? null : await readValue(transaction, input.key);
          if (f !== 'read') await transaction.put(keyOf(input.key), `${input.value}${padding}`);
          return { read } satisfies RegisterOutput;
        }),
      finalReads: [{ f: 'read-all', value: null }],
    };
  },
});
