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
