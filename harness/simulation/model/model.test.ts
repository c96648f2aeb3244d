import { describe, expect, it } from 'vitest';
import engine from '../../targets/reference-engine-sim.ts';
import type { DirectStore } from '../sim/direct-store.ts';
import { neverSyncing } from '../sim/faulty-targets.ts';
import type { SimulatedTarget } from '../sim/simulated-target.ts';
import { ModelMap } from './model-map.ts';
import { ModelRun } from './model-run.ts';

const settings = { segmentBytes: 4096, blockBytes: 512, cacheBytes: 65_536, fanIn: 2 };

async function firstProblem(target: SimulatedTarget, seeds: number): Promise<string | undefined> {
  for (let seed = 1; seed <= seeds; seed++) {
    const problem = await new ModelRun(target, settings, seed).problem(300);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** The engine, but for some of what its stores do. */
function engineBut(wrong: (store: DirectStore) => Partial<DirectStore>): SimulatedTarget {
  return {
    ...engine,
    async openDirect(...parts) {
      const store = await engine.openDirect(...parts);
      return { ...store, ...wrong(store) };
    },
  };
}

describe('a store against its model', () => {
  it('answers as the map does, and the same again from the same seed', async () => {
    const [first, again] = [new ModelRun(engine, settings, 7), new ModelRun(engine, settings, 7)];
    expect(await first.problem(300)).toBeUndefined();
    expect(await again.problem(300)).toBeUndefined();
    expect(first.comparisons).toBeGreaterThan(1000);
    expect(again.virtualMs).toBe(first.virtualMs);
  });

  it.each<[string, RegExp, SimulatedTarget]>([
    ['loses what it acknowledged', /cut the power: .*(missing|is|records)/, neverSyncing(engine)],
    [
      'mixes up the answers for many keys',
      /get many: get /,
      engineBut((store) => ({ getMany: (keys) => store.getMany(keys).toReversed() })),
    ],
    [
      'ignores the limit of a range',
      /range .*records, not/,
      engineBut((store) => ({ range: ({ limit: _, ...query }) => store.range(query) })),
    ],
    [
      'has snapshots that go with the time',
      /snapshot: /,
      engineBut((store) => ({
        snapshot: () => ({
          ...store.snapshot(),
          get: (key) => store.get(key),
          read: () => store.read(),
        }),
      })),
    ],
    [
      'cuts long values',
      /is .*, not .*letters|a value of \d+ bytes was taken/,
      engineBut((store) => ({
        write: (changes) =>
          store.write(changes.map(([key, value]) => [key, value?.slice(0, 1000) ?? null])),
      })),
    ],
  ])('is caught when it %s', async (_, message, target) => {
    expect(await firstProblem(target, 20)).toMatch(message);
  });
});

describe('the map', () => {
  it('answers ranges in both directions, within bounds, up to a limit', () => {
    const map = new ModelMap([
      ['b', '2'],
      ['a', '1'],
      ['ab', '3'],
    ]);
    expect(map.range({}).map(([key]) => key)).toEqual(['a', 'ab', 'b']);
    expect(map.range({ reverse: true, limit: 2 }).map(([key]) => key)).toEqual(['b', 'ab']);
    expect(map.range({ from: 'ab', to: 'b' }).map(([key]) => key)).toEqual(['ab']);
    expect(map.range({ prefix: 'a', limit: 0 })).toEqual([]);
  });

  it('keeps copies apart', () => {
    const map = new ModelMap([['a', '1']]);
    const copy = map.copy();
    map.apply([['a', null]]);
    expect([map.get('a'), copy.get('a')]).toEqual([undefined, '1']);
  });
});
