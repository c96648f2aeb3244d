/**
 * The weak isolation levels as axioms (Biswas and Enea, OOPSLA 2019). All have one shape: there is
 * an order of commits that agrees with reads-from (and with session order, where said) in which
 *
 *     t3 reads key x from t1, and t2 writes x, and t2 is visible to t3   ⇒   t2 is before t1
 *
 * and differ in what is visible. All are decided completely in polynomial time: collect what the
 * axiom says, look for a cycle. The way visible writers are found follows AWDIT (PLDI 2025).
 *
 *     read-committed              what t3 read from earlier in its own order of operations
 *     read-atomic                 everything t3 read from; with sessions: what came before in it too
 *     causal                      everything that happens before t3
 *     read your writes            earlier writers in the session of t3
 *     monotonic reads             what the session read that key from before
 *     monotonic writes            who wrote earlier in the session of someone t3 read from
 *     writes follow reads         whom someone t3 read from, or its session before, had read from
 */
import { BaseEdges } from './base-edges.ts';
import { HappensBefore } from './happens-before.ts';
import { bySession, KeyWriters } from './key-writers.ts';
import { INITIAL, type View, writes } from './view.ts';

/** `before` must come before `after`, because `reader` read `key` from `after` and sees `before`. */
export type Visit = (before: number, after: number, reader: number, key: number) => void;

export interface Facts {
  readonly view: View;
  readonly writers: KeyWriters;
  readonly happensBefore: HappensBefore;
  readonly base: BaseEdges;
}

export function factsOf(view: View): Facts {
  const writers = new KeyWriters(view);
  return {
    view,
    writers,
    happensBefore: new HappensBefore(view),
    base: new BaseEdges(view, writers),
  };
}

export type Axiom = (facts: Facts, visit: Visit) => void;

export const readCommitted: Axiom = ({ view }, visit) => {
  const { transactions, readStart, readKey, readFrom, writeStart } = view;
  for (let t = 0; t < transactions; t++) {
    const end = readStart[t + 1]!;
    for (let first = readStart[t]!; first + 1 < end; first++) {
      const source = readFrom[first]!;
      if (source === INITIAL || isRepeated(view, t, first)) continue;
      const single = writeStart[source + 1]! - writeStart[source]! === 1;
      for (let at = first + 1; at < end; at++) {
        if (readFrom[at] === source) continue;
        const key = readKey[at]!;
        if (single ? key === readKey[first] : writes(view, source, key)) {
          visit(source, readFrom[at]!, t, key);
        }
      }
    }
  }
};

/** Whether an earlier read has the same writer. */
function isRepeated({ readStart, readFrom }: View, t: number, at: number): boolean {
  for (let earlier = readStart[t]!; earlier < at; earlier++) {
    if (readFrom[earlier] === readFrom[at]) return true;
  }
  return false;
}

export const readAtomic: Axiom = ({ view }, visit) => {
  const { transactions, readStart, readKey, readFrom, writeStart } = view;
  for (let t = 0; t < transactions; t++) {
    const first = readStart[t]!;
    const end = readStart[t + 1]!;
    if (end - first < 2) continue;
    for (let of = first; of < end; of++) {
      const source = readFrom[of]!;
      // Another read of the only key that the source wrote is a read of that key once more.
      const single = writeStart[source + 1]! - writeStart[source]! < 2;
      if (source === INITIAL || (single && !view.mayReread)) continue;
      if (isRepeated(view, t, of)) continue;
      for (let at = first; at < end; at++) {
        if (readFrom[at] === source) continue;
        if (writes(view, source, readKey[at]!)) visit(source, readFrom[at]!, t, readKey[at]!);
      }
    }
  }
};

export const readYourWrites: Axiom = ({ view, writers }, visit) => {
  const { transactions, readStart, readKey, readFrom, session, position } = view;
  for (let t = 0; t < transactions; t++) {
    if (session[t]! < 0 || position[t] === 0) continue;
    for (let at = readStart[t]!; at < readStart[t + 1]!; at++) {
      const own = writers.lastInSession(readKey[at]!, session[t]!, position[t]!);
      if (own >= 0 && own !== readFrom[at]) visit(own, readFrom[at]!, t, readKey[at]!);
    }
  }
};

export const monotonicReads: Axiom = ({ view }, visit) => {
  const { readStart, readKey, readFrom, session } = view;
  let last = new Map<number, number>();
  let current = -1;
  for (const t of bySession(view)) {
    if (session[t] !== current) last = new Map();
    current = session[t]!;
    for (let at = readStart[t]!; at < readStart[t + 1]!; at++) {
      const before = last.get(readKey[at]!) ?? INITIAL;
      if (before !== INITIAL && before !== readFrom[at]) {
        visit(before, readFrom[at]!, t, readKey[at]!);
      }
      last.set(readKey[at]!, readFrom[at]!);
    }
  }
};

export const monotonicWrites: Axiom = ({ view, writers }, visit) => {
  const { transactions, readStart, readKey, readFrom, session, position } = view;
  for (let t = 0; t < transactions; t++) {
    const first = readStart[t]!;
    const end = readStart[t + 1]!;
    for (let of = first; of < end; of++) {
      const source = readFrom[of]!;
      if (source === INITIAL || isRepeated(view, t, of)) continue;
      for (let at = first; at < end; at++) {
        const bound = position[source]! + 1;
        const seen = writers.lastInSession(readKey[at]!, session[source]!, bound);
        if (seen >= 0 && seen !== readFrom[at]) visit(seen, readFrom[at]!, t, readKey[at]!);
      }
    }
  }
};

export const writesFollowReads: Axiom = ({ view }, visit) => {
  const { transactions, readStart, readKey, readFrom } = view;
  const lastRead = sessionReads(view);
  for (let t = 0; t < transactions; t++) {
    const first = readStart[t]!;
    const end = readStart[t + 1]!;
    for (let of = first; of < end; of++) {
      const source = readFrom[of]!;
      if (source === INITIAL || isRepeated(view, t, of)) continue;
      for (let at = first; at < end; at++) {
        for (const seen of lastRead(source, readKey[at]!)) {
          if (seen !== readFrom[at] && seen !== t) visit(seen, readFrom[at]!, t, readKey[at]!);
        }
      }
    }
  }
};

/** Whom a transaction, or its session before it, last read a key from: none or one. */
function sessionReads(view: View): (t: number, key: number) => readonly number[] {
  const { readStart, readKey, readFrom, session, position } = view;
  const reads = new Map<number, { position: number; from: number }[]>();
  const nameOf = (s: number, key: number) => s * view.keys + key;
  for (const t of bySession(view)) {
    for (let at = readStart[t]!; at < readStart[t + 1]!; at++) {
      if (readFrom[at] === INITIAL) continue;
      const name = nameOf(session[t]!, readKey[at]!);
      const one = { position: position[t]!, from: readFrom[at]! };
      const list = reads.get(name);
      if (list === undefined) reads.set(name, [one]);
      else list.push(one);
    }
  }
  return (t, key) => {
    const list = reads.get(nameOf(session[t]!, key)) ?? [];
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle]!.position <= position[t]!) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? [] : [list[low - 1]!.from];
  };
}

/** Leaves out what happens-before says already. Requires: happens-before is acyclic. */
export const causal: Axiom = ({ view, writers, happensBefore }, visit) => {
  const { readStart, readKey, readFrom, session, position } = view;
  const { firstGroup, groupSession } = writers;
  const { clocks } = happensBefore;
  for (const t of happensBefore.order) {
    for (let at = readStart[t]!; at < readStart[t + 1]!; at++) {
      const key = readKey[at]!;
      const source = readFrom[at]!;
      for (let group = firstGroup[key]!; group < firstGroup[key + 1]!; group++) {
        const of = groupSession[group]!;
        const bound = of === session[t] ? position[t]! : clocks.clock(t, of);
        if (bound === 0) continue;
        if (source !== INITIAL && clocks.clock(source, of) >= bound) continue;
        const last = writers.lastBelow(group, bound);
        if (last < 0 || last === source) continue;
        if (source !== INITIAL && clocks.reaches(last, source)) continue;
        visit(last, source, t, key);
      }
    }
  }
};
