/**
 * VersionIndex: who wrote each version, which version each read shows, and which transactions count
 * as committed.
 *
 * A version is a key with a value. Where several transactions wrote the same value to a key, a read
 * of it is ambiguous; the index keeps the candidates.
 *
 * A transaction of unknown outcome counts as committed when a committed read shows one of its
 * writes; otherwise it may never have happened, and constrains nothing.
 */
import { textOf } from '../../contract/value.ts';
import { PairMap } from '../graph/columns.ts';
import { FAIL, INFO, OK } from '../graph/transaction-table.ts';
import { NIL, READ, type RegisterHistory, UNKNOWN, WRITE } from './register-history.ts';

/** What a read shows: the number of a write operation, or one of these. */
export const OF_NOBODY = -1;
/** A value that was never written. */
export const THIN_AIR = -2;
/** The transaction's own version; or the read is not known. */
export const OWN = -3;
export const AMBIGUOUS = -4;

export interface AmbiguousRead {
  readonly read: number;
  /** Write operations, or OF_NOBODY. */
  readonly candidates: readonly number[];
}

export class VersionIndex {
  readonly history: RegisterHistory;
  readonly ownerOf: Int32Array;
  readonly committed: Uint8Array;
  /** Whether a write is its transaction's last to that key. */
  readonly isFinal: Uint8Array;
  /** For each read the write it shows. */
  readonly source: Int32Array;
  readonly ambiguous: readonly AmbiguousRead[];
  /** Values that more than one transaction wrote to the same key. */
  repeatedWrites = 0;
  readonly #written: PairMap;
  /** The write before of the same value to the same key, or -1. */
  readonly #sameBefore: Int32Array;
  readonly #starts: Int32Array;
  readonly #kinds: Int32Array;
  readonly #keys: Int32Array;
  readonly #values: Int32Array;

  constructor(history: RegisterHistory) {
    this.history = history;
    const operations = history.kind.size;
    this.#starts = history.firstOperation.view();
    this.#kinds = history.kind.view();
    this.#keys = history.key.view();
    this.#values = history.value.view();
    this.ownerOf = new Int32Array(operations);
    this.isFinal = new Uint8Array(operations);
    this.source = new Int32Array(operations).fill(OWN);
    this.committed = new Uint8Array(history.size);
    this.#sameBefore = new Int32Array(operations).fill(-1);
    this.#written = new PairMap(operations >> 1);
    this.#indexWrites();
    this.ambiguous = this.#resolveReads();
    this.#commitShown();
  }

  /** The last own write of the key before operation `at`, or -1. */
  ownWriteBefore(at: number): number {
    const first = this.#starts[this.ownerOf[at]!]!;
    for (let before = at - 1; before >= first; before--) {
      if (this.#kinds[before] === WRITE && this.#keys[before] === this.#keys[at]) return before;
    }
    return -1;
  }

  /** Writes of `value` to `key`, last first. */
  *writesOf(key: number, value: number): Generator<number> {
    for (let at = this.#written.get(key, value); at >= 0; at = this.#sameBefore[at]!) yield at;
  }

  /** "3 to key 7" */
  named(operation: number): string {
    const { keys, values } = this.history;
    const value = textOf(values.original(this.#values[operation]!));
    return `${value} to key ${textOf(keys.original(this.#keys[operation]!))}`;
  }

  #indexWrites(): void {
    const { history } = this;
    for (let t = 0; t < history.size; t++) {
      this.committed[t] = history.status.at(t) === OK ? 1 : 0;
      const end = this.#starts[t + 1]!;
      for (let at = this.#starts[t]!; at < end; at++) {
        this.ownerOf[at] = t;
        if (this.#kinds[at] !== WRITE) continue;
        const before = this.#written.add(this.#keys[at]!, this.#values[at]!, at);
        this.#sameBefore[at] = before;
        if (before >= 0 && this.ownerOf[before] !== t) this.repeatedWrites++;
        this.isFinal[at] = this.#writesLater(at, end) ? 0 : 1;
      }
    }
  }

  #writesLater(at: number, end: number): boolean {
    for (let later = at + 1; later < end; later++) {
      if (this.#kinds[later] === WRITE && this.#keys[later] === this.#keys[at]) return true;
    }
    return false;
  }

  #resolveReads(): AmbiguousRead[] {
    const ambiguous: AmbiguousRead[] = [];
    const { history } = this;
    for (let at = 0; at < this.#kinds.length; at++) {
      if (this.#kinds[at] !== READ || this.#values[at] === UNKNOWN) continue;
      if (history.status.at(this.ownerOf[at]!) !== OK) continue;
      const own = this.ownWriteBefore(at);
      if (own >= 0) {
        if (this.#values[at] !== this.#values[own]) this.#commitOnlyWriter(at);
        continue;
      }
      const values = this.history.oneOf.get(at);
      const found = values === undefined ? this.#candidates(at) : this.#anyOf(at, values);
      if (found.length === 1) this.source[at] = found[0]!;
      else {
        this.source[at] = AMBIGUOUS;
        ambiguous.push({ read: at, candidates: found });
      }
    }
    return ambiguous;
  }

  /** What a read shows happened, even where it should have shown its own transaction's write. */
  #commitOnlyWriter(read: number): void {
    const write = this.#written.get(this.#keys[read]!, this.#values[read]!);
    if (write < 0 || this.#sameBefore[write] !== -1) return;
    const owner = this.ownerOf[write]!;
    if (this.history.status.at(owner) === INFO) this.committed[owner] = 1;
  }

  /** Final writes of any of these values by other transactions that did not fail; OF_NOBODY for NIL. */
  #anyOf(at: number, values: readonly number[]): number[] {
    const { history } = this;
    const found = values.flatMap((value) => {
      if (value === NIL) return [OF_NOBODY];
      return [...this.writesOf(this.#keys[at]!, value)].filter((write) => {
        const owner = this.ownerOf[write]!;
        const isOther = owner !== this.ownerOf[at] && history.status.at(owner) !== FAIL;
        return isOther && this.isFinal[write] === 1;
      });
    });
    return found.length === 0 ? [THIN_AIR] : found;
  }

  /** Best guesses only: what failed counts when nothing else wrote the value. */
  #candidates(at: number): number[] {
    const { history } = this;
    const value = this.#values[at]!;
    const isInitial = value === NIL || value === history.initialValue;
    const first = this.#written.get(this.#keys[at]!, value);
    if (first < 0) return [isInitial ? OF_NOBODY : THIN_AIR];
    if (this.#sameBefore[first] === -1 && !isInitial) return [first];
    const all = [...this.writesOf(this.#keys[at]!, value)];
    const possible = all.filter((write) => {
      const owner = this.ownerOf[write]!;
      return owner !== this.ownerOf[at] && history.status.at(owner) !== FAIL;
    });
    if (possible.length === 0 && isInitial) return [OF_NOBODY];
    const final = possible.filter((write) => this.isFinal[write] === 1);
    const kept = final.length > 0 ? final : possible.length > 0 ? possible : all.slice(0, 1);
    return value === NIL ? [...kept, OF_NOBODY] : kept;
  }

  #commitShown(): void {
    for (const write of this.source) {
      if (write < 0) continue;
      const owner = this.ownerOf[write]!;
      if (this.history.status.at(owner) === INFO) this.committed[owner] = 1;
    }
  }
}

/** Reads of one transaction whose result is known. */
export function* knownReads(history: RegisterHistory, t: number): Generator<number> {
  const end = history.firstOperation.at(t + 1);
  for (let at = history.firstOperation.at(t); at < end; at++) {
    if (history.kind.at(at) === READ && history.value.at(at) !== UNKNOWN) yield at;
  }
}
