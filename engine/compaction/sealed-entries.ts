/**
 * SealedEntries: the entries of a sealed segment, found again from its bytes alone, so that the
 * worker needs nothing from the main thread but the bytes.
 */
import { giveWords, takeWords } from '../format/kept-words.ts';
import type { TableEntries } from '../memtable/piece-cursor.ts';
import {
  ENTRY_HEADER_BYTES,
  entryBytes,
  FRAME_HEADER_BYTES,
  SEGMENT_HEADER_BYTES,
  TOMBSTONE,
} from '../wal/log-format.ts';

export class SealedEntries implements TableEntries {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly offsets: Uint32Array;
  readonly lsns: Float64Array;
  readonly count: number;

  constructor(segment: Uint8Array, usedBytes: number) {
    this.bytes = segment;
    this.words = new Uint32Array(segment.buffer, segment.byteOffset, segment.length >> 2);
    this.count = this.#eachEntry(usedBytes, () => undefined);
    const offsets = takeWords(this.count);
    const halves = takeWords(2 * this.count);
    const lsns = new Float64Array(halves.buffer, halves.byteOffset, this.count);
    this.#eachEntry(usedBytes, (entry, offset, lsn) => {
      offsets[entry] = offset;
      lsns[entry] = lsn;
    });
    this.offsets = offsets;
    this.lsns = lsns;
  }

  /** Releases the entries. */
  release(): void {
    giveWords(this.offsets);
    giveWords(new Uint32Array(this.lsns.buffer));
  }

  get firstLsn(): number {
    return this.lsns[0] ?? 0;
  }

  get lastLsn(): number {
    return this.lsns[this.count - 1] ?? 0;
  }

  keyOffset(entry: number): number {
    return this.offsets[entry]! + ENTRY_HEADER_BYTES;
  }

  keyLength(entry: number): number {
    return this.words[this.offsets[entry]! >> 2]!;
  }

  /** Visits the entries in commit order; answers how many there are. */
  #eachEntry(
    usedBytes: number,
    visit: (entry: number, offset: number, lsn: number) => void,
  ): number {
    const floats = new Float64Array(this.bytes.buffer, this.bytes.byteOffset, usedBytes >> 3);
    let entry = 0;
    for (let frame = SEGMENT_HEADER_BYTES; frame < usedBytes; ) {
      const lsn = floats[(frame >> 3) + 1]!;
      const entries = this.words[(frame >> 2) + 10]!;
      let offset = frame + FRAME_HEADER_BYTES;
      for (let i = 0; i < entries; i++) {
        visit(entry++, offset, lsn);
        const keyLength = this.words[offset >> 2]!;
        const valueLength = this.words[(offset >> 2) + 1]!;
        offset += entryBytes(keyLength, valueLength === TOMBSTONE ? 0 : valueLength);
      }
      frame += this.words[(frame >> 2) + 1]!;
    }
    return entry;
  }
}
