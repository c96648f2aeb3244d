import { describe, expect, it } from 'vitest';
import { LatencyOverTime } from './latency-over-time.ts';

describe('latency over time', () => {
  it('shows a pause in the slice that it ended in, and all values in the whole', () => {
    const latencies = new LatencyOverTime(100);
    for (let at = 0; at < 1000; at++) latencies.add(at, at + (at === 450 ? 30 : 0.01));
    const { count, max, overTime = [] } = latencies.summary;
    expect(count).toBe(1000);
    expect(max).toBeCloseTo(30_000, -2);
    expect(overTime.map(([seconds]) => seconds)).toEqual([
      0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1,
    ]);
    expect(overTime.findIndex(([, , , longest]) => longest > 20_000)).toBe(4);
    expect(overTime.every(([, p50]) => p50 < 11)).toBe(true);
  });

  it('keeps a bounded number of slices, however long the run, and its maximum', () => {
    const latencies = new LatencyOverTime(1);
    for (let at = 0; at < 5000; at++) latencies.add(at, at + (at === 77 ? 0.9 : 0.01));
    const { overTime = [] } = latencies.summary;
    expect(overTime.length).toBeGreaterThan(50);
    expect(overTime.length).toBeLessThanOrEqual(120);
    expect(overTime.at(-1)![0]).toBeGreaterThanOrEqual(4.9);
    expect(overTime.filter(([, , , longest]) => longest > 800)).toHaveLength(1);
  });

  it('leaves out slices in which nothing ended, and a timeline of one slice', () => {
    const latencies = new LatencyOverTime(10);
    latencies.add(0, 1);
    expect(latencies.summary.overTime).toBeUndefined();
    latencies.add(1, 95);
    expect(latencies.summary.overTime!.map(([seconds]) => seconds)).toEqual([0.01, 0.1]);
  });
});
