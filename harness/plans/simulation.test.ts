import { describe, expect, it } from 'vitest';
import durability from '../checkers/durability.ts';
import { operationsOf } from '../contract/pairing.ts';
import powerLossClean from '../faults/power-loss-clean.ts';
import powerLossTorn from '../faults/power-loss-torn.ts';
import { historyHash } from '../history/recorder.ts';
import target from '../targets/reference-engine-sim.ts';
import bank from '../workloads/bank.ts';
import durableSet from '../workloads/durable-set.ts';
import { runCrashStates } from './crash/crash-states.ts';
import { runSeeds } from './seeds.ts';
import { simulate } from './simulation.ts';

const settings = { segmentBytes: 4096, blockBytes: 1024, fanIn: 3 };
const faults = [powerLossClean, powerLossTorn];
const common = { target, faults, settings, workloadOptions: {}, progress: () => true };

describe('a simulation', () => {
  it('is the same twice: history, next random number and clock', async () => {
    for (const workload of [bank, durableSet]) {
      for (let seed = 1; seed <= 5; seed++) {
        const parts = { ...common, workload, seed, clients: 5, operations: 120 };
        const [first, second] = [await simulate(parts), await simulate(parts)];
        expect(historyHash(second.events)).toBe(historyHash(first.events));
        expect(second.nextRandom).toBe(first.nextRandom);
        expect(second.virtualMs).toBe(first.virtualMs);
        expect(second.schedulerEvents).toBe(first.schedulerEvents);
      }
    }
  });

  it('is another one with another seed', async () => {
    const hashes = new Set<string>();
    for (let seed = 1; seed <= 5; seed++) {
      const run = await simulate({ ...common, workload: bank, seed, clients: 4, operations: 50 });
      hashes.add(historyHash(run.events));
    }
    expect(hashes.size).toBe(5);
  });

  it('ends in indefinite outcomes when a sync fails, and in refusals after that', async () => {
    const outcomes = new Set<string>();
    for (let seed = 1; seed <= 8; seed++) {
      const parts = { ...common, workload: durableSet, seed, clients: 4, operations: 80 };
      const { events } = await simulate({ ...parts, failSync: true });
      for (const { type, output } of operationsOf(events)) outcomes.add(`${type} ${output}`);
    }
    expect(outcomes).toContain('info store-failed');
    expect(outcomes).toContain('fail store-failed');
  });
});

describe('the runners', () => {
  const plan = {
    kind: 'crash-states',
    states: 300,
    operations: 30,
    clients: 3,
    everyStep: 2,
  } as const;

  it('judge crash states, the same way twice', async () => {
    const parts = { ...common, workload: durableSet, checkers: [durability], plan, seed: 7 };
    const [first, second] = [await runCrashStates(parts), await runCrashStates(parts)];
    expect(first.verdict.validity).toBe('valid');
    expect(first.figures.crashStates).toBe(300);
    expect(second).toEqual(first);
  });

  it('report a crash state that is not valid, with its place and its history', async () => {
    const pessimist = {
      ...durability,
      check: () => ({ validity: 'invalid' as const, reasons: ['because'], counts: {} }),
    };
    const parts = { ...common, workload: durableSet, checkers: [pessimist], plan, seed: 7 };
    const { verdict, events } = await runCrashStates(parts);
    expect(verdict.validity).toBe('invalid');
    expect(verdict.reasons[0]).toMatch(/because — run seed \d+, power-loss-clean after step 1/);
    expect(events).toBeDefined();
  });

  it('turn a checker that throws into unknown', async () => {
    const broken = {
      ...durability,
      check: () => {
        throw new Error('oops');
      },
    };
    const seeds = { kind: 'seeds', seeds: 2, operations: 20, clients: 2 } as const;
    const parts = { ...common, workload: durableSet, checkers: [broken], plan: seeds, seed: 7 };
    const { verdict } = await runSeeds(parts);
    expect(verdict).toMatchObject({ validity: 'unknown' });
  });
});
