/**
 * Transitive closure of a graph of some ten thousand nodes, as rows of bits.
 * Cost: edges × nodes / 32 word operations, which are counted.
 */
import { popSmallest, pushOn } from './heap.ts';

export class Edges {
  #from = new Int32Array(1024);
  #to = new Int32Array(1024);
  #kind = new Uint8Array(1024);
  size = 0;
  nodes: number;

  constructor(nodes: number) {
    this.nodes = nodes;
  }

  add(from: number, to: number, kind: number): void {
    if (this.size === this.#from.length) {
      const widen = <A extends Int32Array | Uint8Array>(old: A, wider: A): A => {
        wider.set(old);
        return wider;
      };
      this.#from = widen(this.#from, new Int32Array(2 * this.size));
      this.#to = widen(this.#to, new Int32Array(2 * this.size));
      this.#kind = widen(this.#kind, new Uint8Array(2 * this.size));
    }
    this.#from[this.size] = from;
    this.#to[this.size] = to;
    this.#kind[this.size++] = kind;
  }

  /** Removes all edges after the first `size`. */
  cutTo(size: number): void {
    this.size = size;
  }

  /** Compressed rows: successors of n are `targets[starts[n]] … targets[starts[n + 1] - 1]`. */
  rows(): { starts: Int32Array; targets: Int32Array; kinds: Uint8Array } {
    const starts = new Int32Array(this.nodes + 1);
    for (let i = 0; i < this.size; i++) starts[this.#from[i]! + 1]! += 1;
    for (let node = 0; node < this.nodes; node++) starts[node + 1]! += starts[node]!;
    const next = starts.slice(0, this.nodes);
    const targets = new Int32Array(this.size);
    const kinds = new Uint8Array(this.size);
    for (let i = 0; i < this.size; i++) {
      const at = next[this.#from[i]!]!++;
      targets[at] = this.#to[i]!;
      kinds[at] = this.#kind[i]!;
    }
    return { starts, targets, kinds };
  }
}

export type Rows = ReturnType<Edges['rows']>;

/** The nodes in an order that all edges agree with, or `undefined` when there is a cycle. */
export function sortTopologically(
  nodes: number,
  { starts, targets }: Rows,
): Int32Array | undefined {
  const waits = new Int32Array(nodes);
  for (const target of targets) waits[target]! += 1;
  const order = new Int32Array(nodes);
  let tail = 0;
  for (let node = 0; node < nodes; node++) if (waits[node] === 0) order[tail++] = node;
  for (let head = 0; head < tail; head++) {
    const node = order[head]!;
    for (let at = starts[node]!; at < starts[node + 1]!; at++) {
      if (--waits[targets[at]!]! === 0) order[tail++] = targets[at]!;
    }
  }
  return tail === nodes ? order : undefined;
}

/** The same, with the smallest node first wherever there is a choice. Requires: no cycle. */
export function sortSmallestFirst(nodes: number, { starts, targets }: Rows): Int32Array {
  const waits = new Int32Array(nodes);
  for (const target of targets) waits[target]! += 1;
  const order = new Int32Array(nodes);
  const heap: number[] = [];
  for (let node = 0; node < nodes; node++) if (waits[node] === 0) heap.push(node); // sorted: a heap
  for (let size = 0; heap.length > 0; size++) {
    const node = popSmallest(heap);
    order[size] = node;
    for (let at = starts[node]!; at < starts[node + 1]!; at++) {
      if (--waits[targets[at]!]! === 0) pushOn(heap, targets[at]!);
    }
  }
  return order;
}

export class Closure {
  readonly #words: number;
  readonly #bits: Int32Array;
  /** Word operations so far, and tests of pairs that the owner counts. */
  steps = 0;

  constructor(nodes: number) {
    this.#words = Math.ceil(nodes / 32);
    this.#bits = new Int32Array(nodes * this.#words);
  }

  reaches(from: number, to: number): boolean {
    return ((this.#bits[from * this.#words + (to >> 5)]! >>> (to & 31)) & 1) === 1;
  }

  /** `order` as of `sortTopologically`. */
  compute(order: Int32Array, { starts, targets }: Rows): void {
    const words = this.#words;
    const bits = this.#bits;
    const rank = new Int32Array(order.length);
    for (const [at, node] of order.entries()) rank[node] = at;
    for (let i = order.length - 1; i >= 0; i--) {
      const node = order[i]!;
      const row = node * words;
      bits.fill(0, row, row + words);
      // The nearest successors first: most of the others are reached through them.
      const successors = targets.slice(starts[node]!, starts[node + 1]!);
      if (successors.length > 1) successors.sort((a, b) => rank[a]! - rank[b]!);
      for (const target of successors) {
        const word = row + (target >> 5);
        if (((bits[word]! >>> (target & 31)) & 1) === 1) continue;
        const other = target * words;
        for (let w = 0; w < words; w++) bits[row + w]! |= bits[other + w]!;
        bits[word]! |= 1 << (target & 31);
        this.steps += words;
      }
    }
  }
}
