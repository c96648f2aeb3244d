import { describe, expect, it } from 'vitest';
import strongSnapshotIsolation from '../../checkers/strong-snapshot-isolation.ts';
import { readRegressions } from '../../cli/regressions.ts';
import { historyHash } from '../../history/recorder.ts';
import { Prng } from '../../random/prng.ts';
import engine from '../../targets/reference-engine-sim.ts';
import listAppend from '../../workloads/list-append.ts';
import { neverSyncing } from '../sim/faulty-targets.ts';
import type { SimulatedTarget } from '../sim/simulated-target.ts';
import { judgeStorm } from './judge-storm.ts';
import { drawFaults, ENDING_FAULTS, STORM_FAULT_NAMES, type StormFault } from './knobs.ts';
import { planOfRegression } from './regression.ts';
import { shrinkStorm } from './shrink-storm.ts';
import { type StormPlan, USUAL_PACE } from './storm-plan.ts';

const parts = {
  target: engine,
  settings: { segmentBytes: 4096, blockBytes: 1024, fanIn: 3 },
  workload: listAppend,
  workloadOptions: {},
  checkers: [strongSnapshotIsolation],
};

const everything = (seed: number): StormPlan => ({
  seed,
  clients: 4,
  operations: 120,
  ...USUAL_PACE,
  faults: new Set(STORM_FAULT_NAMES),
});

describe('a storm', () => {
  it('is the same again from the same seed, and another from another', async () => {
    const hashOf = async (seed: number) =>
      historyHash((await judgeStorm(parts, everything(seed))).events);
    const [first, again, other] = [await hashOf(1), await hashOf(1), await hashOf(2)];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it('does not accuse a clean store, with every fault on', async () => {
    for (let seed = 10; seed < 20; seed++) {
      const { verdict } = await judgeStorm(parts, everything(seed));
      expect(verdict).toMatchObject({ validity: 'valid' });
    }
  });

  it('catches a store that acknowledges what it has not synced', async () => {
    const faults = new Set<StormFault>(['lose-unsynced']);
    const verdicts: string[] = [];
    for (let seed = 0; seed < 5; seed++) {
      const plan = { ...everything(seed), faults };
      verdicts.push(
        (await judgeStorm({ ...parts, target: neverSyncing(engine) }, plan)).verdict.validity,
      );
    }
    expect(verdicts).toContain('invalid');
  });

  it('says when the store does not come back afterwards', async () => {
    const dead: SimulatedTarget = {
      ...engine,
      async open(env, directory, settings, pause) {
        if (env.disk.list(directory).length > 0) await new Promise(() => undefined);
        return engine.open(env, directory, settings, pause);
      },
    };
    const faults = new Set<StormFault>(['kill']);
    const plan = { ...everything(3), operations: 2000, faults };
    const { problem } = await judgeStorm({ ...parts, target: dead }, plan);
    expect(problem).toMatch(/deadlock|does not answer/);
  });

  it('draws faults that end a process, whatever the seed', () => {
    for (let seed = 0; seed < 200; seed++) {
      const faults = drawFaults(new Prng(seed));
      expect(ENDING_FAULTS.some((fault) => faults.has(fault))).toBe(true);
    }
  });
});

describe('shrinking a storm', () => {
  it('leaves out what does not matter', async () => {
    const fails = async ({ operations, clients, faults }: StormPlan) =>
      operations >= 7 && clients >= 2 && faults.has('kill') && faults.has('disk-full');
    const small = await shrinkStorm(everything(1), fails);
    expect(small).toMatchObject({ operations: 7, clients: 2 });
    expect([...small.faults].sort()).toEqual(['disk-full', 'kill']);
  });
});

describe('the kept regressions', () => {
  it.each(readRegressions())('%s does not fail any more', async (_, regression) => {
    const plan = planOfRegression(regression);
    const { verdict } = await judgeStorm({ ...parts, settings: regression.settings }, plan);
    expect(verdict).toMatchObject({ validity: 'valid' });
  });
});
