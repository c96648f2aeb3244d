/** Shortest paths in a dependency graph, by breadth-first search under a counted step budget. */
import { type DependencyGraph, RW } from './dependency-graph.ts';

export interface Step {
  readonly node: number;
  /** The kind of the edge that leads here; 0 for the first. */
  readonly kind: number;
}

export class PathFinder {
  readonly #graph: DependencyGraph;
  /** When a node was last seen, and from where: [(node, after rw)]. */
  readonly #seen: Int32Array;
  readonly #parent: Int32Array;
  readonly #via: Uint8Array;
  readonly #queue: Int32Array;
  #search = 0;
  /** Edges that may still be looked at, by all searches together. */
  stepsLeft: number;

  constructor(graph: DependencyGraph, steps: number) {
    this.#graph = graph;
    this.#seen = new Int32Array(2 * graph.nodes);
    this.#parent = new Int32Array(2 * graph.nodes);
    this.#via = new Uint8Array(2 * graph.nodes);
    this.#queue = new Int32Array(2 * graph.nodes);
    this.stepsLeft = steps;
  }

  /**
   * A shortest path over edges of `kindMask`, or `undefined`. Nodes of a rank below the goal's
   * can't lead to it and are passed over.
   */
  path(from: number, to: number, kindMask: number, rank?: Int32Array): Step[] | undefined {
    return this.#walk(from, to, kindMask, rank, false, false);
  }

  /** As `path`, but with no two rw edges in a row, none first and none last. */
  pathOfSingleRws(from: number, to: number, kindMask: number): Step[] | undefined {
    return this.#walk(from, to, kindMask, undefined, true, true);
  }

  #walk(
    from: number,
    to: number,
    kindMask: number,
    rank: Int32Array | undefined,
    apart: boolean,
    afterRw: boolean,
  ): Step[] | undefined {
    const { starts, targets, kinds } = this.#graph;
    const search = ++this.#search;
    const floor = rank === undefined ? 0 : rank[to]!;
    let head = 0;
    let tail = 0;
    const first = 2 * from + (apart && afterRw ? 1 : 0);
    this.#seen[first] = search;
    this.#parent[first] = -1;
    this.#queue[tail++] = first;
    while (head < tail) {
      const state = this.#queue[head++]!;
      const node = state >> 1;
      for (let at = starts[node]!; at < starts[node + 1]!; at++) {
        const kind = kinds[at]!;
        const target = targets[at]!;
        if (--this.stepsLeft < 0) return undefined;
        if ((kind & kindMask) === 0 || (rank !== undefined && rank[target]! < floor)) continue;
        const isRw = kind === RW;
        if (apart && isRw && (state & 1) === 1) continue;
        const next = 2 * target + (apart && isRw ? 1 : 0);
        if (this.#seen[next] === search) continue;
        this.#seen[next] = search;
        this.#parent[next] = state;
        this.#via[next] = kind;
        if (target === to && !(apart && isRw)) return this.#trace(next);
        this.#queue[tail++] = next;
      }
    }
    return undefined;
  }

  #trace(end: number): Step[] {
    const steps: Step[] = [];
    for (let state = end; ; state = this.#parent[state]!) {
      const first = this.#parent[state] === -1;
      steps.push({ node: state >> 1, kind: first ? 0 : this.#via[state]! });
      if (first) return steps.reverse();
    }
  }
}
