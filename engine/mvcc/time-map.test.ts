import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TimeMap } from './time-map.ts';

describe('times that are lost', () => {
  it('leave the commits before them visible', () => {
    const times = new TimeMap([[1000, 5]]);
    times.reach(9, 50_000);
    expect([times.lsnAt(999), times.lsnAt(1000), times.lsnAt(60_000)]).toEqual([undefined, 9, 9]);
    times.reach(7, 50_000);
    expect(times.lsnAt(60_000)).toBe(9);
    const none = new TimeMap();
    none.reach(9, 50_000);
    expect([none.lsnAt(49_999), none.lsnAt(50_000)]).toEqual([undefined, 9]);
  });
});

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

  it('follows a clock that was ahead once, also after a restart', () => {
    const year = 365 * 86_400_000;
    const map = new TimeMap();
    map.record(10_000, 1);
    map.record(10_000 + year, 2);
    map.record(12_000, 3);
    for (const each of [map, new TimeMap(map.samples)]) {
      expect([9_000, 11_000, 12_000, 10_000 + year].map((at) => each.lsnAt(at))).toEqual([
        undefined,
        1,
        3,
        3,
      ]);
    }
  });

  it('shows the newest commit now, when the clock was set back since', () => {
    const map = new TimeMap([[10_000, 1]]);
    map.record(90_000, 2);
    map.observe(12_000);
    expect([11_000, 12_000].map((at) => map.lsnAt(at))).toEqual([1, 2]);
  });

  it('follows a clock that was set back, and forgets little for one that was behind once', () => {
    const back = new TimeMap([[10_000, 7]]);
    back.record(4000, 8);
    expect([3999, 4000, 10_000].map((at) => back.lsnAt(at))).toEqual([undefined, 8, 8]);
    back.record(11_000, 9);
    expect(back.lsnAt(20_000)).toBe(9);
    const behind = new TimeMap();
    for (const [i, at] of [10, 20, 30, 0, 40].entries()) behind.record(1000 * at, i + 1);
    expect([15, 25, 35, 40].map((at) => behind.lsnAt(1000 * at))).toEqual([1, 2, 3, 5]);
  });

  it('never shows an older commit at a later time, and the newest at its own, on any clock', () => {
    const times = fc.array(fc.nat(60_000), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(times, fc.nat(79), (all, cut) => {
        let map = new TimeMap();
        for (const [i, at] of all.entries()) {
          map.record(at, i + 1);
          if (i === cut) map = new TimeMap(map.samples);
        }
        for (const [i, at] of all.slice(0, cut).entries()) map.record(at, i + 1); // as replay does
        const shown = Array.from({ length: 62 }, (_, second) => map.lsnAt(1000 * second) ?? 0);
        expect(shown).toEqual([...shown].sort((a, b) => a - b));
        expect(map.lsnAt(all.at(-1)! + 1000)).toBe(all.length);
        expect(map.samples.length).toBeLessThanOrEqual(514);
      }),
    );
  });
});
