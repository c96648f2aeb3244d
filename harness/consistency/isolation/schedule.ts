/**
 * Schedule: tries to execute the transactions one after the other, within the known order, so that every read
 * returns the version it returned in the history. A writer waits while the version it would replace has readers
 * left. A complete execution is a witness; getting stuck proves nothing.
 */
import type { Rows } from './closure.ts';
import { popSmallest, pushOn } from './heap.ts';
import type { Polygraph } from './polygraph.ts';
import { INITIAL } from './view.ts';

export interface Scheduled {
  /** Transactions in the order of their commits; all of them when `complete`. */
  readonly order: readonly number[];
  readonly complete: boolean;
  /** Where it ran aground: a version with readers to come, and a writer that waits for them. */
  readonly stuck: readonly [key: number, current: number, waiting: number] | undefined;
}

export function schedule(graph: Polygraph, { starts, targets }: Rows): Scheduled {
  const run = new Run(graph);
  const waits = new Int32Array(graph.edges.nodes);
  for (const target of targets) waits[target]! += 1;
  /** Read-only transactions conflict with none and go first; otherwise in order of arrival. */
  const readers: number[] = [];
  const ready: number[] = [];
  const push = (node: number) => {
    if (run.onlyReads(node)) readers.push(node);
    else pushOn(ready, node);
  };
  for (let node = 0; node < graph.edges.nodes; node++) if (waits[node] === 0) push(node);
  /** Nodes that wait, by the key that keeps them. */
  const parked = new Map<number, number[]>();
  while (readers.length > 0 || ready.length > 0) {
    const node = readers.pop() ?? popSmallest(ready);
    const key = run.blockedKey(node);
    if (key >= 0) {
      const others = parked.get(key);
      if (others === undefined) parked.set(key, [node]);
      else others.push(node);
      continue;
    }
    for (const freed of run.take(node)) {
      for (const waiting of parked.get(freed) ?? []) push(waiting);
      parked.delete(freed);
    }
    for (let at = starts[node]!; at < starts[node + 1]!; at++) {
      if (--waits[targets[at]!]! === 0) push(targets[at]!);
    }
  }
  const complete = run.order.length === graph.transactions.length;
  return {
    order: run.order,
    complete,
    stuck: complete ? undefined : run.blockage([...parked.values()].flat()),
  };
}

class Run {
  readonly order: number[] = [];
  readonly #graph: Polygraph;
  /** Per key: whose version is current, how many of its readers are to come, who is writing. */
  readonly #current: Int32Array;
  readonly #toCome: Int32Array;
  readonly #lockedBy: Int32Array;

  constructor(graph: Polygraph) {
    this.#graph = graph;
    const { keys } = graph.view;
    this.#current = new Int32Array(keys).fill(INITIAL);
    this.#toCome = Int32Array.from({ length: keys }, (_, k) => graph.readersOf(k, INITIAL).length);
    this.#lockedBy = new Int32Array(keys).fill(-1);
  }

  onlyReads(node: number): boolean {
    const { view, transactions } = this.#graph;
    const t = transactions[this.#numberOf(node)];
    return t === undefined || view.writeStart[t] === view.writeStart[t + 1];
  }

  /** The key that keeps a node from being next, or -1. */
  blockedKey(node: number): number {
    const { view, transactions, semantics } = this.#graph;
    const i = this.#numberOf(node);
    if (i >= transactions.length) return -1;
    const t = transactions[i]!;
    const begins = node === this.#graph.begin(i);
    const ends = node === this.#graph.end(i);
    for (let at = view.writeStart[t]!; at < view.writeStart[t + 1]!; at++) {
      const key = view.writeKey[at]!;
      if (begins && semantics.writersApart && this.#lockedBy[key] !== -1) return key;
      if (!ends) continue;
      const own = semantics.stride === 1 && this.#reads(t, key) ? 1 : 0;
      if (this.#toCome[key]! > own) return key;
    }
    return -1;
  }

  /** Answers the keys on which others may go on now. */
  take(node: number): readonly number[] {
    const { view, transactions, semantics } = this.#graph;
    const i = this.#numberOf(node);
    if (i >= transactions.length) return [];
    const t = transactions[i]!;
    const freed: number[] = [];
    if (node === this.#graph.begin(i)) {
      for (let at = view.readStart[t]!; at < view.readStart[t + 1]!; at++) {
        if (!this.#isFirst(t, at)) continue;
        const key = view.readKey[at]!;
        this.#toCome[key]! -= 1;
        if (this.#toCome[key]! <= 1) freed.push(key);
      }
      if (semantics.stride === 2 && semantics.writersApart) this.#lock(t, i);
    }
    if (node !== this.#graph.end(i)) return freed;
    for (let at = view.writeStart[t]!; at < view.writeStart[t + 1]!; at++) {
      const key = view.writeKey[at]!;
      this.#current[key] = i;
      this.#toCome[key] = this.#graph.readersOf(key, i).length;
      this.#lockedBy[key] = -1;
      freed.push(key);
    }
    this.order.push(t);
    return freed;
  }

  blockage(parked: readonly number[]): Scheduled['stuck'] {
    for (const node of parked) {
      const key = this.blockedKey(node);
      const waiting = this.#numberOf(node);
      if (key < 0) continue;
      const other = this.#lockedBy[key]! >= 0 ? this.#lockedBy[key]! : this.#current[key]!;
      if (other >= 0 && other !== waiting) return [key, other, waiting];
    }
    return undefined;
  }

  #lock(t: number, i: number): void {
    const { view } = this.#graph;
    for (let at = view.writeStart[t]!; at < view.writeStart[t + 1]!; at++) {
      this.#lockedBy[view.writeKey[at]!] = i;
    }
  }

  #numberOf(node: number): number {
    return Math.floor(node / this.#graph.semantics.stride);
  }

  #reads(t: number, key: number): boolean {
    const { readStart, readKey } = this.#graph.view;
    for (let at = readStart[t]!; at < readStart[t + 1]!; at++) if (readKey[at] === key) return true;
    return false;
  }

  /** Readers are counted once a version, however often they read it. */
  #isFirst(t: number, at: number): boolean {
    const { readStart, readKey } = this.#graph.view;
    for (let earlier = readStart[t]!; earlier < at; earlier++) {
      if (readKey[earlier] === readKey[at]) return false;
    }
    return true;
  }
}
