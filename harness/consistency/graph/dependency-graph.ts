/**
 * DependencyGraph: which transaction must precede which, and why (Adya's direct serialization graph).
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
export const WW = 1;
export const WR = 2;
export const RW = 4;
export const PROCESS = 8;
export const REALTIME = 16;
/** The order an axiom of a weak level asks for. */
export const VISIBLE = 32;

/** Initial capacity; it doubles when needed. */
const EDGES_A_TRANSACTION = 8;
const EDGES_MIN = 64;

export class GraphBuilder {
  #from: Int32Array;
  #to: Int32Array;
  #kind: Uint8Array;
  #size = 0;
  /** Transactions, then instants. */
  nodes: number;
  readonly transactions: number;

  constructor(transactions: number) {
    this.transactions = transactions;
    this.nodes = transactions;
    const capacity = Math.max(EDGES_MIN, EDGES_A_TRANSACTION * transactions);
    this.#from = new Int32Array(capacity);
    this.#to = new Int32Array(capacity);
    this.#kind = new Uint8Array(capacity);
  }

  /** An edge from a node to itself carries no information and is ignored. */
  add(from: number, to: number, kind: number): void {
    if (from === to) return;
    if (this.#size === this.#from.length) this.#grow();
    this.#from[this.#size] = from;
    this.#to[this.#size] = to;
    this.#kind[this.#size++] = kind;
  }

  /** Adds all edges of another graph with the same nodes. */
  addAll(other: GraphBuilder): void {
    const size = this.#size + other.#size;
    while (size > this.#from.length) this.#grow();
    this.#from.set(other.#from.subarray(0, other.#size), this.#size);
    this.#to.set(other.#to.subarray(0, other.#size), this.#size);
    this.#kind.set(other.#kind.subarray(0, other.#size), this.#size);
    this.#size = size;
  }

  addInstant(): number {
    return this.nodes++;
  }

  /**
   * Whether there is no cycle, by Kahn's algorithm over linked lists of edges: cheaper than to build
   * the graph, where the answer is most often yes.
   */
  isAcyclic(): boolean {
    const first = new Int32Array(this.nodes).fill(-1);
    const next = new Int32Array(this.#size);
    const waits = new Int32Array(this.nodes);
    for (let i = 0; i < this.#size; i++) {
      const from = this.#from[i]!;
      next[i] = first[from]!;
      first[from] = i;
      waits[this.#to[i]!]! += 1;
    }
    const queue = new Int32Array(this.nodes);
    let tail = 0;
    for (let node = 0; node < this.nodes; node++) if (waits[node] === 0) queue[tail++] = node;
    for (let head = 0; head < tail; head++) {
      for (let edge = first[queue[head]!]!; edge >= 0; edge = next[edge]!) {
        const target = this.#to[edge]!;
        if (--waits[target]! === 0) queue[tail++] = target;
      }
    }
    return tail === this.nodes;
  }

  build(): DependencyGraph {
    const from = this.#from.subarray(0, this.#size);
    const to = this.#to;
    const kind = this.#kind;
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

  #grow(): void {
    const widen = <A extends Int32Array | Uint8Array>(old: A, wider: A): A => {
      wider.set(old);
      return wider;
    };
    const capacity = 2 * this.#from.length;
    this.#from = widen(this.#from, new Int32Array(capacity));
    this.#to = widen(this.#to, new Int32Array(capacity));
    this.#kind = widen(this.#kind, new Uint8Array(capacity));
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
