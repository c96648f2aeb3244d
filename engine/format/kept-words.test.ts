import { describe, expect, it } from 'vitest';
import { giveWords, isKept, reserveWords, takeWords } from './kept-words.ts';

const MIB_WORDS = 1 << 18;

describe('arrays that are kept', () => {
  it('are used again, each by one at a time', () => {
    const first = takeWords(MIB_WORDS - 1);
    expect(first.length).toBe(MIB_WORDS - 1);
    const second = takeWords(MIB_WORDS - 1);
    expect(second.buffer).not.toBe(first.buffer);
    giveWords(first);
    expect(takeWords(MIB_WORDS - 5).buffer).toBe(first.buffer);
    expect(takeWords(MIB_WORDS).buffer).not.toBe(second.buffer);
  });

  it('are not kept when they are small, or too many', () => {
    const small = takeWords(1000);
    giveWords(small);
    expect(takeWords(1000).buffer).not.toBe(small.buffer);
    const many = Array.from({ length: 140 }, () => takeWords(MIB_WORDS));
    expect(new Set(many.map(({ buffer }) => buffer)).size).toBe(140);
    for (const words of many) giveWords(words);
    const known = new Set(many.map(({ buffer }) => buffer));
    const again = Array.from({ length: 140 }, () => takeWords(MIB_WORDS));
    expect(again.filter(({ buffer }) => known.has(buffer)).length).toBe(128);
  });

  it('are shared with other threads as long as they are taken, and large ones are not kept', () => {
    expect([1000, 5000, 1 << 23].map((count) => isKept(takeWords(count)))).toEqual([
      false,
      true,
      true,
    ]);
    const large = takeWords((1 << 23) + 1);
    expect(isKept(large)).toBe(false);
    giveWords(large);
    expect(takeWords((1 << 23) + 1).buffer).not.toBe(large.buffer);
  });

  it('can be made ahead', () => {
    reserveWords(MIB_WORDS, 3);
    const made = Array.from({ length: 4 }, () => takeWords(MIB_WORDS)[0]);
    expect(made).toEqual([1, 1, 1, 0]);
  });
});
