/**
 * WriteSet: what a transaction has written and not yet committed, over what its snapshot shows.
 */
import { compareBytes, copyRange, equalRange } from '../format/bytes.ts';
import { entryBytes } from '../wal/log-format.ts';
import type { WriteBatch } from '../wal/write-batch.ts';
import { cursorRange, type KeyValue, type RangeOptions } from './range-read.ts';

/** So many arguments a call takes on any stack. */
const NAMED_AT_ONCE = 4096;
/** Up to so many writes are looked through one by one, which is quicker than naming each key. */
const FEW = 8;

interface Write {
  readonly key: Uint8Array;
  /** `undefined` deletes. */
  readonly value: Uint8Array | undefined;
}

export class WriteSet {
  readonly #writes: Write[] = [];
  /** Theirs, in the same order. */
  readonly keys: Uint8Array[] = [];
  /** Where the write of a key is; made when there are more than a few. */
  #places: Map<string, number> | undefined;
  #sorted: readonly Write[] | undefined;

  get size(): number {
    return this.#writes.length;
  }

  /** What the encoded writes take. */
  get byteLength(): number {
    let bytes = 0;
    for (const { key, value } of this.#writes) bytes += entryBytes(key.length, value?.length ?? 0);
    return bytes;
  }

  /** Whether it only deletes: then a full disk still takes it. */
  get onlyDeletes(): boolean {
    return this.#writes.every(({ value }) => value === undefined);
  }

  /** The pending write of `key`, if there is one. */
  get(key: Uint8Array): Write | undefined {
    return this.#writes[this.#placeOf(key)];
  }

  set(key: Uint8Array, value: Uint8Array | undefined): void {
    const own = value === undefined ? undefined : copyRange(value, 0, value.length);
    const write = { key: copyRange(key, 0, key.length), value: own };
    const place = this.#placeOf(key);
    if (place >= 0) this.#writes[place] = write;
    else {
      this.#writes.push(write);
      this.keys.push(write.key);
      this.#places?.set(nameOf(key), this.#writes.length - 1);
    }
    this.#sorted = undefined;
  }

  /** Throws StoreError for a key or value over its limit. */
  encodeInto(batch: WriteBatch): void {
    for (const { key, value } of this.#writes) {
      if (value === undefined) batch.delete(key);
      else batch.put(key, value);
    }
  }

  /** -1 when the key was not written. */
  #placeOf(key: Uint8Array): number {
    const writes = this.#writes;
    if (writes.length > FEW) {
      this.#places ??= new Map(writes.map((write, place) => [nameOf(write.key), place] as const));
      return this.#places.get(nameOf(key)) ?? -1;
    }
    for (let i = 0; i < writes.length; i++) {
      const { length } = writes[i]!.key;
      if (length === key.length && equalRange(writes[i]!.key, 0, key, 0, length)) return i;
    }
    return -1;
  }

  /** `base` (in the options' order, without a limit) with the pending writes laid over it. */
  *over(base: Iterable<KeyValue>, options: RangeOptions): Generator<KeyValue, void, void> {
    const sign = options.reverse === true ? -1 : 1;
    const pending = this.#within(options)[Symbol.iterator]();
    let write = pending.next();
    let left = options.limit ?? Number.MAX_SAFE_INTEGER;
    if (left <= 0) return;
    const ready = function* (until: KeyValue | undefined) {
      while (write.done !== true) {
        const { key, value } = write.value;
        if (until !== undefined && sign * compareBytes(key, until.key) > 0) return;
        write = pending.next();
        if (value !== undefined) yield { key, value };
      }
    };
    for (const record of base) {
      for (const earlier of ready(record)) {
        yield earlier;
        if (--left === 0) return;
      }
      if (this.#placeOf(record.key) >= 0) continue;
      yield record;
      if (--left === 0) return;
    }
    for (const later of ready(undefined)) {
      yield later;
      if (--left === 0) return;
    }
  }

  #within(options: RangeOptions): readonly Write[] {
    this.#sorted ??= [...this.#writes].sort((a, b) => compareBytes(a.key, b.key));
    const { from, to, reverse } = cursorRange(options);
    const inside = this.#sorted.filter(
      ({ key }) =>
        (from === undefined || compareBytes(key, from) >= 0) &&
        (to === undefined || compareBytes(key, to) < 0),
    );
    return reverse ? inside.reverse() : inside;
  }
}

/** A key as a Map key: one character a byte. */
function nameOf(key: Uint8Array): string {
  let name = '';
  for (let at = 0; at < key.length; at += NAMED_AT_ONCE) {
    const bytes = key.subarray(at, at + NAMED_AT_ONCE);
    name += String.fromCharCode.apply(null, bytes as unknown as number[]);
  }
  return name;
}
