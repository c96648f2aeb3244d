import { expect, it } from 'vitest';
import { Prng } from '../random/prng.ts';
import { slopeInterval } from './slope.ts';

it('the interval of a slope holds the true one and tells growth from noise', () => {
  const random = new Prng(1);
  const noisy = (slope: number) =>
    Array.from({ length: 100 }, (_, x): [number, number] => [x, slope * x + 5 * random.fraction()]);
  const [low, high] = slopeInterval(noisy(0.5));
  expect(low).toBeGreaterThan(0.45);
  expect(high).toBeLessThan(0.55);
  const [flatLow] = slopeInterval(noisy(0));
  expect(flatLow).toBeLessThan(0);
  expect(slopeInterval([[0, 1]])).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
});

/** What a collector makes of memory: it grows for a while, and falls; `period` samples long. */
function sawTooth(slope: number, period: number, height: number): [number, number][] {
  return Array.from({ length: 180 }, (_, x) => [
    x,
    slope * x + (height * ((x + 17) % period)) / period,
  ]);
}

it('a saw tooth is no growth, and growth that exceeds it is found', () => {
  for (const period of [20, 45, 70]) {
    const [low, high] = slopeInterval(sawTooth(0, period, 30));
    expect(low).toBeLessThan(0);
    expect(high).toBeGreaterThan(0);
    expect(slopeInterval(sawTooth(0.8, period, 30))[0]).toBeGreaterThan(0);
  }
});

it('nineteen of twenty intervals hold the true slope, though each sample hangs on the one before', () => {
  const random = new Prng(2);
  let held = 0;
  for (let run = 0; run < 400; run++) {
    let wander = 0;
    const points = Array.from({ length: 180 }, (_, x): [number, number] => {
      wander = 0.9 * wander + random.fraction() - 0.5;
      return [x, 0.3 * x + wander];
    });
    const [low, high] = slopeInterval(points);
    if (low <= 0.3 && 0.3 <= high) held++;
  }
  expect(held / 400).toBeGreaterThan(0.92);
});
