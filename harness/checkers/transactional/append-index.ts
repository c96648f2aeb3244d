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
import type { AnomalyLog } from './anomaly.ts';
import { PairMap } from './columns.ts';
import { APPEND, FAIL, INFO, OK, READ, type TransactionHistory } from './transaction-history.ts';

export class AppendIndex {
  readonly history: TransactionHistory;
  /** The transaction of each operation. */
  readonly ownerOf: Int32Array;
  /** (key, value) → the operation that appended it. */
  readonly #appended: PairMap;
  readonly committed: Uint8Array;
  /** For each key the operation with the longest committed read; -1 when nobody read it. */
  readonly longestRead: Int32Array;
  /** For each transaction and key, whether an operation is its last append there. */
  readonly isFinalAppend: Uint8Array;
  /** Reads that are no prefix of the version order; nothing follows from their place in it. */
  readonly isOutOfOrder: Uint8Array;

  constructor(history: TransactionHistory, log: AnomalyLog) {
    this.history = history;
    const operations = history.kind.size;
    this.ownerOf = new Int32Array(operations);
    this.isFinalAppend = new Uint8Array(operations);
    this.isOutOfOrder = new Uint8Array(operations);
    this.committed = new Uint8Array(history.size);
    this.longestRead = new Int32Array(history.keys.size).fill(-1);
    this.#appended = new PairMap(operations);
    this.#indexAppends(log);
    this.#commitWhatWasRead();
    this.#findLongestReads();
  }

  /** The operation that appended `value` to `key`, or -1. */
  writer(key: number, value: number): number {
    return this.#appended.get(key, value);
  }

  *readsOf(transaction: number): Generator<number> {
    const { history } = this;
    const end = history.firstOperation.at(transaction + 1);
    for (let at = history.firstOperation.at(transaction); at < end; at++) {
      if (history.kind.at(at) === READ && history.length.at(at) >= 0) yield at;
    }
  }

  #indexAppends(log: AnomalyLog): void {
    const { history } = this;
    const lastAppend = new Map<number, number>();
    for (let t = 0; t < history.size; t++) {
      this.committed[t] = history.status.at(t) === OK ? 1 : 0;
      lastAppend.clear();
      const end = history.firstOperation.at(t + 1);
      for (let at = history.firstOperation.at(t); at < end; at++) {
        this.ownerOf[at] = t;
        if (history.kind.at(at) !== APPEND) continue;
        const key = history.key.at(at);
        const value = history.payload.at(at);
        const other = this.#appended.get(key, value);
        if (other >= 0) {
          const names = () => `${history.nameOf(this.ownerOf[other]!)} and ${history.nameOf(t)}`;
          log.add('duplicate-elements', () => `${names()} both append ${this.named(key, value)}`);
        }
        this.#appended.set(key, value, at);
        lastAppend.set(key, at);
      }
      for (const at of lastAppend.values()) this.isFinalAppend[at] = 1;
    }
  }

  named(key: number, value: number): string {
    const { keys, values } = this.history;
    return `${JSON.stringify(values.original(value))} to key ${JSON.stringify(keys.original(key))}`;
  }

  /** Only `ok` transactions have reads that count, so one pass over those reads is enough. */
  #commitWhatWasRead(): void {
    const { history } = this;
    for (let t = 0; t < history.size; t++) {
      if (history.status.at(t) !== OK) continue;
      for (const read of this.readsOf(t)) {
        const key = history.key.at(read);
        const start = history.payload.at(read);
        for (let i = start; i < start + history.length.at(read); i++) {
          const at = this.#appended.get(key, history.elements.at(i));
          if (at >= 0 && history.status.at(this.ownerOf[at]!) === INFO) {
            this.committed[this.ownerOf[at]!] = 1;
          }
        }
      }
    }
  }

  #findLongestReads(): void {
    const { history, longestRead } = this;
    for (let t = 0; t < history.size; t++) {
      if (this.committed[t] === 0) continue;
      for (const read of this.readsOf(t)) {
        const key = history.key.at(read);
        const best = longestRead[key]!;
        if (best < 0 || history.length.at(read) > history.length.at(best)) longestRead[key] = read;
      }
    }
  }

  /** How many appends of the same key the transaction made before operation `read`. */
  ownAppendsBefore(transaction: number, read: number): number {
    const { history } = this;
    const key = history.key.at(read);
    let count = 0;
    for (let at = history.firstOperation.at(transaction); at < read; at++) {
      if (history.kind.at(at) === APPEND && history.key.at(at) === key) count++;
    }
    return count;
  }

  isFailed(operation: number): boolean {
    return this.history.status.at(this.ownerOf[operation]!) === FAIL;
  }
}
