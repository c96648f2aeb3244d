/**
 * DependencyGraph: who must come before whom, and why (Adya's direct serialization graph).
 *
 *     ww   wrote the version that the other replaced
 *     wr   wrote the version that the other read
 *     rw   read the version that the other replaced (an anti-dependency)
 *     process   the same client did it before
 *     realtime  completed before the other was invoked
 *
 * Realtime order has O(n²) pairs. It is kept in O(n) edges through *instants*: extra nodes in a
 * chain, one for each run of invocations. A completion points to the next instant, an instant to
 * the invocations at it and to the next instant.
 */
import { GrowingInts } from './columns.ts';

export const WW = 1;
export const WR = 2;
export const RW = 4;
export const PROCESS = 8;
export const REALTIME = 16;

export class GraphBuilder {
  readonly #from = new GrowingInts();
  readonly #to = new GrowingInts();
  readonly #kind = new GrowingInts();
  /** Transactions, then instants. */
  nodes: number;
  readonly transactions: number;

  constructor(transactions: number) {
    this.transactions = transactions;
    this.nodes = transactions;
  }

  /** An edge from a node to itself says nothing and is left out. */
  add(from: number, to: number, kind: number): void {
    if (from === to) return;
    this.#from.push(from);
    this.#to.push(to);
    this.#kind.push(kind);
  }

  addInstant(): number {
    return this.nodes++;
  }

  build(): DependencyGraph {
    const from = this.#from.view();
    const to = this.#to.view();
    const kind = this.#kind.view();
    const starts = new Int32Array(this.nodes + 1);
    for (const node of from) starts[node + 1]! += 1;
    for (let node = 0; node < this.nodes; node++) starts[node + 1]! += starts[node]!;
    const next = starts.slice(0, this.nodes);
    const targets = new Int32Array(from.length);
    const kinds = new Uint8Array(from.length);
    for (let i = 0; i < from.length; i++) {
      const at = next[from[i]!]!;
      next[from[i]!] = at + 1;
      targets[at] = to[i]!;
      kinds[at] = kind[i]!;
    }
    const { nodes, transactions } = this;
    return { nodes, transactions, starts, targets, kinds };
  }
}

/** Compressed rows: the edges of node n are `starts[n] … starts[n + 1] - 1`. */
export interface DependencyGraph {
  readonly nodes: number;
  readonly transactions: number;
  readonly starts: Int32Array;
  readonly targets: Int32Array;
  readonly kinds: Uint8Array;
}
