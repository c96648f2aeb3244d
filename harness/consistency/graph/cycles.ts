/**
 * Cycles of the dependency graph, classified as Adya does:
 *
 *     G0             ww only
 *     G1c            ww and wr, at least one wr
 *     G-single       exactly one rw
 *     G-nonadjacent  several rw, no two in a row
 *     G2-item        two rw in a row
 *
 * Each comes plain, with process edges, and with realtime edges too; the weakest form is reported.
 * G-single and G-nonadjacent in a stronger form are reported for an edge that a plain G2-item has,
 * since the latter violates other levels.
 * G0 and G1c are counted by strongly connected component, G-single and G-nonadjacent by the rw
 * edges that close such a cycle, G2-item by component.
 *
 * Cost: a few passes over the nodes that are on some cycle, and a search for each rw edge among
 * them, all under one counted budget. When the budget ends, counts are lower bounds.
 */
import type { AnomalyLog, Example, Strength } from './anomaly.ts';
import { type Components, components } from './components.ts';
import {
  type DependencyGraph,
  GraphBuilder,
  PROCESS,
  REALTIME,
  RW,
  WR,
  WW,
} from './dependency-graph.ts';
import { PathFinder, type Step } from './paths.ts';

const STEPS_MAX = 400_000_000;

/**
 * An anomaly that was reported for an rw edge settles that edge for the stronger forms of itself
 * and of the less grave ones. A less grave one settles nothing above it: G2-item does not violate
 * snapshot isolation, G-nonadjacent does not violate parallel snapshot isolation.
 */
const SETTLED = { 'G2-item': 1, 'G-nonadjacent': 2, 'G-single': 3 } as const;

const STRENGTHS: readonly (readonly [Strength, number])[] = [
  ['', 0],
  ['-process', PROCESS],
  ['-realtime', PROCESS | REALTIME],
];

/** Describes a cycle; the last step equals the first. */
export type Explain = (cycle: readonly Step[]) => Example;

/** Returns whether the budget sufficed. */
export function findCycles(whole: DependencyGraph, log: AnomalyLog, explain: Explain): boolean {
  const all = components(whole, WW | WR | RW | PROCESS | REALTIME);
  if (all.count === 0) return true;
  const { graph, original } = onCycles(whole, all);
  const search = new CycleSearch(graph, log, (cycle) =>
    explain(cycle.map(({ node, kind }) => ({ node: original[node]!, kind }))),
  );
  for (const [strength, extra] of STRENGTHS) search.classify(strength, extra);
  return search.complete;
}

/** The part of the graph that lies within components. */
function onCycles(whole: DependencyGraph, { of }: Components) {
  const original: number[] = [];
  const renumbered = new Int32Array(whole.nodes).fill(-1);
  for (let node = 0; node < whole.nodes; node++) {
    if (of[node]! >= 0) renumbered[node] = original.push(node) - 1;
  }
  const builder = new GraphBuilder(original.length);
  for (const node of original) {
    for (let at = whole.starts[node]!; at < whole.starts[node + 1]!; at++) {
      const target = whole.targets[at]!;
      if (of[target] !== of[node]) continue;
      builder.add(renumbered[node]!, renumbered[target]!, whole.kinds[at]!);
    }
  }
  return { graph: builder.build(), original };
}

class CycleSearch {
  readonly #graph: DependencyGraph;
  readonly #log: AnomalyLog;
  readonly #explain: Explain;
  readonly #finder: PathFinder;
  /** Of each rw edge, the gravest anomaly reported so far; of each kind, the nodes reported. */
  readonly #settledEdge: Uint8Array;
  readonly #settledNode = new Map<string, Uint8Array>();

  constructor(graph: DependencyGraph, log: AnomalyLog, explain: Explain) {
    this.#graph = graph;
    this.#log = log;
    this.#explain = explain;
    this.#finder = new PathFinder(graph, STEPS_MAX);
    this.#settledEdge = new Uint8Array(graph.targets.length);
  }

  get complete(): boolean {
    return this.#finder.stepsLeft >= 0;
  }

  classify(strength: Strength, extra: number): void {
    this.#byComponent('G0', strength, WW | extra, WW);
    this.#byComponent('G1c', strength, WW | WR | extra, WR);
    const forward = components(this.#graph, WW | WR | extra);
    const full = components(this.#graph, WW | WR | RW | extra);
    const apart = components(withRwsApart(this.#graph, extra), -1);
    const left: number[] = [];
    this.#eachEdge(RW, full, (at, a, b) => {
      const settled = this.#settledEdge[at]!;
      const isApart = apart.of[2 * a] !== -1 && apart.of[2 * a] === apart.of[2 * b + 1];
      if (isApart && settled < SETTLED['G-single']) {
        const path = this.#finder.path(b, a, WW | WR | extra, forward.rank);
        if (path !== undefined) this.#report('G-single', strength, at, a, path);
        else if (settled < SETTLED['G-nonadjacent']) {
          const walk = this.#finder.pathOfSingleRws(b, a, WW | WR | RW | extra);
          if (walk !== undefined) this.#report('G-nonadjacent', strength, at, a, walk);
        }
      } else if (!isApart && settled === 0) left.push(at);
    });
    this.#adjacent(strength, extra, full, new Set(left));
  }

  /** Components over `mask` that hold an edge of kind `wanted`. */
  #byComponent(name: 'G0' | 'G1c', strength: Strength, mask: number, wanted: number): void {
    const found = components(this.#graph, mask);
    if (found.count === 0) return;
    const settled = this.#settledNode.get(name) ?? new Uint8Array(this.#graph.nodes);
    this.#settledNode.set(name, settled);
    const skip = new Uint8Array(found.count);
    for (const [node, of] of found.of.entries()) if (of >= 0 && settled[node] === 1) skip[of] = 1;
    const reported = new Uint8Array(found.count);
    this.#eachEdge(wanted, found, (_, a, b) => {
      const of = found.of[a]!;
      if (skip[of] === 1 || reported[of] === 1) return;
      reported[of] = 1;
      this.#log.add(`${name}${strength}`, () => {
        const path = this.#finder.path(b, a, mask) ?? [];
        return this.#explain([{ node: a, kind: 0 }, { node: b, kind: wanted }, ...path.slice(1)]);
      });
    });
    for (const [node, of] of found.of.entries()) if (of >= 0) settled[node] = 1;
  }

  /** What is left must go through two rw edges in a row. One report a component. */
  #adjacent(strength: Strength, extra: number, full: Components, left: ReadonlySet<number>): void {
    const reported = new Set<number>();
    this.#eachEdge(RW, full, (at, a, b) => {
      if (!left.has(at)) return;
      this.#settledEdge[at] = SETTLED['G2-item'];
      if (reported.has(full.of[a]!)) return;
      reported.add(full.of[a]!);
      this.#log.add(`G2-item${strength}`, () => {
        const path = this.#finder.path(b, a, WW | WR | RW | extra) ?? [];
        return this.#explain([{ node: a, kind: 0 }, { node: b, kind: RW }, ...path.slice(1)]);
      });
    });
  }

  #report(
    name: 'G-single' | 'G-nonadjacent',
    strength: Strength,
    at: number,
    a: number,
    path: readonly Step[],
  ): void {
    this.#settledEdge[at] = SETTLED[name];
    this.#log.add(`${name}${strength}`, () => {
      const [first, ...rest] = path;
      return this.#explain([{ node: a, kind: 0 }, { node: first!.node, kind: RW }, ...rest]);
    });
  }

  /** Edges of one kind within a component. */
  #eachEdge(
    kind: number,
    within: Components,
    visit: (at: number, from: number, to: number) => void,
  ): void {
    const { nodes, starts, targets, kinds } = this.#graph;
    for (let node = 0; node < nodes; node++) {
      const of = within.of[node]!;
      if (of < 0) continue;
      for (let at = starts[node]!; at < starts[node + 1]!; at++) {
        const target = targets[at]!;
        if (kinds[at] !== kind || within.of[target] !== of) continue;
        visit(at, node, target);
      }
    }
  }
}

/**
 * The graph of (node, did the last edge be rw): an rw edge leads only from "no" to "yes". Its
 * cycles are the closed walks without two rw edges in a row.
 */
function withRwsApart(graph: DependencyGraph, extra: number): DependencyGraph {
  const builder = new GraphBuilder(2 * graph.nodes);
  for (let node = 0; node < graph.nodes; node++) {
    for (let at = graph.starts[node]!; at < graph.starts[node + 1]!; at++) {
      const kind = graph.kinds[at]!;
      const target = graph.targets[at]!;
      if (kind === RW) builder.add(2 * node, 2 * target + 1, kind);
      else if ((kind & (WW | WR | extra)) !== 0) {
        builder.add(2 * node, 2 * target, kind);
        builder.add(2 * node + 1, 2 * target, kind);
      }
    }
  }
  return builder.build();
}
