/**
 * KeyWriters: for each key its writers, grouped by session and in session order, so that "the last
 * writer in session s before position p" is a binary search.
 */
import type { View } from './view.ts';

export class KeyWriters {
  /** The groups of key k are `firstGroup[k] … firstGroup[k + 1] - 1`. */
  readonly firstGroup: Int32Array;
  readonly groupSession: Int32Array;
  /** The writers of group g are `writers[groupStart[g]] … writers[groupStart[g + 1] - 1]`. */
  readonly groupStart: Int32Array;
  readonly writers: Int32Array;
  readonly #position: Int32Array;

  constructor(view: View) {
    const { keys, writeKey, writeStart, session } = view;
    this.#position = view.position;
    const start = new Int32Array(keys + 1);
    for (const key of writeKey) start[key + 1]! += 1;
    for (let key = 0; key < keys; key++) start[key + 1]! += start[key]!;
    const next = start.slice(0, keys);
    this.writers = new Int32Array(writeKey.length);
    for (const t of bySession(view)) {
      for (let at = writeStart[t]!; at < writeStart[t + 1]!; at++) {
        this.writers[next[writeKey[at]!]!++] = t;
      }
    }
    this.firstGroup = new Int32Array(keys + 1);
    const sessions: number[] = [];
    const starts: number[] = [];
    for (let key = 0; key < keys; key++) {
      for (let at = start[key]!; at < start[key + 1]!; at++) {
        const own = session[this.writers[at]!]!;
        if (at > start[key]! && session[this.writers[at - 1]!] === own) continue;
        sessions.push(own);
        starts.push(at);
      }
      this.firstGroup[key + 1] = sessions.length;
    }
    starts.push(writeKey.length);
    this.groupSession = Int32Array.from(sessions);
    this.groupStart = Int32Array.from(starts);
  }

  /** All writers of a key. */
  of(key: number): Int32Array {
    const from = this.groupStart[this.firstGroup[key]!]!;
    return this.writers.subarray(from, this.groupStart[this.firstGroup[key + 1]!]!);
  }

  /** The last writer of group `group` at a position below `bound`, or -1. */
  lastBelow(group: number, bound: number): number {
    const first = this.groupStart[group]!;
    let low = first;
    let high = this.groupStart[group + 1]!;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#position[this.writers[middle]!]! < bound) low = middle + 1;
      else high = middle;
    }
    return low === first ? -1 : this.writers[low - 1]!;
  }

  /** The last writer of `key` in `session` at a position below `bound`, or -1. */
  lastInSession(key: number, session: number, bound: number): number {
    let low = this.firstGroup[key]!;
    let high = this.firstGroup[key + 1]!;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.groupSession[middle]! < session) low = middle + 1;
      else high = middle;
    }
    if (low === this.firstGroup[key + 1] || this.groupSession[low] !== session) return -1;
    return this.lastBelow(low, bound);
  }
}

/** Committed transactions, session after session, each in its order. */
export function bySession({ transactions, session, sessions, position }: View): Int32Array {
  const start = new Int32Array(sessions + 1);
  for (let t = 0; t < transactions; t++) if (session[t]! >= 0) start[session[t]! + 1]! += 1;
  for (let s = 0; s < sessions; s++) start[s + 1]! += start[s]!;
  const order = new Int32Array(start[sessions]!);
  for (let t = 0; t < transactions; t++) {
    if (session[t]! >= 0) order[start[session[t]!]! + position[t]!] = t;
  }
  return order;
}
