import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commitsBefore, type LsnGap, withGap } from './lsn-gaps.ts';

describe('gaps between timestamps', () => {
  it('are left out when commits are counted, through crashes that lose some', () => {
    const life = fc.record({ commits: fc.nat(5), lost: fc.nat(5), skipped: fc.nat(30) });
    fc.assert(
      fc.property(fc.array(life, { maxLength: 10 }), fc.nat(60), (lives, count) => {
        let lsns: number[] = [];
        let gaps: readonly LsnGap[] = [];
        let next = 1;
        for (const { commits, lost, skipped } of lives) {
          for (let i = 0; i < commits; i++) lsns.push(next++);
          lsns = lsns.slice(0, Math.max(0, lsns.length - lost));
          next += skipped;
          gaps = withGap(gaps, lsns.at(-1) ?? 0, next);
        }
        const newest = lsns.at(-1) ?? 0;
        expect(commitsBefore(newest, count, gaps)).toBe(lsns.at(-1 - count) ?? 0);
      }),
    );
  });

  it('are bounded in number, and what lies before the oldest known is kept', () => {
    let gaps: readonly LsnGap[] = [];
    for (let i = 1; i <= 3000; i++) gaps = withGap(gaps, 100 * i, 100 * i + 50);
    expect(gaps.length).toBe(1000);
    expect(commitsBefore(300_060, 20, gaps)).toBe(300_000 - 9);
    expect(commitsBefore(300_060, 200_000, gaps)).toBe(0);
  });
});
