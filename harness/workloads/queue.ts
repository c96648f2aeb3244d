/** Queue: adds elements at the end, takes them from the front, and takes stock at the end. */
import { inTransaction } from '../contract/target.ts';
import { defineWorkload } from '../contract/workload.ts';

const PREFIX = 'queue/';

const keyOf = (element: number) => `${PREFIX}${String(element).padStart(10, '0')}`;

export default defineWorkload({
  name: 'queue',
  doc: 'enqueues and dequeues; every element is dequeued once',
  needs: [],
  options: {},
  create: () => ({
    setup: async () => undefined,
    next: ({ random, sequence }) =>
      random.chance(0.55) ? { f: 'enqueue', value: sequence } : { f: 'dequeue', value: null },
    invoke: (session, { f, value }) =>
      inTransaction(session, async (transaction): Promise<unknown> => {
        if (f === 'enqueue') {
          await transaction.put(keyOf(value as number), String(value));
          return value;
        }
        if (f === 'drain') {
          const left = await transaction.range({ prefix: PREFIX });
          return left.map(([, element]) => Number(element));
        }
        const [first] = await transaction.range({ prefix: PREFIX, limit: 1 });
        if (first === undefined) {
          throw Object.assign(new Error('the queue is empty'), { code: 'empty', definite: true });
        }
        await transaction.delete(first[0]);
        return Number(first[1]);
      }),
    finalReads: [{ f: 'drain', value: null }],
  }),
});
