import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { engineWorld } from '../../harness/targets/reference-engine-world.ts';
import { type Database, open, utf8, verifyStore } from '../index.ts';
import { readManifest } from '../manifest/manifest.ts';
import { encodeManifest } from '../manifest/manifest-format.ts';
import { bytesOf, disjointGroups, hexOf, type RunSpan } from './run-span.ts';

const OPTIONS = { directory: 'store', segmentBytes: 16_384, blockBytes: 512, fanIn: 2 } as const;
const keyOf = (i: number) => utf8.encode(`key ${String(i).padStart(4, '0')}`);
const KEYS = 120;

/** One flush: keys that are put or deleted, and whether a snapshot is held from before it. */
const flush = fc.record({
  from: fc.nat(KEYS - 1),
  count: fc.integer({ min: 1, max: 40 }),
  deletes: fc.boolean(),
  again: fc.boolean(),
  held: fc.boolean(),
  compacts: fc.nat(5).map((choice) => choice === 0),
});
type Flush = typeof flush extends fc.Arbitrary<infer T> ? T : never;
type Model = Map<number, string>;

async function apply(store: Database, model: Model, round: number, one: Flush): Promise<void> {
  const { from, count, deletes, again } = one;
  for (let i = from; i < Math.min(KEYS, from + count); i++) {
    for (let time = again ? 0 : 1; time < 2; time++) {
      const value = `${round} ${time} ${'x'.repeat(40)}`;
      if (deletes && i % 3 === 0) {
        model.delete(i);
        await store.delete(keyOf(i));
      } else {
        model.set(i, value);
        await store.put(keyOf(i), utf8.encode(value));
      }
    }
  }
  await store.checkpoint();
  if (one.compacts) await store.compact();
}

/** What a store or a snapshot answers to points and to ranges in both directions, as texts. */
function answersOf(
  reader: Pick<Database, 'get' | 'range'>,
  from: number,
  to: number,
): (string | undefined)[][] {
  const points = Array.from({ length: KEYS }, (_, i) => {
    const value = reader.get(keyOf(i));
    return value === undefined ? undefined : utf8.decode(value);
  });
  const walks = [false, true].map((reverse) => {
    const range = { from: keyOf(from), to: keyOf(to), reverse };
    return [...reader.range(range)].map(({ key, value }) => utf8.decode(key) + utf8.decode(value));
  });
  return [points, ...walks];
}

function expectedOf(model: Model, from: number, to: number): (string | undefined)[][] {
  const points = Array.from({ length: KEYS }, (_, i) => model.get(i));
  const within = [...model].filter(([i]) => i >= from && i < to).sort(([a], [b]) => a - b);
  const up = within.map(([i, value]) => utf8.decode(keyOf(i)) + value);
  return [points, up, up.toReversed()];
}

describe('runs that are read as one', () => {
  it('answer points, ranges and snapshots as a map does, whatever overlaps', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(flush, { minLength: 1, maxLength: 10 }),
        fc.nat(KEYS),
        fc.nat(KEYS),
        async (flushes, one, other) => {
          const [from, to] = [Math.min(one, other), Math.max(one, other)];
          const world = engineWorld();
          let store = await open(world.env, OPTIONS);
          const model: Model = new Map();
          const held: { answers: () => unknown; expected: unknown; close(): void }[] = [];
          for (const [round, each] of flushes.entries()) {
            if (each.held) {
              const snapshot = store.snapshot();
              held.push({
                answers: () => answersOf(snapshot, from, to),
                expected: expectedOf(model, from, to),
                close: () => snapshot.close(),
              });
            }
            await apply(store, model, round, each);
            expect(answersOf(store, from, to)).toEqual(expectedOf(model, from, to));
          }
          for (const { answers, expected, close } of held) {
            expect(answers()).toEqual(expected);
            close();
          }
          await store.close();
          expect(verifyStore(world.disk, 'store').problems).toEqual([]);
          store = await open(world.env, OPTIONS);
          expect(answersOf(store, from, to)).toEqual(expectedOf(model, from, to));
          await store.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  it('walk on over runs that were merged away meanwhile', async () => {
    const world = engineWorld();
    const store = await open(world.env, OPTIONS);
    for (let i = 0; i < KEYS; i++) {
      await store.put(keyOf(i), utf8.encode('x'.repeat(40)));
      if (i % 10 === 9) await store.checkpoint();
    }
    const walk = store.range({ from: keyOf(0) })[Symbol.iterator]();
    expect(walk.next().done).toBe(false);
    await store.put(keyOf(5), utf8.encode('y'));
    await store.compact();
    let seen = 1;
    while (walk.next().done !== true) seen++;
    expect(seen).toBe(KEYS);
    await store.close();
  });
});

describe('a load in key order', () => {
  async function merges(order: (i: number) => number): Promise<number> {
    const world = engineWorld();
    const store = await open(world.env, { ...OPTIONS, durability: 'none' });
    for (let i = 0; i < 5000; i++) {
      await store.put(keyOf(order(i)), new Uint8Array(100));
    }
    await store.checkpoint();
    const { compactions, runs } = store.stats();
    expect(runs).toBeGreaterThan(compactions === 0 ? 20 : 0);
    await store.compact();
    for (let i = 0; i < 5000; i += 7) expect(store.get(keyOf(i))).toHaveLength(100);
    expect([...store.range({})]).toHaveLength(5000);
    await store.close();
    expect(verifyStore(world.disk, 'store').problems).toEqual([]);
    return compactions;
  }

  it('merges nothing, upwards or downwards; one in no order does', async () => {
    expect(await merges((i) => i)).toBe(0);
    expect(await merges((i) => 4999 - i)).toBe(0);
    expect(await merges((i) => (i * 1237) % 5000)).toBeGreaterThan(0);
  });

  it('does not keep tombstones that a merge would drop', async () => {
    const world = engineWorld();
    const store = await open(world.env, { ...OPTIONS, durability: 'none' });
    for (let i = 0; i < 5000; i++) {
      await store.put(keyOf(i), new Uint8Array(100));
      if (i >= 10) await store.delete(keyOf(i - 10)); // a queue
    }
    await store.compact();
    expect(store.stats().runRecords).toBeLessThanOrEqual(10);
    await store.close();
  });
});

describe('the span that a manifest states', () => {
  it('is checked against the run by verify', async () => {
    const world = engineWorld();
    const store = await open(world.env, OPTIONS);
    for (let i = 10; i < 60; i++) await store.put(keyOf(i), new Uint8Array(50));
    await store.close();
    const state = readManifest(world.disk, 'store')!;
    const stated = state.runs[0]!.span!;
    expect(stated).toEqual([hexOf(keyOf(10)), hexOf(keyOf(59))]);
    const said = (span: RunSpan) => {
      const forged = { ...state, runs: [{ ...state.runs[0]!, span }] };
      world.disk.remove('store/MANIFEST');
      const file = world.disk.open('store/MANIFEST', 'create');
      world.disk.append(file, encodeManifest(forged));
      world.disk.close(file);
      return verifyStore(world.disk, 'store').problems.map(({ what }) => what);
    };
    expect(said(stated)).toEqual([]);
    expect(said([stated[0], hexOf(keyOf(58))])).toEqual([expect.stringContaining('last key')]);
    expect(said([hexOf(keyOf(9)), stated[1]])).toEqual([expect.stringContaining('first or last')]);
    expect(said([stated[1], stated[0]])).toEqual([expect.stringContaining('runs cannot be')]);
  });
});

describe('groups of spans', () => {
  const span = fc.tuple(fc.nat(60), fc.nat(8)).map(([first, length]): RunSpan => {
    return [hexOf(Uint8Array.of(first)), hexOf(Uint8Array.of(first + length))];
  });
  const overlap = (a: RunSpan, b: RunSpan) => a[0] <= b[1] && b[0] <= a[1];

  it('hold neighbours that do not overlap, and end only where one would', () => {
    fc.assert(
      fc.property(fc.array(fc.option(span, { nil: undefined }), { maxLength: 20 }), (all) => {
        const groups = disjointGroups(all, (one) => one);
        expect(groups.flat()).toEqual(all);
        for (const [i, group] of groups.entries()) {
          expect(group.length === 1 || group.every((one) => one !== undefined)).toBe(true);
          for (const [j, a] of group.entries()) {
            for (const b of group.slice(j + 1)) expect(overlap(a!, b!)).toBe(false);
          }
          const next = groups[i + 1]?.[0];
          if (next === undefined || group[0] === undefined) continue;
          expect(group.some((one) => overlap(one!, next))).toBe(true);
        }
      }),
    );
  });

  it('are of texts that compare as the bytes do, and turn back into them', () => {
    const bytes = fc.uint8Array({ maxLength: 6 });
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(bytesOf(hexOf(a))).toEqual(a);
        expect(hexOf(a) < hexOf(b)).toBe(Buffer.compare(a, b) < 0);
      }),
    );
  });
});
