/**
 * Strict order: looks for an order of commits that agrees with real time and in which every read
 * finds the version it read, in one pass. Any length of history: at each step only what overlaps
 * in time is looked at. What it finds is a witness; finding nothing proves nothing.
 *
 * Of those that may come next it takes a reader at once, because it changes nothing; else the
 * writer that has to be done soonest. A writer waits while the version it would replace has readers
 * to come, and while another writer must come before it: one that is over before a reader of this
 * version begins.
 */
import { INITIAL, type View } from './view.ts';

export function strictOrder(view: View): Int32Array | undefined {
  const run = new StrictRun(view);
  return run.run() ? run.order : undefined;
}

/** Transactions whose completion nobody knows can pile up; no more of the others are looked at. */
const WINDOW_MAX = 512;

class StrictRun {
  readonly order: Int32Array;
  readonly #view: View;
  readonly #done: Uint8Array;
  readonly #byInvocation: Int32Array;
  readonly #byCompletion: Int32Array;
  /** Readers to come of the version in a write slot, and when the last of them began. */
  readonly #toCome: Int32Array;
  readonly #lastReader: Float64Array;
  readonly #initialToCome: Int32Array;
  /** Per key the write slot that is current; INITIAL before the first. */
  readonly #current: Int32Array;
  /** For each read, the slot of the version it read. */
  readonly #slotRead: Int32Array;
  /** Writers of each key in the order of their completion. */
  readonly #keyStart: Int32Array;
  readonly #keyWriters: Int32Array;
  readonly #keyNext: Int32Array;

  constructor(view: View) {
    this.#view = view;
    const { transactions, keys, committed, invoked, completed, writeKey } = view;
    const all = Int32Array.from({ length: transactions }, (_, t) => t).filter(
      (t) => committed[t] === 1,
    );
    this.#byInvocation = all.slice().sort((a, b) => invoked[a]! - invoked[b]!);
    this.#byCompletion = all.sort((a, b) => completed[a]! - completed[b]! || a - b);
    this.order = new Int32Array(all.length);
    this.#done = new Uint8Array(transactions);
    this.#toCome = new Int32Array(writeKey.length);
    this.#lastReader = new Float64Array(writeKey.length).fill(-1);
    this.#initialToCome = new Int32Array(keys);
    this.#current = new Int32Array(keys).fill(INITIAL);
    this.#slotRead = new Int32Array(view.readKey.length);
    this.#keyStart = new Int32Array(keys + 1);
    this.#keyWriters = new Int32Array(writeKey.length);
    this.#indexReads();
    this.#indexWriters();
    this.#keyNext = this.#keyStart.slice(0, keys);
  }

  run(): boolean {
    const { invoked, completed } = this.#view;
    let due = 0;
    let next = 0;
    let window: number[] = [];
    for (let size = 0; size < this.order.length; ) {
      while (this.#done[this.#byCompletion[due]!] === 1) due++;
      const deadline = completed[this.#byCompletion[due]!]!;
      while (next < this.order.length && invoked[this.#byInvocation[next]!]! < deadline) {
        window.push(this.#byInvocation[next++]!);
        if (window.length > WINDOW_MAX) return false;
      }
      const taken = this.#choose(window);
      if (taken < 0) return false;
      this.#take(taken);
      this.order[size++] = taken;
      window = window.filter((t) => t !== taken);
    }
    return true;
  }

  #choose(window: readonly number[]): number {
    const { completed, writeStart } = this.#view;
    let best = -1;
    for (const t of window) {
      if (best >= 0 && completed[t]! >= completed[best]!) {
        if (writeStart[t] !== writeStart[t + 1]) continue;
      }
      if (!this.#mayCome(t)) continue;
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
      return this.#view.completed[other]! < reader;
    }
    return false;
  }

  #take(t: number): void {
    const { readStart, readKey, writeStart, writeKey } = this.#view;
    this.#done[t] = 1;
    for (let at = readStart[t]!; at < readStart[t + 1]!; at++) {
      if (!this.#isFirst(t, at)) continue;
      if (this.#slotRead[at] === INITIAL) this.#initialToCome[readKey[at]!]! -= 1;
      else this.#toCome[this.#slotRead[at]!]! -= 1;
    }
    for (let at = writeStart[t]!; at < writeStart[t + 1]!; at++) this.#current[writeKey[at]!] = at;
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
    for (const t of this.#byCompletion) {
      for (let at = writeStart[t]!; at < writeStart[t + 1]!; at++) {
        this.#keyWriters[next[writeKey[at]!]!++] = t;
      }
    }
  }
}
