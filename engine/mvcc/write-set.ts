/**
 * WriteSet: what a transaction has written and not yet committed, over what its snapshot shows.
 */
import { compareBytes, copyRange } from '../format/bytes.ts';
import { entryBytes } from '../wal/log-format.ts';
import { WriteBatch } from '../wal/write-batch.ts';
import { cursorRange, type KeyValue, type RangeOptions } from './range-read.ts';

/** So many arguments a call takes on any stack. */
const NAMED_AT_ONCE = 4096;

interface Write {
  readonly key: Uint8Array;
  /** `undefined` deletes. */
  readonly value: Uint8Array | undefined;
}

export class WriteSet {
  readonly #writes = new Map<string, Write>();
  #sorted: readonly Write[] | undefined;

  get size(): number {
    return this.#writes.size;
  }

  get keys(): Iterable<Uint8Array> {
    return this.#writes.values().map((write) => write.key);
  }

  /** The pending write of `key`, if there is one. */
  get(key: Uint8Array): Write | undefined {
    return this.#writes.get(nameOf(key));
  }

  set(key: Uint8Array, value: Uint8Array | undefined): void {
    const own = value === undefined ? undefined : copyRange(value, 0, value.length);
    this.#writes.set(nameOf(key), { key: copyRange(key, 0, key.length), value: own });
    this.#sorted = undefined;
  }

  /** Throws StoreError for a key or value over its limit. */
  encode(): WriteBatch {
    let bytes = 0;
    for (const { key, value } of this.#writes.values()) {
      bytes += entryBytes(key.length, value?.length ?? 0);
    }
    const batch = new WriteBatch(bytes);
    for (const { key, value } of this.#writes.values()) {
      if (value === undefined) batch.delete(key);
      else batch.put(key, value);
    }
    return batch;
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
      if (this.#writes.has(nameOf(record.key))) continue;
      yield record;
      if (--left === 0) return;
    }
    for (const later of ready(undefined)) {
      yield later;
      if (--left === 0) return;
    }
  }

  #within(options: RangeOptions): readonly Write[] {
    this.#sorted ??= [...this.#writes.values()].sort((a, b) => compareBytes(a.key, b.key));
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
