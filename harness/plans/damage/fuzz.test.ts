import { describe, expect, it } from 'vitest';
import { editBytes } from '../../fuzz/byte-edits.ts';
import { Prng } from '../../random/prng.ts';
import type { DirectStore } from '../../simulation/sim/direct-store.ts';
import type { SimulatedTarget } from '../../simulation/sim/simulated-target.ts';
import engine from '../../targets/reference-engine-sim.ts';
import { runFuzz } from './fuzz.ts';

const settings = { segmentBytes: 4096, blockBytes: 512, cacheBytes: 65_536, fanIn: 2 };
const workload = { name: 'none', doc: '', needs: [], options: {}, create: () => ({}) as never };

function run(target: SimulatedTarget, more = {}) {
  return runFuzz({
    target,
    settings: { ...settings, ...more },
    plan: { kind: 'fuzz', files: 300 },
    seed: 1,
    progress: () => true,
    workload,
    workloadOptions: {},
    checkers: [],
  });
}

/** The engine, but for some of what its stores do. */
const engineBut = (wrong: (store: DirectStore) => Partial<DirectStore>): SimulatedTarget => ({
  ...engine,
  async openDirect(...parts) {
    const store = await engine.openDirect(...parts);
    return { ...store, ...wrong(store) };
  },
});

describe('fuzzed files', () => {
  it.each([{}, { compression: 'zstd' }])('never end the engine (%o)', async (more) => {
    const { verdict, figures } = await run(engine, more);
    expect(verdict).toMatchObject({ validity: 'valid', reasons: [] });
    for (const kind of ['run', 'log', 'manifest', 'sealedAgain', 'refused', 'readAnyway']) {
      expect(figures[kind]).toBeGreaterThan(10);
    }
  });

  it.each<[string, RegExp, SimulatedTarget]>([
    [
      'ends in a programmer’s error',
      /an untyped error: TypeError/,
      engineBut(() => ({
        compact: async () => {
          throw new TypeError('no idea');
        },
      })),
    ],
    [
      'leaves something out',
      /shows what was not written, or leaves something out/,
      engineBut((store) => ({
        read: () => store.read().slice(1),
        readReversed: () => store.readReversed().slice(1),
      })),
    ],
    ['verifies everything as whole', /verify finds nothing, and/, { ...engine, verify: () => [] }],
  ])('are caught when a store %s', async (_, message, target) => {
    const { verdict } = await run(target);
    expect(verdict.validity).toBe('invalid');
    expect(verdict.reasons[0]).toMatch(message);
  });
});

describe('edits of bytes', () => {
  it('are the same from the same seed, and leave the original alone', () => {
    const original = Uint8Array.from({ length: 900 }, (_, i) => i);
    const kept = original.slice();
    for (let seed = 0; seed < 200; seed++) {
      const [first, again] = [1, 2].map(() => editBytes(original, new Prng(seed)));
      expect(again).toEqual(first);
    }
    expect(original).toEqual(kept);
  });
});
