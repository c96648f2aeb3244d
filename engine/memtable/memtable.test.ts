import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENEMY_KEYS } from '../../harness/targets/reference-engine-enemy.ts';
import { mergeCursors } from '../compaction/merge-cursor.ts';
import { compareBytes, utf8 } from '../format/bytes.ts';
import { hashKey, KeyHasher } from '../format/hash.ts';
import { SecretHasher } from '../format/keyed-hash.ts';
import { entriesIn, WriteBatch } from '../wal/write-batch.ts';
import { Memtable } from './memtable.ts';
import { PieceCursor } from './piece-cursor.ts';
import { compareEntries, sortEntries } from './sort-entries.ts';

const HASH_SEED = 99;
const SEEDS = { hashSeed: HASH_SEED, hashSecret: [1, 2] } as const;

/** A memtable over bytes that hold one commit per write. */
function tableOf(writes: readonly (readonly [key: Uint8Array, value: string | null])[]): Memtable {
  const bytes = new Uint8Array(new SharedArrayBuffer(1 << 20));
  const table = new Memtable(bytes, SEEDS);
  let offset = 0;
  for (const [i, [key, value]] of writes.entries()) {
    const batch = new WriteBatch();
    if (value === null) batch.delete(key);
    else batch.put(key, utf8.encode(value));
    bytes.set(entriesIn(batch).payload, offset);
    table.insertAll(offset, 1, i + 1);
    offset += batch.byteLength;
  }
  return table;
}

const key = fc.uint8Array({ minLength: 1, maxLength: 6 });
const write = fc.tuple(key, fc.option(fc.string({ maxLength: 5 })));

describe('the memtable', () => {
  it('answers the newest version at or before each lsn, as a replayed list does', () => {
    fc.assert(
      fc.property(fc.array(write, { maxLength: 300 }), fc.nat(300), (writes, atLsn) => {
        const table = tableOf(writes);
        for (const [wanted] of writes) {
          const hash = hashKey(wanted, 0, wanted.length, HASH_SEED);
          const entry = table.find(wanted, hash, atLsn);
          const expected = writes.findLastIndex(
            ([other], i) => i < atLsn && compareBytes(other, wanted) === 0,
          );
          expect(entry).toBe(expected);
          if (entry >= 0) expect(table.isTombstone(entry)).toBe(writes[entry]![1] === null);
        }
      }),
    );
  });

  it.each(Object.keys(ENEMY_KEYS))('looks at few slots for keys %s', (kind) => {
    const keys = ENEMY_KEYS[kind]!(3000, HASH_SEED);
    const table = tableOf(keys.map((one) => [one, '']));
    expect(table.longestProbe).toBeLessThanOrEqual(64);
    const hasher = table.isKeyed ? new SecretHasher(SEEDS.hashSecret) : new KeyHasher(HASH_SEED);
    for (const [i, one] of [...keys, ...ENEMY_KEYS[kind]!(4000, HASH_SEED).slice(3000)].entries()) {
      hasher.take(one, 0, one.length);
      expect(table.find(one, hasher.hash, 3000)).toBe(i < 3000 ? i : -1);
    }
    expect(table.longestProbe).toBeLessThanOrEqual(64);
    table.clear();
    expect(table.isKeyed).toBe(false);
  });

  it('is not taken in by keys that only a reader asks for', () => {
    const table = tableOf(
      ENEMY_KEYS['side by side in memory']!(6000, HASH_SEED)
        .slice(0, 3000)
        .map((k) => [k, '']),
    );
    expect(table.isKeyed).toBe(false);
    const [one] = ENEMY_KEYS['side by side in memory']!(1, HASH_SEED);
    const absent = new Uint8Array(9);
    expect(table.find(absent, hashKey(one!, 0, 8, HASH_SEED), 3000)).toBe(-1);
    expect(table.isKeyed).toBe(true);
  });

  it('grows into arrays that were made ahead, in strides, and finds the same', () => {
    const bytes = new Uint8Array(new SharedArrayBuffer(4 << 20));
    const table = new Memtable(bytes, SEEDS);
    const keys = Array.from({ length: 40_000 }, (_, i) => utf8.encode(`key ${i}`));
    const strides: number[] = [];
    let offset = 0;
    for (const [i, one] of keys.entries()) {
      const batch = new WriteBatch();
      batch.put(one, utf8.encode('v'));
      bytes.set(entriesIn(batch).payload, offset);
      const { capacity } = table;
      table.insertAll(offset, 1, i + 1);
      offset += batch.byteLength;
      const ahead = table.widenAhead(offset);
      if (ahead.length > 0) strides.push(ahead[0]!.byteLength / 4);
      // What was made ahead is what it grows into.
      if (table.capacity > capacity && i > 5000) expect(table.capacity).toBe(strides.at(-1));
    }
    expect(strides).toEqual([16_384, 65_536, 262_144]);
    expect(table.indexBytes).toBe(32 * (65_536 + 262_144));
    for (const [i, one] of keys.entries()) {
      expect(table.find(one, hashKey(one, 0, one.length, HASH_SEED), i + 1)).toBe(i);
    }
  });

  it('has no entry for a key that was never written', () => {
    const table = tableOf([[utf8.encode('a'), '1']]);
    expect(table.find(utf8.encode('b'), hashKey(utf8.encode('b'), 0, 1, HASH_SEED), 9)).toBe(-1);
  });

  it('walks in order, newest version first, in both directions, however it was sorted', () => {
    fc.assert(
      fc.property(
        fc.array(write, { maxLength: 200 }),
        fc.nat(200),
        fc.boolean(),
        (writes, cut, reverse) => {
          const table = tableOf(writes.slice(0, cut));
          table.pieces.current();
          const all = tableOf(writes);
          const cursors = all.pieces
            .current()
            .map((piece) => new PieceCursor(all, piece, { reverse }));
          const merged = mergeCursors(cursors, reverse);
          const seen: number[] = [];
          for (; merged.valid; merged.next()) seen.push(merged.lsn - 1);
          const expected = writes.map((_, i) => i).sort((a, b) => compareEntries(all, a, b));
          expect(seen).toEqual(reverse ? expected.reverse() : expected);
        },
      ),
    );
  });
});

describe('sorting', () => {
  it.each([
    ['random keys', (i: number) => `${Math.imul(i, 2654435761) >>> 0}`],
    ['keys that share a long prefix', (i: number) => `the same long prefix ${i % 700}`],
    ['one key only', () => 'one key'],
    ['keys that are prefixes of each other', (i: number) => 'x'.repeat(1 + (i % 40))],
  ])('of %s by radix agrees with sorting by comparison', (_, name) => {
    const table = tableOf(
      Array.from({ length: 5000 }, (_, i) => [utf8.encode(name(i)), ''] as const),
    );
    const entries = Uint32Array.from({ length: table.count }, (_, i) => i);
    const expected = Array.from(entries).sort((a, b) => compareEntries(table, a, b));
    expect([...sortEntries(table, entries)]).toEqual(expected);
  });
});

describe('sorted pieces', () => {
  it('hold every entry once, newest first within a key, however ranges and writes take turns', () => {
    const name = fc.nat(40).map((n) => utf8.encode(`key ${n}`));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.nat(400)), { maxLength: 12 }), (turns) => {
        const writes: [Uint8Array, string][] = [];
        const bytes = new Uint8Array(new SharedArrayBuffer(1 << 20));
        const table = new Memtable(bytes, SEEDS);
        let offset = 0;
        for (const [first, count] of turns) {
          for (let i = 0; i < count; i++) {
            const key = i % 3 === 0 ? first : utf8.encode(`key ${i % 50}`);
            const batch = new WriteBatch();
            batch.put(key, utf8.encode('v'));
            bytes.set(entriesIn(batch).payload, offset);
            writes.push([key, 'v']);
            table.insertAll(offset, 1, writes.length);
            offset += batch.byteLength;
            table.pieces.keepUp();
          }
          const pieces = table.pieces.current();
          const entries = pieces.flatMap((piece) => [...piece]);
          expect(entries.sort((a, b) => a - b)).toEqual(writes.map((_, i) => i));
          for (const piece of pieces) {
            const expected = Array.from(piece).sort((a, b) => compareEntries(table, a, b));
            expect([...piece]).toEqual(expected);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('become few once ranges ask for them', () => {
    const table = tableOf(
      Array.from(
        { length: 12_000 },
        (_, i) => [utf8.encode(`${(i * 7919) % 12_000}`), ''] as const,
      ),
    );
    for (let i = 0; i < 12; i++) table.pieces.keepUp();
    for (let i = 0; i < 12; i++) table.pieces.current();
    expect(table.pieces.current().length).toBeLessThan(6);
  });
});
