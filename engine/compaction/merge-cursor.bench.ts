import type { Bench } from 'tinybench';
import { Memtable } from '../memtable/memtable.ts';
import { PieceCursor } from '../memtable/piece-cursor.ts';
import { sortEntries } from '../memtable/sort-entries.ts';
import { entriesIn, WriteBatch } from '../wal/write-batch.ts';
import { mergeCursors } from './merge-cursor.ts';

const SOURCES = 8;
const RECORDS = 1000;

function source(number: number) {
  const batch = new WriteBatch();
  for (let i = 0; i < RECORDS; i++) {
    const key = new Uint8Array(16);
    new DataView(key.buffer).setUint32(0, Math.imul(i * SOURCES + number, 0x9e3779b1));
    batch.put(key, new Uint8Array(100));
  }
  const payload = entriesIn(batch).payload.slice();
  const table = new Memtable(payload, { hashSeed: 1, hashSecret: [2, 3] });
  table.insertAll(0, batch.count, number + 1);
  const piece = sortEntries(
    table,
    Uint32Array.from({ length: RECORDS }, (_, i) => i),
  );
  return { table, piece };
}

/** Sorting a memtable, and the step of a merge of eight. */
export default function merging(bench: Bench): void {
  const sources = Array.from({ length: SOURCES }, (_, i) => source(i));
  const entries = Uint32Array.from({ length: RECORDS }, (_, i) => i);
  bench.add('sort 1,000 entries', () => sortEntries(sources[0]!.table, entries.slice()));
  bench.add('merge 8 × 1,000 records', () => {
    const cursor = mergeCursors(
      sources.map(({ table, piece }) => new PieceCursor(table, piece, { reverse: false })),
      false,
    );
    let records = 0;
    for (; cursor.valid; cursor.next()) records++;
    return records;
  });
}
