/**
 * WriteSet: what a transaction has written and not yet committed.
 *
 * All writes lie in one arena, numbered as they came, encoded as the log will take them; a later
 * write of a key supersedes the earlier. Ranges pay for an order, in pieces that are merged as they
 * grow: n writes with ranges between them cost n log² n.
 *
 * Invariants:
 * 1. Keys and values are copied before `set` returns.
 * 2. Entries, their numbers and the pieces never change, so an open range sees what it began with.
 * 3. The writes that count never exceed `bytesMax`, and memory never much more than twice that.
 */
import { byteLengthOf, refuseNonBytes } from '../arguments.ts';
import { StoreError } from '../errors.ts';
import { copyRange, equalRange } from '../format/bytes.ts';
import { EntryArena } from '../wal/entry-arena.ts';
import { ENTRY_HEADER_BYTES, entryBytes, TOMBSTONE } from '../wal/log-format.ts';
import { compareEntries, PendingRange, type Piece } from './pending-range.ts';
import type { RangeBounds } from './range-options.ts';

/** Arguments that a call can take on any stack. */
const NAMED_AT_ONCE = 4096;
/** Up to this number of writes a linear search is faster than a map of keys. */
const FEW = 8;
/** Superseded writes of fewer bytes are left where they are. */
const COMPACTED_FROM_BYTES = 64 * 1024;

export class WriteSet {
  readonly #bytesMax: number;
  #entries: EntryArena;
  #offsets: number[] = [];
  /** Numbers of writes that a later one of the same key superseded. */
  #superseded: Set<number> | undefined;
  #supersededBytes = 0;
  /** The newest write of each key; made when there are more than a few. */
  #newest: Map<string, number> | undefined;
  #pieces: readonly Piece[] = [];
  #sorted = 0;

  /** `bytesMax`: what a segment takes. */
  constructor(bytesMax: number, arena = new EntryArena()) {
    this.#bytesMax = bytesMax;
    this.#entries = arena;
  }

  /** The memory of the writes. No range over them may be read once another owner has it. */
  get arena(): EntryArena {
    return this.#entries;
  }

  /** Keys that were written. */
  get size(): number {
    return this.#offsets.length - (this.#superseded?.size ?? 0);
  }

  /** Size of the encoded writes, in bytes. */
  get byteLength(): number {
    return this.#entries.byteLength - this.#supersededBytes;
  }

  /** A copy of the pending value of `key`; `null` if it is deleted, `undefined` if not written. */
  get(key: Uint8Array): Uint8Array | null | undefined {
    refuseNonBytes(key, 'key');
    const write = this.#newestOf(key, 0, key.length, this.#offsets.length);
    if (write < 0) return undefined;
    const { bytes, words } = this.#entries;
    const offset = this.#offsets[write]!;
    const length = words[(offset >> 2) + 1]!;
    if (length === TOMBSTONE) return null;
    return copyRange(bytes, offset + ENTRY_HEADER_BYTES + words[offset >> 2]!, length);
  }

  /**
   * `undefined` deletes. Throws StoreError as `EntryArena.put`, and `transaction-too-large` for a
   * write that does not fit any more; nothing of it is then kept.
   */
  set(key: Uint8Array, value: Uint8Array | undefined): void {
    const valueBytes = value === undefined ? 0 : byteLengthOf(value, 'value');
    const size = entryBytes(byteLengthOf(key, 'key'), valueBytes);
    if (size > this.#bytesMax) throw this.#tooLarge(size);
    const entries = this.#entries;
    const offset = value === undefined ? entries.delete(key) : entries.put(key, value);
    const length = entries.words[offset >> 2]!;
    const { bytes } = entries;
    const start = offset + ENTRY_HEADER_BYTES;
    const write = this.#offsets.length;
    const before = this.#newestOf(bytes, start, length, write);
    const beforeBytes = before < 0 ? 0 : this.#sizeOf(before);
    if (this.byteLength - beforeBytes > this.#bytesMax) {
      entries.takeBack(offset);
      throw this.#tooLarge(this.byteLength + size - beforeBytes);
    }
    this.#offsets.push(offset);
    this.#newest?.set(nameOf(bytes, start, length), write);
    if (before < 0) return;
    this.#superseded ??= new Set();
    this.#superseded.add(before);
    this.#supersededBytes += beforeBytes;
    const waste = this.#supersededBytes;
    if (waste > COMPACTED_FROM_BYTES && waste > this.byteLength) this.#compact();
  }

  /** The keys that were written, in memory that is not the caller's to write to. */
  *keys(): Generator<Uint8Array, void, void> {
    const { bytes, words } = this.#entries;
    for (let write = 0; write < this.#offsets.length; write++) {
      if (this.#superseded?.has(write) === true) continue;
      const offset = this.#offsets[write]!;
      const start = offset + ENTRY_HEADER_BYTES;
      yield bytes.subarray(start, start + words[offset >> 2]!);
    }
  }

  /** All writes that count, encoded. The set is not to be written to any more. */
  encoded(): EntryArena {
    if (this.#superseded !== undefined) this.#compact();
    return this.#entries;
  }

  /** The writes so far, within bounds. */
  within(bounds: RangeBounds): PendingRange {
    this.#sort();
    return new PendingRange(this.#numbered(), this.#pieces, bounds);
  }

  #numbered() {
    const { bytes, words } = this.#entries;
    return { bytes, words, offsets: this.#offsets };
  }

  /** Moves what counts into an arena of its own. Open ranges keep the old one. */
  #compact(): void {
    const old = this.#entries;
    const fresh = new EntryArena(this.byteLength);
    const offsets: number[] = [];
    for (let write = 0; write < this.#offsets.length; write++) {
      if (this.#superseded?.has(write) !== true)
        offsets.push(fresh.append(old, this.#offsets[write]!));
    }
    this.#entries = fresh;
    this.#offsets = offsets;
    this.#superseded = undefined;
    this.#supersededBytes = 0;
    this.#newest = undefined;
    this.#pieces = [];
    this.#sorted = 0;
  }

  /** Takes the writes since the last range into a piece, and merges pieces of about the same size. */
  #sort(): void {
    const count = this.#offsets.length;
    if (this.#sorted === count) return;
    const entries = this.#numbered();
    const order = (a: number, b: number) => compareEntries(entries, a, b) || b - a;
    const fresh = Array.from({ length: count - this.#sorted }, (_, i) => this.#sorted + i);
    const pieces = [...this.#pieces];
    let last: Piece = fresh.sort(order);
    while (pieces.length > 0 && pieces.at(-1)!.length < 2 * last.length) {
      last = mergePieces(pieces.pop()!, last, order);
    }
    this.#pieces = [...pieces, last];
    this.#sorted = count;
  }

  #sizeOf(write: number): number {
    const { words } = this.#entries;
    const word = this.#offsets[write]! >> 2;
    const valueLength = words[word + 1]!;
    return entryBytes(words[word]!, valueLength === TOMBSTONE ? 0 : valueLength);
  }

  /** The newest of the first `count` writes of a key, or -1. */
  #newestOf(source: Uint8Array, start: number, length: number, count: number): number {
    if (count > FEW) return this.#named().get(nameOf(source, start, length)) ?? -1;
    const { bytes, words } = this.#entries;
    for (let write = count - 1; write >= 0; write--) {
      const offset = this.#offsets[write]!;
      if (words[offset >> 2] !== length) continue;
      if (equalRange(bytes, offset + ENTRY_HEADER_BYTES, source, start, length)) return write;
    }
    return -1;
  }

  #named(): Map<string, number> {
    if (this.#newest !== undefined) return this.#newest;
    const { bytes, words } = this.#entries;
    const named = new Map<string, number>();
    for (const [write, offset] of this.#offsets.entries()) {
      named.set(nameOf(bytes, offset + ENTRY_HEADER_BYTES, words[offset >> 2]!), write);
    }
    this.#newest = named;
    return named;
  }

  #tooLarge(bytes: number): StoreError {
    const message = `a transaction of ${bytes} bytes does not fit a segment, which takes ${this.#bytesMax}; commit in parts, or open the store with a larger segmentBytes`;
    return new StoreError('transaction-too-large', message, true);
  }
}

function mergePieces(a: Piece, b: Piece, order: (a: number, b: number) => number): Piece {
  const merged: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    merged.push(order(a[i]!, b[j]!) < 0 ? a[i++]! : b[j++]!);
  }
  while (i < a.length) merged.push(a[i++]!);
  while (j < b.length) merged.push(b[j++]!);
  return merged;
}

/** A key as a Map key: one character a byte. */
function nameOf(bytes: Uint8Array, start: number, length: number): string {
  let name = '';
  for (let at = start; at < start + length; at += NAMED_AT_ONCE) {
    const part = bytes.subarray(at, Math.min(start + length, at + NAMED_AT_ONCE));
    name += String.fromCharCode.apply(null, part as unknown as number[]);
  }
  return name;
}
