import { describe, expect, it } from 'vitest';
import type { SimulatedTarget } from '../../simulation/sim/simulated-target.ts';
import engine from '../../targets/reference-engine-sim.ts';
import { runRepair } from './repair.ts';

const settings = { segmentBytes: 4096, blockBytes: 512, cacheBytes: 65_536, fanIn: 2 };
const workload = { name: 'none', doc: '', needs: [], options: {}, create: () => ({}) as never };

function run(target: SimulatedTarget) {
  const plan = { kind: 'repair', faults: 200, commits: 40 } as const;
  const progress = () => true;
  return runRepair({
    target,
    settings,
    plan,
    seed: 1,
    progress,
    workload,
    workloadOptions: {},
    checkers: [],
  });
}

/** The engine, repaired by something else. */
const repairedBy = (repair: SimulatedTarget['repair'] & {}): SimulatedTarget => ({
  ...engine,
  repair,
});

describe('repairs', () => {
  it('leave a whole store, and say what they gave up', async () => {
    const { verdict, figures } = await run(engine);
    expect(verdict).toMatchObject({ validity: 'valid', reasons: [] });
    expect(figures.repaired).toBeGreaterThan(100);
    expect(figures.repaired! + figures.beyondRepair!).toBeLessThanOrEqual(figures.damagedStores!);
  });

  it.each<[string, RegExp, SimulatedTarget]>([
    [
      'do nothing',
      /after the repair|nothing is given up/,
      repairedBy(async () => ({ problems: ['it'], givenUp: ['all'] })),
    ],
    [
      'hide what they gave up',
      /records differ, and nothing is given up/,
      repairedBy(async (...parts) => ({ ...(await engine.repair!(...parts)), givenUp: [] })),
    ],
    [
      'crash',
      /an untyped error: no idea/,
      repairedBy(async () => {
        throw new TypeError('no idea');
      }),
    ],
  ])('are caught when they %s', async (_, message, target) => {
    const { verdict } = await run(target);
    expect(verdict.validity).toBe('invalid');
    expect(verdict.reasons[0]).toMatch(message);
  });

  it('prove nothing when nothing could be repaired', async () => {
    const { verdict } = await run(repairedBy(async () => ({ problems: [], givenUp: [] })));
    expect(verdict.validity).toBe('unknown');
  });
});
