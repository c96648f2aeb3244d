/**
 * Saturation: adds the edges of a polygraph that every choice shares, until no more follow. If one writer of a key
 * cannot precede another, because that closes a cycle, it follows it; and readers of the earlier version precede
 * the later writer.
 */
import { RW, WW } from '../graph/dependency-graph.ts';
import { Closure, type Rows, sortTopologically } from './closure.ts';
import type { Polygraph } from './polygraph.ts';
import { INITIAL } from './view.ts';

/** Two writers of a key of which neither can come first, or a cycle of what is known. */
export type Conflict =
  | { readonly kind: 'cycle' }
  | { readonly kind: 'pair'; readonly key: number; readonly a: number; readonly b: number };

export interface Saturated {
  readonly conflict: Conflict | undefined;
  readonly rows: Rows;
  readonly order: Int32Array;
  /** A pair of writers whose order is still open: [key, a, b]. */
  readonly open: readonly [key: number, a: number, b: number] | undefined;
}

/** What looking at a pair of writers, an edge or a node costs, in word operations. */
const PAIR_STEPS = 16;
const EDGE_STEPS = 24;
const NODE_STEPS = 32;

export class Saturation {
  readonly #graph: Polygraph;
  readonly closure: Closure;
  #rank = new Int32Array(0);

  constructor(graph: Polygraph) {
    this.#graph = graph;
    this.closure = new Closure(graph.edges.nodes);
  }

  run(): Saturated {
    const { edges } = this.#graph;
    for (;;) {
      const rows = edges.rows();
      this.closure.steps += EDGE_STEPS * edges.size + NODE_STEPS * edges.nodes;
      const order = sortTopologically(edges.nodes, rows);
      const result = { rows, order: order ?? new Int32Array(0), open: undefined };
      if (order === undefined) return { ...result, conflict: { kind: 'cycle' } };
      this.closure.compute(order, rows);
      this.#rank = new Int32Array(edges.nodes);
      for (const [at, node] of order.entries()) this.#rank[node] = at;
      const before = edges.size;
      let open: Saturated['open'];
      for (let key = 0; key < this.#graph.writersOf.length; key++) {
        const found = this.#orderWriters(key);
        if (found === undefined) continue;
        if ('kind' in found) return { ...result, conflict: found };
        open ??= found;
      }
      if (edges.size === before) return { ...result, conflict: undefined, open };
    }
  }

  /** Adds what follows for one key; answers a conflict, or a pair that is still open. */
  #orderWriters(key: number): Conflict | Saturated['open'] {
    const graph = this.#graph;
    if (!graph.semantics.rwOrders && this.#contradictsInitial(key)) {
      const [a] = graph.writersOf[key]!;
      return { kind: 'pair', key, a: a!, b: a! };
    }
    if (graph.writersOf[key]!.length < 2) return undefined;
    const writers = [...graph.writersOf[key]!].sort(
      (a, b) => this.#rank[graph.end(a)]! - this.#rank[graph.end(b)]!,
    );
    let open: Saturated['open'];
    for (const [i, a] of writers.entries()) {
      const readers = graph.readersOf(key, a);
      const next: number[] = [];
      this.closure.steps += PAIR_STEPS * (writers.length - i);
      for (let j = i + 1; j < writers.length; j++) {
        const b = writers[j]!;
        const decided = this.closure.reaches(graph.end(a), graph.successor(b));
        const possible = this.#mayPrecede(key, a, b);
        if (decided && possible) {
          this.#overwrite(readers, b, next);
          continue;
        }
        const reverse = !decided && this.#mayPrecede(key, b, a);
        if (!possible && !reverse) return { kind: 'pair', key, a, b };
        if (possible && reverse) open ??= [key, a, b];
        else if (possible) this.decide(key, a, b);
        else this.decide(key, b, a);
      }
    }
    return open;
  }

  /** Whether `a` may come before `b`, as far as is known. */
  #mayPrecede(key: number, a: number, b: number): boolean {
    const graph = this.#graph;
    const { closure } = this;
    if (closure.reaches(graph.successor(b), graph.end(a))) return false;
    for (const reader of graph.readersOf(key, a)) {
      if (reader !== b && closure.reaches(graph.end(b), graph.begin(reader))) return false;
    }
    return true;
  }

  /** Whether either of two writers may come first. */
  isOpen(key: number, a: number, b: number): boolean {
    const graph = this.#graph;
    const decided = (x: number, y: number) =>
      this.closure.reaches(graph.end(x), graph.successor(y));
    return (
      !decided(a, b) && !decided(b, a) && this.#mayPrecede(key, a, b) && this.#mayPrecede(key, b, a)
    );
  }

  decide(key: number, earlier: number, later: number): void {
    const graph = this.#graph;
    graph.edges.add(graph.end(earlier), graph.successor(later), WW);
    this.#overwrite(graph.readersOf(key, earlier), later, []);
  }

  /** Readers of the earlier version come before `later`. `next`: who did so before, nearest first. */
  #overwrite(readers: readonly number[], later: number, next: number[]): void {
    const graph = this.#graph;
    if (!graph.semantics.rwOrders) return;
    const end = graph.end(later);
    if (next.some((one) => this.closure.reaches(graph.end(one), end))) return;
    let added = false;
    for (const reader of readers) {
      if (reader === later || this.closure.reaches(graph.begin(reader), end)) continue;
      graph.edges.add(graph.begin(reader), end, RW);
      added = true;
    }
    if (added && next.length < 4 && !readers.includes(later)) next.push(later);
  }

  /** Whether a reader of the initial version comes after a writer. */
  #contradictsInitial(key: number): boolean {
    const graph = this.#graph;
    const writers = graph.writersOf[key]!;
    return graph
      .readersOf(key, INITIAL)
      .some((reader) =>
        writers.some(
          (writer) =>
            writer !== reader && this.closure.reaches(graph.end(writer), graph.begin(reader)),
        ),
      );
  }
}
