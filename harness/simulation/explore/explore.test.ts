import { describe, expect, it } from 'vitest';
import { Prng } from '../../random/prng.ts';
import engine from '../../targets/reference-engine-sim.ts';
import { neverSyncing, onLyingDisk } from '../sim/faulty-targets.ts';
import { CommitLog } from './commit-log.ts';
import { crashChoices } from './crash-choices.ts';
import { explore } from './explore.ts';
import { EXPLORE_LIMITS } from './limits.ts';
import { nameOf, OPERATIONS, workloadOf, workloadsOf } from './operation.ts';
import { workloadCount } from './workload-order.ts';

const parts = {
  ...EXPLORE_LIMITS,
  target: engine,
  settings: { segmentBytes: 4096, blockBytes: 512, cacheBytes: 65_536, fanIn: 2 },
  sectorBytes: 512,
  seed: 1,
  statesMax: 100_000,
};

describe('the explorer', () => {
  it('finds nothing in the engine after any single operation, and counts what it did', async () => {
    const { tally, failure } = await explore({ ...parts, workloads: workloadsOf(1) });
    expect(failure).toBeUndefined();
    expect(tally.workloads).toBe(workloadCount(1));
    expect(tally.distinct).toBeGreaterThan(300);
    expect(tally.nested).toBeGreaterThan(50);
    expect(tally.deepest).toBe(3);
  });

  it('gives the same figures again', async () => {
    const workloads = [workloadOf('flushed: put-a, kill')];
    const [first, again] = [
      await explore({ ...parts, workloads }),
      await explore({ ...parts, workloads }),
    ];
    expect(again).toEqual(first);
  });

  it.each([
    ['a disk that lies', onLyingDisk(engine, 0)],
    ['commits that are not synced', neverSyncing(engine)],
  ])('catches %s, and says what was lost', async (_, target) => {
    const { failure } = await explore({ ...parts, target, workloads: workloadsOf(1) });
    expect(failure?.problem).toBeDefined();
    expect(failure?.workload).toMatch(/^(empty|flushed): /);
  });
});

describe('what a crash may leave', () => {
  it('is every subset of few pieces, and a sample of many with none and all', () => {
    const few = crashChoices(4, EXPLORE_LIMITS, new Prng(1));
    expect(few.exhaustive).toBe(true);
    expect(new Set(few.choices.map(String)).size).toBe(16);
    const many = crashChoices(20, EXPLORE_LIMITS, new Prng(1));
    expect(many.exhaustive).toBe(false);
    const kept = many.choices.map((choice) => choice.filter(Boolean).length);
    expect(Math.min(...kept)).toBe(0);
    expect(Math.max(...kept)).toBe(20);
    expect(kept.filter((count) => count === 19).length).toBeGreaterThanOrEqual(20);
  });
});

describe('the log of commits', () => {
  it('knows which prefix a content is, and that none is', () => {
    const log = new CommitLog();
    log.issue([
      ['a', '1'],
      ['b', '1'],
    ]);
    log.issue([['a', null]]);
    expect(log.prefixOf([], 2)).toBe(0);
    expect(log.prefixOf([['b', '1']], 2)).toBe(2);
    expect(log.prefixOf([['b', '1']], 1)).toBeUndefined();
    expect(log.prefixOf([['a', '1']], 2)).toBeUndefined();
  });
});

describe('the names of workloads', () => {
  it('are read back as they were written', () => {
    for (const workload of workloadsOf(2)) expect(workloadOf(nameOf(workload))).toEqual(workload);
  });

  it.each(['nothing: put-a', 'empty: fly', 'empty'])('%s is refused with what there is', (text) => {
    expect(() => workloadOf(text)).toThrow(/empty and flushed|put-a/);
    expect(OPERATIONS.length).toBeGreaterThan(10);
  });
});
