import { describe, expect, it } from 'vitest';
import { CHUNK_WORDS, giveChunk, reserveChunks, takeChunk } from './key-chunks.ts';

describe('the memory of point indexes', () => {
  it('is used again, and no more of it is kept than was said', () => {
    const first = takeChunk();
    expect(first.length).toBe(CHUNK_WORDS);
    giveChunk(first);
    expect(takeChunk()).toBe(first);
    const many = Array.from({ length: 60 }, () => takeChunk());
    expect(new Set(many).size).toBe(60);
    for (const chunk of many) giveChunk(chunk);
    const kept = Array.from({ length: 60 }, () => takeChunk()).filter((one) => many.includes(one));
    expect(kept.length).toBe(48);
  });

  it('can be made ahead', () => {
    reserveChunks();
    const made = Array.from({ length: 48 }, () => takeChunk());
    expect(made.every((chunk) => chunk[0] === 1)).toBe(true);
    expect(takeChunk()[0]).toBe(0);
  });
});
