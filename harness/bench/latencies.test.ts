import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyHistogram, Latencies } from './latencies.ts';

const nanoseconds = fc.oneof(
  fc.integer({ min: 1, max: 5000 }),
  fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  fc.double({ min: 2 ** 31, max: 6e11, noNaN: true }).map(Math.floor),
);
const SHARES = [1, 50, 90, 99, 99.9];

describe('a histogram of latencies', () => {
  it('answers as hdr-histogram-js does, and survives being written and read', () => {
    fc.assert(
      fc.property(fc.array(nanoseconds, { minLength: 1, maxLength: 60 }), (values) => {
        const own = new Latencies();
        const reference = emptyHistogram();
        for (const value of values) {
          own.addNanoseconds(value);
          reference.recordValue(value);
        }
        const decoded = Latencies.decode(own.encoded());
        const largest = Math.max(...values);
        expect(own.summary.max * 1000).toBeCloseTo(largest, 3);
        expect(decoded.count).toBe(values.length);
        for (const share of SHARES) {
          const wanted = Math.min(reference.getValueAtPercentile(share), largest);
          expect(own.percentile(share) * 1000).toBeCloseTo(wanted, 3);
          expect(Math.abs(decoded.percentile(share) / own.percentile(share) - 1)).toBeLessThan(
            0.001,
          );
        }
      }),
    );
  });

  it('is within a thousandth of the values themselves', () => {
    fc.assert(
      fc.property(nanoseconds, (value) => {
        const latencies = new Latencies();
        latencies.addNanoseconds(value);
        latencies.addNanoseconds(6e11);
        expect(Math.abs((1000 * latencies.percentile(50)) / value - 1)).toBeLessThan(0.001);
      }),
    );
  });

  it('added to another gives what both together give', () => {
    fc.assert(
      fc.property(fc.array(nanoseconds), fc.array(nanoseconds), (first, second) => {
        const [one, two, all] = [new Latencies(), new Latencies(), new Latencies()];
        for (const value of first) one.addNanoseconds(value);
        for (const value of second) two.addNanoseconds(value);
        for (const value of [...first, ...second]) all.addNanoseconds(value);
        one.addAll(two);
        expect({ ...one.summary, mean: 0 }).toEqual({ ...all.summary, mean: 0 });
        expect(one.summary.mean).toBeCloseTo(all.summary.mean, 3);
      }),
    );
  });

  it('says how many were beyond what it holds', () => {
    const latencies = new Latencies();
    latencies.addNanoseconds(6.1e11);
    expect(latencies.summary).toMatchObject({ count: 0, exceeds: 1, max: 0 });
  });
});
