/**
 * Session order and real-time order (through instants) as edges. An indeterminate transaction has no
 * outgoing edge.
 */
import { PROCESS, REALTIME } from './dependency-graph.ts';

export interface SessionSource {
  readonly transactions: number;
  readonly committed: Uint8Array;
  readonly process: Int32Array;
  readonly invoked: Float64Array;
  readonly completed: Float64Array;
  readonly hasRealTime: boolean;
}

/** The graph under construction. */
export interface EdgeSink {
  add(from: number, to: number, kind: number): void;
  addInstant(): number;
}

export function addSessionEdges(source: SessionSource, sink: EdgeSink): void {
  const { invoked, completed, committed, process, hasRealTime } = source;
  const isIn = (t: number) => committed[t] === 1;
  const byInvocation = inOrderOfInvocation(invoked);
  const byCompletion = hasRealTime ? inOrderOfCompletion(source) : new Int32Array(0);
  const lastOf = new Map<number, number>();
  let done = 0;
  let instant = -1;
  for (const t of byInvocation) {
    if (!isIn(t)) continue;
    const before = lastOf.get(process[t]!);
    if (before !== undefined) sink.add(before, t, PROCESS);
    if (!hasRealTime || Number.isFinite(completed[t]!)) lastOf.set(process[t]!, t);
    const first = done;
    while (done < byCompletion.length && completed[byCompletion[done]!]! < invoked[t]!) done++;
    if (done > first) {
      const next = sink.addInstant();
      if (instant >= 0) sink.add(instant, next, REALTIME);
      for (let i = first; i < done; i++) sink.add(byCompletion[i]!, next, REALTIME);
      instant = next;
    }
    if (instant >= 0) sink.add(instant, t, REALTIME);
  }
}

/** Invocation indices are distinct integers, so scattering replaces sorting. */
function inOrderOfInvocation(invoked: Float64Array): Int32Array {
  const last = invoked.reduce((max, index) => Math.max(max, index), -1);
  const at = new Int32Array(last + 1).fill(-1);
  for (let t = 0; t < invoked.length; t++) at[invoked[t]!] = t;
  const order = new Int32Array(invoked.length);
  let size = 0;
  for (const t of at) if (t >= 0) order[size++] = t;
  return order.subarray(0, size);
}

function inOrderOfCompletion({ transactions, committed, completed }: SessionSource): Int32Array {
  const all = new Int32Array(transactions);
  let size = 0;
  let isSorted = true;
  let last = Number.NEGATIVE_INFINITY;
  for (let t = 0; t < transactions; t++) {
    if (committed[t] === 0 || completed[t] === Number.POSITIVE_INFINITY) continue;
    all[size++] = t;
    isSorted &&= last <= completed[t]!;
    last = completed[t]!;
  }
  const order = all.subarray(0, size);
  return isSorted ? order : order.sort((a, b) => completed[a]! - completed[b]!);
}
