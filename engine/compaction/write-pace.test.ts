import { describe, expect, it } from 'vitest';
import { WritePace } from './write-pace.ts';

const SEGMENT_BYTES = 1000;

/** A pace over a clock and segments that the test moves. */
function paced(sealed: number, usedBytes = 0) {
  const world = { nowMs: 0, rests: [] as number[] };
  const log = { active: { size: SEGMENT_BYTES, usedBytes } };
  const tree = { sealed: Array.from({ length: sealed }, () => ({})) };
  const clock = {
    wallMs: () => 0,
    monotonicMs: () => world.nowMs,
    after: () => ({ cancel: () => undefined }),
    rest: async (ms: number) => {
      world.rests.push(ms);
      world.nowMs += ms;
    },
  };
  const parts = { clock, segmentBytes: SEGMENT_BYTES, maxUnflushedBytes: 4 * SEGMENT_BYTES };
  const pace = new WritePace({ ...parts, log: log as never, tree: tree as never });
  return { pace, world, active: log.active, tree, clock };
}

describe('the pace of writes', () => {
  it('is none while memory has room for the active segment and the next', () => {
    const { pace, active } = paced(1);
    pace.expectFlush(1000);
    active.usedBytes = 999;
    expect(pace.allows).toBe(true);
  });

  it('spreads the active segment over the time that a flush takes', async () => {
    const { pace, world, active } = paced(2);
    pace.expectFlush(800); // a quarter more: a millisecond for each byte
    active.usedBytes = 10;
    expect(pace.allows).toBe(true);
    active.usedBytes = 30;
    expect(pace.allows).toBe(false);
    await pace.wait();
    expect(world.rests).toEqual([30]);
    expect(pace.allows).toBe(true);
    active.usedBytes = 900;
    await pace.wait();
    expect(world.rests[1]).toBe(50); // it looks again before long
  });

  it('spreads half of it where the next one waits for the flush', () => {
    const { pace, world, active } = paced(3);
    pace.expectFlush(800);
    world.nowMs = 100;
    active.usedBytes = 55; // of 500 in 1,000 ms
    expect(pace.allows).toBe(true);
    active.usedBytes = 56;
    expect(pace.allows).toBe(false);
  });

  it('ends when a segment is flushed, and where a flush is short or late', () => {
    const { pace, world, active, tree } = paced(2);
    pace.expectFlush(800);
    active.usedBytes = 500;
    expect(pace.allows).toBe(false);
    tree.sealed.pop();
    pace.set();
    expect(pace.allows).toBe(true);
    const short = paced(2);
    short.pace.expectFlush(100);
    short.active.usedBytes = 500;
    expect(short.pace.allows).toBe(true);
    tree.sealed.push({});
    world.nowMs = 2000;
    pace.set();
    expect(pace.allows).toBe(true);
  });

  it('ends where no time passes, or no timer can be had', async () => {
    for (const rest of [async () => undefined, () => Promise.reject(new Error('no timer'))]) {
      const { pace, active, clock } = paced(2);
      clock.rest = rest;
      pace.expectFlush(800);
      active.usedBytes = 500;
      await pace.wait();
      expect(pace.allows).toBe(true);
    }
  });
});
