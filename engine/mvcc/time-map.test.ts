import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TimeMap } from './time-map.ts';

describe('the map from time to commits', () => {
  it('knows the last commit at any time to the second, and exactly after a pause', () => {
    const gaps = fc.array(fc.nat(3000), { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(gaps, fc.nat(300_000), (all, asked) => {
        const map = new TimeMap();
        const times: number[] = [];
        let now = 5000;
        for (const gap of all) {
          now += gap;
          times.push(now);
          map.record(now, times.length);
        }
        const lastBefore = (ms: number) => times.filter((time) => time <= ms).length;
        for (const at of [asked, now, now + 1, ...times]) {
          const lsn = map.lsnAt(at) ?? 0;
          expect(lsn).toBeLessThanOrEqual(lastBefore(at));
          expect(lsn).toBeGreaterThanOrEqual(lastBefore(at - 1000));
          expect(new TimeMap(map.samples).lsnAt(at) ?? 0).toBe(lsn);
        }
        expect(map.lsnAt(now)).toBe(times.length);
      }),
    );
  });

  it('stays small, and grows coarse with age', () => {
    const map = new TimeMap();
    for (let i = 1; i <= 20_000; i++) map.record(i * 700, i);
    expect(map.samples.length).toBeLessThanOrEqual(513);
    expect(map.lsnAt(20_000 * 700)).toBe(20_000);
    expect(map.lsnAt(19_000 * 700)).toBeGreaterThan(18_000);
  });

  it('is not misled by a clock that goes back', () => {
    const map = new TimeMap([[10_000, 7]]);
    map.record(4000, 8);
    expect(map.lsnAt(9999)).toBeUndefined();
    expect(map.lsnAt(10_000)).toBe(7);
    map.record(11_000, 9);
    expect(map.lsnAt(20_000)).toBe(9);
  });
});
