import { describe, expect, it } from 'vitest';
import { Uniform, Zipf } from './distribution.ts';
import { Prng } from './prng.ts';

describe('a Zipf distribution', () => {
  it('draws ranks as often as their weights say', () => {
    const count = 1000;
    const zipf = new Zipf(count, new Prng(1));
    const draws = 200_000;
    const seen = new Uint32Array(count);
    for (let i = 0; i < draws; i++) seen[zipf.rank()]! += 1;
    let zeta = 0;
    for (let i = 1; i <= count; i++) zeta += 1 / i ** 0.99;
    for (const rank of [0, 1]) {
      const expected = draws / (rank + 1) ** 0.99 / zeta;
      expect(Math.abs(seen[rank]! / expected - 1)).toBeLessThan(0.05);
    }
    const head = seen.slice(0, 100).reduce((sum, one) => sum + one, 0) / draws;
    let exact = 0;
    for (let i = 1; i <= 100; i++) exact += 1 / i ** 0.99 / zeta;
    expect(Math.abs(head - exact)).toBeLessThan(0.02);
  });

  it('stays within its numbers, whatever their count, and scatters the popular ones', () => {
    for (const count of [1, 2, 3, 17, 100_000_000]) {
      const zipf = new Zipf(count, new Prng(2));
      for (let i = 0; i < 1000; i++) {
        const number = zipf.next();
        expect(number >= 0 && number < count).toBe(true);
      }
    }
    const zipf = new Zipf(1_000_000, new Prng(3));
    const numbers = new Set(Array.from({ length: 200 }, () => zipf.next()));
    expect(Math.max(...numbers)).toBeGreaterThan(500_000);
  });
});

describe('a uniform distribution', () => {
  it('reaches every number', () => {
    const uniform = new Uniform(8, new Prng(4));
    expect(new Set(Array.from({ length: 300 }, () => uniform.next())).size).toBe(8);
  });
});
