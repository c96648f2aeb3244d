import { describe, expect, it } from 'vitest';
import { machineLoad } from './machine-load.ts';

const ticks = (busy: number, stolen: number, all: number) => ({ busy, stolen, all });

describe('the load of the machine', () => {
  it('is what others used beside this process, and what was stolen', () => {
    // Ten seconds on two processors: 12 busy, 9 of them its own.
    const load = machineLoad(ticks(0, 0, 0), ticks(1200, 100, 2000), 9, 10)!;
    expect(load.otherCpus).toBeCloseTo(0.3);
    expect(load.stealShare).toBeCloseTo(0.05);
    expect(load.contaminated).toBe(true);
  });

  it('marks no measurement on a machine of its own, or where nothing is known', () => {
    const alone = machineLoad(ticks(0, 0, 0), ticks(910, 1, 2000), 9, 10)!;
    expect(alone.contaminated).toBe(false);
    expect(machineLoad(undefined, ticks(1, 1, 1), 1, 1)).toBeUndefined();
  });

  it('marks steal alone, and other work alone', () => {
    const stolen = machineLoad(ticks(0, 0, 0), ticks(900, 60, 2000), 9, 10)!;
    expect(stolen).toMatchObject({ otherCpus: 0, contaminated: true });
    const beside = machineLoad(ticks(0, 0, 0), ticks(1400, 0, 2000), 9, 10)!;
    expect(beside).toMatchObject({ otherCpus: 0.5, stealShare: 0, contaminated: true });
  });
});
