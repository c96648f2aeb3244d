/**
 * AppendIndex: who appended what, which transactions count as committed, and in which order the
 * versions of each key came, as far as reads show it.
 *
 * A list tells its own history: a read of [a, b, c] says that a came before b before c. The
 * longest committed read of a key is its version order; every other must be a prefix of it.
 *
 * A transaction of unknown outcome counts as committed when a committed read shows one of its
 * appends; otherwise it may never have happened, and constrains nothing.
 */
import { textOf } from '../../contract/value.ts';
import type { AnomalyLog } from '../graph/anomaly.ts';
import { PairMap } from '../graph/columns.ts';
import { APPEND, READ, type TransactionHistory } from '../graph/transaction-history.ts';
import { FAIL, INFO, OK } from '../graph/transaction-table.ts';

export class AppendIndex {
  readonly history: TransactionHistory;
  /** The transaction of each operation. */
  readonly ownerOf: Int32Array;
  /** (key, value) → the operation that appended it. */
  readonly #appended: PairMap;
  readonly committed: Uint8Array;
  /** For each key the operation with the longest committed read; -1 when no transaction read it. */
  readonly longestRead: Int32Array;
  /** For each transaction and key, whether an operation is its last append there. */
  readonly isFinalAppend: Uint8Array;
  /** For each append the one before it to that key by the same transaction, or -1. */
  readonly appendBefore: Int32Array;
  /** Reads that are no prefix of the version order; nothing follows from their place in it. */
  readonly isOutOfOrder: Uint8Array;
  /**
   * Keys whose version order holds only appends of transactions that did not fail, each once, and
   * each behind those that its transaction made before.
   */
  readonly isSound: Uint8Array;
  /** Keys of which two reads disagree: the order of their versions is not known. */
  readonly isContested: Uint8Array;
  /** For elements of longest reads, by their place: the operation that appended them, or -1. */
  readonly #resolved: Int32Array;
  /** For each append its place in the longest read, or -1. */
  readonly #placeOf: Int32Array;
  readonly #kinds: Int32Array;
  readonly #keys: Int32Array;
  readonly #payloads: Int32Array;
  readonly #lengths: Int32Array;
  readonly #elements: Int32Array;
  readonly #starts: Int32Array;

  constructor(history: TransactionHistory, log: AnomalyLog) {
    this.history = history;
    const operations = history.kind.size;
    this.#kinds = history.kind.view();
    this.#keys = history.key.view();
    this.#payloads = history.payload.view();
    this.#lengths = history.length.view();
    this.#elements = history.elements.view();
    this.#starts = history.firstOperation.view();
    this.ownerOf = new Int32Array(operations);
    this.isFinalAppend = new Uint8Array(operations);
    this.appendBefore = new Int32Array(operations).fill(-1);
    this.isOutOfOrder = new Uint8Array(operations);
    this.committed = new Uint8Array(history.size);
    this.longestRead = new Int32Array(history.keys.size).fill(-1);
    this.isSound = new Uint8Array(history.keys.size);
    this.isContested = new Uint8Array(history.keys.size);
    this.#resolved = new Int32Array(history.elements.size);
    this.#placeOf = new Int32Array(operations).fill(-1);
    this.#appended = new PairMap(operations);
    this.#indexAppends(log);
    this.#findLongestReads();
    this.#resolveLongestReads();
    this.#compareReads();
  }

  /** The operation that appended `value` to `key`, or -1. */
  writer(key: number, value: number): number {
    return this.#appended.get(key, value);
  }

  /** The operation that appended element `i` of a read, or -1. */
  appendAt(read: number, i: number): number {
    const key = this.#keys[read]!;
    const longest = this.longestRead[key]!;
    if (this.isOutOfOrder[read] === 0) return this.#resolved[this.#payloads[longest]! + i]!;
    return this.#appended.get(key, this.#elements[this.#payloads[read]! + i]!);
  }

  /** Whether a read shows an append. */
  shows(read: number, append: number): boolean {
    if (this.isOutOfOrder[read] === 0) {
      const place = this.#placeOf[append]!;
      return place >= 0 && place < this.#lengths[read]!;
    }
    const start = this.#payloads[read]!;
    const shown = this.#elements.subarray(start, start + this.#lengths[read]!);
    return shown.includes(this.#payloads[append]!);
  }

  /** Calls `visit` for each read of a transaction whose result is known. */
  eachRead(transaction: number, visit: (read: number, key: number, length: number) => void): void {
    const end = this.#starts[transaction + 1]!;
    for (let at = this.#starts[transaction]!; at < end; at++) {
      if (this.#kinds[at] === READ && this.#lengths[at]! >= 0) {
        visit(at, this.#keys[at]!, this.#lengths[at]!);
      }
    }
  }

  *readsOf(transaction: number): Generator<number> {
    const end = this.#starts[transaction + 1]!;
    for (let at = this.#starts[transaction]!; at < end; at++) {
      if (this.#kinds[at] === READ && this.#lengths[at]! >= 0) yield at;
    }
  }

  #indexAppends(log: AnomalyLog): void {
    const { history } = this;
    for (let t = 0; t < history.size; t++) {
      this.committed[t] = history.status.at(t) === OK ? 1 : 0;
      const end = this.#starts[t + 1]!;
      for (let at = this.#starts[t]!; at < end; at++) {
        this.ownerOf[at] = t;
        if (this.#kinds[at] !== APPEND) continue;
        const key = this.#keys[at]!;
        const value = this.#payloads[at]!;
        const other = this.#appended.add(key, value, at);
        if (other >= 0) {
          const names = () => `${history.nameOf(this.ownerOf[other]!)} and ${history.nameOf(t)}`;
          log.add('duplicate-elements', () => `${names()} both append ${this.named(key, value)}`);
        }
        const later = this.#nextAppend(at, end, key);
        this.isFinalAppend[at] = later < 0 ? 1 : 0;
        if (later >= 0) this.appendBefore[later] = at;
      }
    }
  }

  #nextAppend(at: number, end: number, key: number): number {
    for (let later = at + 1; later < end; later++) {
      if (this.#kinds[later] === APPEND && this.#keys[later] === key) return later;
    }
    return -1;
  }

  #findLongestReads(): void {
    const { history, longestRead } = this;
    for (let t = 0; t < history.size; t++) {
      if (history.status.at(t) !== OK) continue;
      this.eachRead(t, (read, key, length) => {
        const best = longestRead[key]!;
        if (best < 0 || length > this.#lengths[best]!) longestRead[key] = read;
      });
    }
  }

  #resolveLongestReads(): void {
    const { history } = this;
    for (const [key, read] of this.longestRead.entries()) {
      this.isSound[key] = 1;
      if (read < 0) continue;
      const start = this.#payloads[read]!;
      for (let place = start; place < start + this.#lengths[read]!; place++) {
        const at = this.#appended.get(key, this.#elements[place]!);
        this.#resolved[place] = at;
        const known = at >= 0 && history.status.at(this.ownerOf[at]!) !== FAIL;
        const before = at < 0 ? -1 : this.appendBefore[at]!;
        const isTorn = before >= 0 && this.#placeOf[before]! < 0;
        const isRepeated = at >= 0 && this.#placeOf[at]! >= 0;
        if (!known || isRepeated || isTorn) this.isSound[key] = 0;
        if (at >= 0) this.#placeOf[at] = place - start;
        this.#commit(at);
      }
    }
  }

  /** Only `ok` transactions have reads that count, so one pass over those reads is enough. */
  #commit(at: number): void {
    if (at < 0) return;
    const writer = this.ownerOf[at]!;
    if (this.history.status.at(writer) === INFO) this.committed[writer] = 1;
  }

  #compareReads(): void {
    const { history } = this;
    for (let t = 0; t < history.size; t++) {
      if (history.status.at(t) !== OK) continue;
      this.eachRead(t, (read, key, length) => {
        const start = this.#payloads[read]!;
        const other = this.#payloads[this.longestRead[key]!]!;
        let same = 0;
        while (same < length && this.#elements[start + same] === this.#elements[other + same]) {
          same++;
        }
        if (same === length) return;
        this.isOutOfOrder[read] = 1;
        this.isContested[key] = 1;
        for (let i = same; i < length; i++) {
          this.#commit(this.#appended.get(key, this.#elements[start + i]!));
        }
      });
    }
  }

  named(key: number, value: number): string {
    const { keys, values } = this.history;
    return `${textOf(values.original(value))} to key ${textOf(keys.original(key))}`;
  }

  isFailed(operation: number): boolean {
    return this.history.status.at(this.ownerOf[operation]!) === FAIL;
  }
}
