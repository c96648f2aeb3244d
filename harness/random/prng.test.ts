import { describe, expect, it } from 'vitest';
import { Prng } from './prng.ts';

describe('derived streams', () => {
  it('are the same by number as by the label that says it', () => {
    const random = new Prng(7).derive('a');
    for (const number of [0, 1, 9, 10, 99, 100, 101, 12_345, 1_000_000, 2 ** 31]) {
      const expected = random.derive(`operation ${number}`).nextUint32();
      expect(random.derive('operation', number).nextUint32()).toBe(expected);
    }
  });

  it('depend on the whole path, and on nothing else', () => {
    const first = (...labels: string[]) =>
      labels.reduce((random, label) => random.derive(label), new Prng(7)).nextUint32();
    expect(first('a', 'b')).toBe(new Prng('7/a/b').nextUint32());
    expect(new Set([first('a', 'b'), first('b', 'a'), first('a'), first('b'), first()]).size).toBe(
      5,
    );
  });
});
