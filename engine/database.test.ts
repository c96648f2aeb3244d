import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { World } from '../harness/simulation/sim/world.ts';
import {
  engineWorld,
  engineWorldAfter,
  scheduledEngineWorld,
} from '../harness/targets/reference-engine-world.ts';
import { type Database, isStoreError, type OpenOptions, open, utf8, WriteBatch } from './index.ts';

const TINY = { directory: 'store', segmentBytes: 4096, blockBytes: 512, fanIn: 3 } as const;
const bytes = utf8.encode;
const text = (value: Uint8Array | undefined) =>
  value === undefined ? undefined : utf8.decode(value);

const openIn = (world: World, options: Partial<OpenOptions> = {}) =>
  open(world.env, { ...TINY, ...options });

function content(database: Pick<Database, 'range'>, reverse = false): [string, string][] {
  const records = [...database.range({ reverse })];
  return records.map(({ key, value }) => [utf8.decode(key), utf8.decode(value)]);
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'none',
    (error: unknown) => (isStoreError(error) ? error.code : String(error)),
  );
}

const step = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.constant('put' as const), fc.nat(40), fc.nat(600)) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('delete' as const), fc.nat(40), fc.constant(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('checkpoint' as const), fc.nat(0), fc.nat(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('compact' as const), fc.nat(0), fc.nat(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('reopen' as const), fc.nat(0), fc.nat(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('crash' as const), fc.nat(0), fc.nat(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('snapshot' as const), fc.nat(0), fc.nat(0)) },
);

describe('the database', () => {
  it('behaves as a sorted map does, through flushes, merges, snapshots, closes and crashes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 120 }), async (steps) => {
        const model = new Map<string, string>();
        const sorted = () => [...model].sort(([a], [b]) => (a < b ? -1 : 1));
        let world = engineWorld();
        let database = await openIn(world);
        let snapshots: { close(): void; check(): void }[] = [];
        for (const [i, [kind, number, size]] of steps.entries()) {
          const key = `key ${String(number).padStart(3, '0')}`;
          if (kind === 'put') {
            const value = `${i}`.padEnd(size, '.');
            await database.put(bytes(key), bytes(value));
            model.set(key, value);
          } else if (kind === 'delete') {
            await database.delete(bytes(key));
            model.delete(key);
          } else if (kind === 'checkpoint') await database.checkpoint();
          else if (kind === 'compact') await database.compact();
          else if (kind === 'snapshot') {
            const snapshot = database.snapshot();
            const then = sorted();
            const check = () => expect(content(snapshot)).toEqual(then);
            snapshots.push({ close: () => snapshot.close(), check });
          } else {
            for (const snapshot of snapshots) snapshot.check();
            snapshots = [];
            if (kind === 'reopen') await database.close();
            else world = engineWorldAfter(world, 'torn', i);
            database = await openIn(world);
          }
          expect(text(database.get(bytes(key)))).toBe(model.get(key));
        }
        for (const snapshot of snapshots) snapshot.check();
        expect(content(database)).toEqual(sorted());
        expect(content(database, true)).toEqual(sorted().reverse());
        await database.close();
      }),
      { numRuns: 150 },
    );
  });

  it('reads ranges by prefix, bounds and limit', async () => {
    const database = await openIn(engineWorld());
    for (const key of ['a', 'ab', 'abc', 'b', 'ba', 'c'])
      await database.put(bytes(key), bytes(key));
    const keys = (options: Parameters<Database['range']>[0]) =>
      [...database.range(options)].map(({ key }) => utf8.decode(key));
    expect(keys({ prefix: bytes('a') })).toEqual(['a', 'ab', 'abc']);
    expect(keys({ prefix: bytes('a'), reverse: true, limit: 2 })).toEqual(['abc', 'ab']);
    expect(keys({ from: bytes('ab'), to: bytes('c') })).toEqual(['ab', 'abc', 'b', 'ba']);
    expect(keys({ from: bytes('bb'), limit: 5 })).toEqual(['c']);
    expect(keys({ limit: 0 })).toEqual([]);
  });

  it('lets the first committer win, and tells the second which commit stood in its way', async () => {
    const database = await openIn(engineWorld());
    const first = database.begin();
    const second = database.begin();
    first.put(bytes('x'), bytes('1'));
    second.put(bytes('x'), bytes('2'));
    const { timestamp } = await first.commit();
    await expect(second.commit()).rejects.toMatchObject({
      code: 'conflict',
      definite: true,
      details: { blockingTimestamp: timestamp },
    });
    expect(text(database.get(bytes('x')))).toBe('1');
  });

  it('counts a commit that still waits for its sync as a conflict', async () => {
    const database = await openIn(engineWorld());
    const first = database.begin();
    const second = database.begin();
    first.put(bytes('x'), bytes('1'));
    second.put(bytes('x'), bytes('2'));
    const codes = await Promise.all([codeOf(first.commit()), codeOf(second.commit())]);
    expect(codes).toEqual(['none', 'conflict']);
  });

  it('allows write skew under snapshot isolation, as documented', async () => {
    const database = await openIn(engineWorld());
    const [one, two] = [database.begin(), database.begin()];
    expect([one.get(bytes('b')), two.get(bytes('a'))]).toEqual([undefined, undefined]);
    one.put(bytes('a'), bytes('1'));
    two.put(bytes('b'), bytes('1'));
    expect(await Promise.all([codeOf(one.commit()), codeOf(two.commit())])).toEqual([
      'none',
      'none',
    ]);
  });

  it('retries a transaction after a conflict until it wins', async () => {
    const database = await openIn(engineWorld());
    await database.put(bytes('n'), bytes('0'));
    const increment = () =>
      database.transact(async (transaction) => {
        const n = Number(text(transaction.get(bytes('n'))));
        await Promise.resolve();
        transaction.put(bytes('n'), bytes(String(n + 1)));
      });
    await Promise.all(Array.from({ length: 20 }, increment));
    expect(text(database.get(bytes('n')))).toBe('20');
  });

  it('lays a transaction’s own writes over its snapshot, in ranges too', async () => {
    const database = await openIn(engineWorld());
    for (const key of ['a', 'c', 'e']) await database.put(bytes(key), bytes('old'));
    const transaction = database.begin();
    transaction.put(bytes('b'), bytes('new'));
    transaction.delete(bytes('c'));
    transaction.put(bytes('e'), bytes('new'));
    await database.put(bytes('d'), bytes('later'));
    const keys = (reverse: boolean, limit = 9) =>
      [...transaction.range({ reverse, limit })].map(({ key, value }) => text(key)! + text(value)!);
    expect(keys(false)).toEqual(['aold', 'bnew', 'enew']);
    expect(keys(true)).toEqual(['enew', 'bnew', 'aold']);
    expect(keys(false, 2)).toEqual(['aold', 'bnew']);
    transaction.rollback();
    expect(() => transaction.get(bytes('a'))).toThrow('finished');
  });

  it('travels in time down to the safe point, and no further', async () => {
    const database = await openIn(engineWorld(), { retain: { versions: 2 } });
    for (let i = 1; i <= 5; i++) await database.put(bytes('k'), bytes(`${i}`));
    await database.compact();
    using recent = database.snapshotAt(4);
    expect(text(recent.get(bytes('k')))).toBe('4');
    expect(() => database.snapshotAt(2)).toThrow('below the safe point');
    expect(() => database.snapshotAt(99)).toThrow('not visible yet');
  });

  it('reclaims versions and tombstones that no snapshot can see', async () => {
    const database = await openIn(engineWorld());
    for (let i = 0; i < 50; i++) await database.put(bytes('k'), bytes(`${i}`));
    await database.put(bytes('gone'), bytes('x'));
    await database.delete(bytes('gone'));
    await database.compact();
    expect(database.stats().runRecords).toBe(1);
  });

  it('refuses keys, values and transactions beyond their limits before writing anything', async () => {
    const database = await openIn(engineWorld());
    expect(await codeOf(database.put(new Uint8Array(0), bytes('x')))).toBe('key-empty');
    expect(await codeOf(database.put(new Uint8Array(70_000), bytes('x')))).toBe('key-too-large');
    const large = database.put(bytes('k'), new Uint8Array(5000));
    await expect(large).rejects.toMatchObject({ code: 'transaction-too-large', definite: true });
    expect(content(database)).toEqual([]);
  });

  it('takes keys up to their limit', async () => {
    const database = await openIn(engineWorld(), { segmentBytes: 262_144 });
    const longest = new Uint8Array(65_535).fill(7);
    await database.put(longest, bytes('x'));
    await database.compact();
    expect(text(database.get(longest))).toBe('x');
    expect(await codeOf(database.put(new Uint8Array(65_536), bytes('x')))).toBe('key-too-large');
  });

  it('takes the largest transaction that its limit allows into any segment', async () => {
    const { scheduler, env } = scheduledEngineWorld();
    const run = async () => {
      const database = await open(env, TINY);
      const largest = 4096 - 512 - 2 * 56 - 12;
      for (let i = 0; i < 6; i++) {
        await database.put(bytes('k'), new Uint8Array(largest));
        await scheduler.sleep(100); // long enough for a mark in the segment that follows
      }
      await expect(database.put(bytes('k'), new Uint8Array(largest + 9))).rejects.toMatchObject({
        code: 'transaction-too-large',
      });
      await database.close();
    };
    await scheduler.runUntil(run());
  });

  it('lets the later write of a key in one batch win, also after a flush', async () => {
    const database = await openIn(engineWorld());
    const batch = new WriteBatch();
    batch.put(bytes('k'), bytes('first'));
    batch.put(bytes('k'), bytes('second'));
    await database.write(batch);
    expect(content(database)).toEqual([['k', 'second']]);
    expect(content(database, true)).toEqual([['k', 'second']]);
    await database.compact();
    expect(content(database)).toEqual([['k', 'second']]);
  });

  it('serves many commits with one sync', async () => {
    const database = await openIn(engineWorld(), { segmentBytes: 65_536 });
    const before = database.stats().syncs;
    const puts = Array.from({ length: 64 }, (_, i) => database.put(bytes(`${i}`), bytes('x')));
    await Promise.all(puts);
    expect(database.stats().syncs - before).toBe(1);
  });

  it('refuses use after close, and a second close does nothing', async () => {
    const database = await openIn(engineWorld());
    await database.close();
    await database.close();
    expect(() => database.get(bytes('k'))).toThrow('closed');
  });
});
