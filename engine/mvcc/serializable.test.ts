import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { engineWorld } from '../../harness/targets/reference-engine-world.ts';
import type { Database } from '../database.ts';
import { utf8 } from '../format/bytes.ts';
import { open } from '../open.ts';
import type { Isolation, Transaction } from './transaction.ts';

const key = utf8.encode;
const ONE = utf8.encode('1');

async function store(isolation: Isolation = 'serializable'): Promise<Database> {
  const settings = { directory: 'store', segmentBytes: 4096, isolation };
  const database = await open(engineWorld().env, settings);
  await database.transact((t) => {
    for (const name of ['x', 'y', 'z5']) t.put(key(name), ONE);
  });
  return database;
}

const codeOf = (commit: Promise<unknown>) =>
  commit.then(
    () => 'committed',
    (error: { code: string }) => error.code,
  );

describe('a serializable transaction', () => {
  it('refuses write skew, which a snapshot transaction allows', async () => {
    for (const isolation of ['snapshot', 'serializable'] as const) {
      const database = await store(isolation);
      const [one, two] = [database.begin(), database.begin()];
      for (const t of [one, two]) for (const name of ['x', 'y']) t.get(key(name));
      one.put(key('x'), utf8.encode('0'));
      two.put(key('y'), utf8.encode('0'));
      expect(await codeOf(one.commit())).toBe('committed');
      const expected = isolation === 'snapshot' ? 'committed' : 'conflict';
      expect(await codeOf(two.commit())).toBe(expected);
      await database.close();
    }
  });

  it('refuses phantoms within what it saw of a range, and not beyond', async () => {
    const walk = (t: Transaction, limit: number, reverse: boolean) => [
      ...t.range({ prefix: key('z'), limit, reverse }),
    ];
    const cases = [
      { limit: 9, reverse: false, insert: 'z7', code: 'conflict' },
      { limit: 1, reverse: false, insert: 'z7', code: 'committed' },
      { limit: 1, reverse: false, insert: 'z3', code: 'conflict' },
      { limit: 1, reverse: true, insert: 'z3', code: 'committed' },
      { limit: 1, reverse: true, insert: 'z7', code: 'conflict' },
      { limit: 9, reverse: false, insert: 'w', code: 'committed' },
    ];
    for (const { limit, reverse, insert, code } of cases) {
      const database = await store();
      const reader = database.begin();
      walk(reader, limit, reverse);
      await database.put(key(insert), ONE);
      reader.put(key('result'), ONE);
      expect([insert, limit, reverse, await codeOf(reader.commit())]).toEqual([
        insert,
        limit,
        reverse,
        code,
      ]);
      await database.close();
    }
  });

  it('that only reads always commits', async () => {
    const database = await store();
    const reader = database.begin();
    reader.get(key('x'));
    await database.put(key('x'), utf8.encode('2'));
    expect(await codeOf(reader.commit())).toBe('committed');
    await database.close();
  });

  it('whose writes were all refused commits nothing', async () => {
    const database = await store();
    const t = database.begin();
    expect(() => t.put(key(''), ONE)).toThrow();
    expect(() => t.put(key('x'), new Uint8Array(5000))).toThrow();
    expect(await t.commit()).toEqual({ timestamp: 0 });
    await database.close();
  });

  it('leaves the state that some serial order of the committed ones leaves (property)', async () => {
    const names = ['a', 'b', 'c'];
    const step = fc.record({
      client: fc.nat(2),
      kind: fc.constantFrom('read', 'sum', 'write', 'commit'),
      name: fc.constantFrom(...names),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const database = await open(engineWorld().env, {
          directory: 'store',
          segmentBytes: 4096,
          isolation: 'serializable',
        });
        const numberOf = (value: Uint8Array | undefined) =>
          value === undefined ? 0 : Number(utf8.decode(value));
        const open3 = names.map(() => ({
          transaction: database.begin(),
          seen: 1,
          log: [] as string[],
        }));
        // What committed, in commit order, as steps to repeat on an in-memory map.
        const committed: string[][] = [];
        for (const { client, kind, name } of steps) {
          const one = open3[client]!;
          const { transaction } = one;
          if (kind === 'read') one.seen += numberOf(transaction.get(key(name)));
          else if (kind === 'sum') {
            for (const { value } of transaction.range()) one.seen += numberOf(value);
          } else if (kind === 'write')
            transaction.put(key(name), utf8.encode(String(one.seen % 997)));
          if (kind !== 'commit') one.log.push(`${kind} ${name}`);
          else {
            if ((await codeOf(transaction.commit())) === 'committed') committed.push(one.log);
            open3[client] = { transaction: database.begin(), seen: 1, log: [] };
          }
        }
        const model = new Map<string, number>();
        for (const log of committed) {
          let seen = 1;
          for (const entry of log) {
            const [kind, name] = entry.split(' ') as [string, string];
            if (kind === 'read') seen += model.get(name) ?? 0;
            else if (kind === 'sum') for (const value of model.values()) seen += value;
            else model.set(name, seen % 997);
          }
        }
        for (const name of names) {
          expect(numberOf(database.get(key(name)))).toBe(model.get(name) ?? 0);
        }
        for (const { transaction } of open3) transaction.rollback();
        await database.close();
      }),
    );
  });
});
