/**
 * Durable set: every operation adds a group of new elements in one transaction. Afterwards the set
 * is read whole: which acknowledged elements are there, and is any group there in part?
 */
import type { AddGroup, SetRead } from '../contract/operation-values.ts';
import { inTransaction } from '../contract/target.ts';
import { defineWorkload } from '../contract/workload.ts';

const PAGE = 2000;

const keyOf = (group: number, element: number) =>
  `set/${String(group).padStart(10, '0')}/${element}`;

export default defineWorkload({
  name: 'durable-set',
  doc: 'adds groups of new elements, one transaction a group; reads the whole set at the end',
  needs: [],
  options: { groupMax: 4, payloadBytes: 40 },
  create({ groupMax = 4, payloadBytes = 40 }) {
    const payload = 'x'.repeat(payloadBytes);
    return {
      setup: async () => undefined,
      next: ({ random, sequence }) => ({
        f: 'add',
        value: { group: sequence, size: random.between(1, groupMax) } satisfies AddGroup,
      }),
      async invoke(session, { f, value }) {
        if (f === 'read') return inTransaction(session, readSet);
        const { group, size } = value as AddGroup;
        await inTransaction(session, async (transaction) => {
          for (let element = 0; element < size; element++) {
            await transaction.put(keyOf(group, element), payload);
          }
        });
        return null;
      },
      finalReads: [{ f: 'read', value: null }],
    };
  },
});

type Reader = Parameters<Parameters<typeof inTransaction>[1]>[0];

async function readSet(transaction: Reader): Promise<SetRead> {
  const groups = new Map<number, number>();
  // Ten thousand groups share a prefix of six digits; reading by prefix keeps pages small.
  for (const [key] of await readAll(transaction, 'set/')) {
    const group = Number(key.slice(4, 14));
    groups.set(group, (groups.get(group) ?? 0) + 1);
  }
  return [...groups];
}

async function readAll(transaction: Reader, prefix: string) {
  const page = await transaction.range({ prefix, limit: PAGE });
  if (page.length < PAGE) return page;
  const rest: (readonly [string, string])[] = [];
  for (let digit = 0; digit < 10; digit++) {
    rest.push(...(await readAll(transaction, `${prefix}${digit}`)));
  }
  rest.push(...(await transaction.range({ prefix: `${prefix}/` })));
  return rest;
}
