/**
 * Strict order: searches for a commit order that agrees with real time and in which every read returns the version
 * it returned in the history. Handles histories of any length: each step looks only at concurrent
 * transactions, and backtracking is bounded. An order that is found is a witness; finding none proves nothing.
 *
 * Of the possible next transactions, a read-only one is taken at once, because it changes nothing; otherwise
 * the writer with the earliest due time. A writer waits while the version it would replace has readers left, and
 * while another writer must precede it: one that is due before a reader of this version began. A
 * transaction is due when it, or a transaction that read from it, completes.
 */
import { INITIAL, type View } from './view.ts';

export function strictOrder(view: View): Int32Array | undefined {
  const run = new StrictRun(view);
  return run.run() ? run.order : undefined;
}

/** Bound on the window: indeterminate transactions never leave it and could fill it. */
const WINDOW_MAX = 512;
/** Bounds on backtracking: steps in total, and steps at once. */
const BACK_MAX = 200_000;
const BACK_AT_ONCE_MAX = 400;

class StrictRun {
  readonly order: Int32Array;
  readonly #view: View;
  readonly #done: Uint8Array;
  readonly #byInvocation: Int32Array;
  readonly #byDue: Int32Array;
  readonly #dueRank: Int32Array;
  /** By when each transaction must have happened. */
  readonly #due: Float64Array;
  /** Readers to come of the version in a write slot, and when the last of them began. */
  readonly #toCome: Int32Array;
  readonly #lastReader: Float64Array;
  readonly #initialToCome: Int32Array;
  /** Per key the write slot that is current; INITIAL before the first. */
  readonly #current: Int32Array;
  /** For each read, the slot of the version it read. */
  readonly #slotRead: Int32Array;
  /** Writers of each key, who is due first before the others. */
  readonly #keyStart: Int32Array;
  readonly #keyWriters: Int32Array;
  readonly #keyNext: Int32Array;
  /** Where each write slot's writer stands in `#keyWriters`. */
  readonly #placeOf: Int32Array;
  /** Concurrent transactions not yet ordered; `#tried` holds the states visited at each depth. */
  #window: number[] = [];
  readonly #tried = new Map<number, number[]>();
  /** Names of states from which nothing led on. */
  readonly #dead = new Set<number>();
  /** The versions that writers replaced, to go back to. */
  readonly #replaced: number[] = [];
  #size = 0;
  #firstDue = 0;
  #hashA = 0;
  #hashB = 0;

  constructor(view: View) {
    this.#view = view;
    const { transactions, keys, committed, invoked, writeKey } = view;
    const all = Int32Array.from({ length: transactions }, (_, t) => t).filter(
      (t) => committed[t] === 1,
    );
    this.#byInvocation = all.slice().sort((a, b) => invoked[a]! - invoked[b]!);
    this.#due = dueTimes(view);
    this.#byDue = all.sort((a, b) => this.#due[a]! - this.#due[b]! || a - b);
    this.#dueRank = new Int32Array(transactions);
    for (const [rank, t] of this.#byDue.entries()) this.#dueRank[t] = rank;
    this.order = new Int32Array(all.length);
    this.#done = new Uint8Array(transactions);
    this.#toCome = new Int32Array(writeKey.length);
    this.#lastReader = new Float64Array(writeKey.length).fill(-1);
    this.#initialToCome = new Int32Array(keys);
    this.#current = new Int32Array(keys).fill(INITIAL);
    this.#slotRead = new Int32Array(view.readKey.length);
    this.#keyStart = new Int32Array(keys + 1);
    this.#keyWriters = new Int32Array(writeKey.length);
    this.#placeOf = new Int32Array(writeKey.length);
    this.#indexReads();
    this.#indexWriters();
    this.#keyNext = this.#keyStart.slice(0, keys);
  }

  run(): boolean {
    const { invoked } = this.#view;
    let next = 0;
    let furthest = 0;
    let back = 0;
    while (this.#size < this.order.length) {
      while (this.#done[this.#byDue[this.#firstDue]!] === 1) this.#firstDue++;
      const deadline = this.#due[this.#byDue[this.#firstDue]!]!;
      while (next < this.order.length && invoked[this.#byInvocation[next]!]! < deadline) {
        this.#window.push(this.#byInvocation[next++]!);
        if (this.#window.length > WINDOW_MAX) return false;
      }
      const taken = this.#choose(deadline);
      if (taken >= 0) {
        this.#append(taken);
        furthest = Math.max(furthest, this.#size);
        if (!this.#dead.has(this.#name())) continue;
      } else this.#dead.add(this.#name());
      if (!this.#backtrack()) return false;
      if (++back > BACK_MAX || furthest - this.#size > BACK_AT_ONCE_MAX) return false;
    }
    return true;
  }

  /** Undoes the last writer, and the readers after it, and remembers that it was tried there. */
  #backtrack(): boolean {
    const { writeStart } = this.#view;
    this.#tried.delete(this.#size);
    while (this.#size > 0) {
      const t = this.order[this.#size - 1]!;
      this.#undo(t);
      if (writeStart[t] === writeStart[t + 1]) continue;
      const tried = this.#tried.get(this.#size);
      if (tried === undefined) this.#tried.set(this.#size, [t]);
      else tried.push(t);
      return true;
    }
    return false;
  }

  #choose(deadline: number): number {
    const { writeStart, invoked } = this.#view;
    const tried = this.#tried.get(this.#size);
    let best = -1;
    for (const t of this.#window) {
      if (best >= 0 && this.#due[t]! >= this.#due[best]!) {
        if (writeStart[t] !== writeStart[t + 1]) continue;
      }
      if (invoked[t]! > deadline || tried?.includes(t) || !this.#mayCome(t)) continue;
      if (writeStart[t] === writeStart[t + 1]) return t;
      best = t;
    }
    return best;
  }

  #mayCome(t: number): boolean {
    const { readStart, readKey, writeStart, writeKey } = this.#view;
    for (let at = readStart[t]!; at < readStart[t + 1]!; at++) {
      if (this.#current[readKey[at]!] !== this.#slotRead[at]) return false;
    }
    for (let at = writeStart[t]!; at < writeStart[t + 1]!; at++) {
      const key = writeKey[at]!;
      const current = this.#current[key]!;
      const toCome = current === INITIAL ? this.#initialToCome[key]! : this.#toCome[current]!;
      if (toCome > 0 && toCome > (this.#readsKey(t, key) ? 1 : 0)) return false;
      if (this.#lastReader[at]! >= 0 && this.#mustWait(t, key, this.#lastReader[at]!)) return false;
    }
    return true;
  }

  /** Whether another writer of `key` to come is over before `reader` begins. */
  #mustWait(t: number, key: number, reader: number): boolean {
    const end = this.#keyStart[key + 1]!;
    let at = this.#keyNext[key]!;
    while (at < end && this.#done[this.#keyWriters[at]!] === 1) at++;
    this.#keyNext[key] = at;
    for (; at < end; at++) {
      const other = this.#keyWriters[at]!;
      if (other === t || this.#done[other] === 1) continue;
      return this.#due[other]! < reader;
    }
    return false;
  }

  #append(t: number): void {
    const { writeStart, writeKey } = this.#view;
    this.#done[t] = 1;
    this.#mix(t);
    this.#countReads(t, -1);
    for (let at = writeStart[t]!; at < writeStart[t + 1]!; at++) {
      const key = writeKey[at]!;
      this.#replaced.push(this.#current[key]!);
      this.#mix(~this.#current[key]!);
      this.#mix(~at);
      this.#current[key] = at;
    }
    this.order[this.#size++] = t;
    this.#window.splice(this.#window.indexOf(t), 1);
  }

  #undo(t: number): void {
    const { writeStart, writeKey } = this.#view;
    this.#size--;
    this.#done[t] = 0;
    this.#mix(t);
    for (let at = writeStart[t + 1]! - 1; at >= writeStart[t]!; at--) {
      const key = writeKey[at]!;
      this.#current[key] = this.#replaced.pop()!;
      this.#mix(~this.#current[key]!);
      this.#mix(~at);
      this.#keyNext[key] = Math.min(this.#keyNext[key]!, this.#placeOf[at]!);
    }
    this.#countReads(t, 1);
    this.#window.push(t);
    this.#firstDue = Math.min(this.#firstDue, this.#dueRank[t]!);
  }

  /** Adds `change` to the readers to come of each version that `t` read. */
  #countReads(t: number, change: number): void {
    const { readStart, readKey } = this.#view;
    for (let at = readStart[t]!; at < readStart[t + 1]!; at++) {
      if (!this.#isFirst(t, at)) continue;
      if (this.#slotRead[at] === INITIAL) this.#initialToCome[readKey[at]!]! += change;
      else this.#toCome[this.#slotRead[at]!]! += change;
    }
  }

  /** Names the state: what happened, and whose versions are current. */
  #name(): number {
    return (this.#hashA >>> 0) * 2 ** 21 + (this.#hashB >>> 11);
  }

  /** In or out: doing it twice changes nothing. */
  #mix(value: number): void {
    let h = Math.imul(value ^ (value >>> 16) ^ 0x27d4eb2f, 0x85ebca6b);
    h ^= h >>> 13;
    this.#hashA ^= h = Math.imul(h, 0xc2b2ae35) ^ (h >>> 16);
    this.#hashB ^= Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  }

  #readsKey(t: number, key: number): boolean {
    const { readStart, readKey } = this.#view;
    for (let at = readStart[t]!; at < readStart[t + 1]!; at++) if (readKey[at] === key) return true;
    return false;
  }

  #isFirst(t: number, at: number): boolean {
    const { readStart, readKey } = this.#view;
    for (let earlier = readStart[t]!; earlier < at; earlier++) {
      if (readKey[earlier] === readKey[at]) return false;
    }
    return true;
  }

  #indexReads(): void {
    const { transactions, readStart, readKey, readFrom, invoked } = this.#view;
    for (let t = 0; t < transactions; t++) {
      for (let at = readStart[t]!; at < readStart[t + 1]!; at++) {
        const slot = readFrom[at] === INITIAL ? INITIAL : this.#slotOf(readFrom[at]!, readKey[at]!);
        this.#slotRead[at] = slot;
        if (!this.#isFirst(t, at)) continue;
        if (slot === INITIAL) {
          this.#initialToCome[readKey[at]!]! += 1;
          continue;
        }
        this.#toCome[slot]! += 1;
        if (invoked[t]! > this.#lastReader[slot]!) this.#lastReader[slot] = invoked[t]!;
      }
    }
  }

  #slotOf(t: number, key: number): number {
    const { writeStart, writeKey } = this.#view;
    let low = writeStart[t]!;
    let high = writeStart[t + 1]! - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (writeKey[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #indexWriters(): void {
    const { keys, writeKey, writeStart } = this.#view;
    for (const key of writeKey) this.#keyStart[key + 1]! += 1;
    for (let key = 0; key < keys; key++) this.#keyStart[key + 1]! += this.#keyStart[key]!;
    const next = this.#keyStart.slice(0, keys);
    for (const t of this.#byDue) {
      for (let at = writeStart[t]!; at < writeStart[t + 1]!; at++) {
        const place = next[writeKey[at]!]!++;
        this.#keyWriters[place] = t;
        this.#placeOf[at] = place;
      }
    }
  }
}

function dueTimes({ transactions, completed, committed, readStart, readFrom }: View): Float64Array {
  const due = completed.slice();
  for (let t = transactions - 1; t >= 0; t--) {
    if (committed[t] === 0) continue;
    for (let at = readStart[t]!; at < readStart[t + 1]!; at++) {
      const from = readFrom[at]!;
      if (from !== INITIAL && due[t]! < due[from]!) due[from] = due[t]!;
    }
  }
  return due;
}
