/**
 * Solve: is there a choice of who wrote first, for every key, that has no cycle? Saturates, then
 * looks for a schedule, then tries both choices of an open pair. Counted budget: word operations.
 */
import type { Step } from '../transactional/paths.ts';
import type { Rows } from './closure.ts';
import { cycleThrough } from './conflict-cycle.ts';
import { Polygraph, type Semantics } from './polygraph.ts';
import { type Conflict, type Saturated, Saturation } from './saturate.ts';
import { schedule } from './schedule.ts';
import type { View } from './view.ts';

export interface Solution {
  readonly status: 'holds' | 'violated' | 'unknown';
  /** Committed transactions in an order of commits, when one was found. */
  readonly order: readonly number[] | undefined;
  /** When violated: cycles, one for each alternative that was tried. */
  readonly cycles: readonly (readonly Step[])[];
  readonly reason: string | undefined;
}

/** Nodes beyond which rows of bits take too much memory. */
const NODES_MAX = 40_000;
const WORD_STEPS_MAX = 8_000_000_000;
const CYCLES_MAX = 4;

export function solve(view: View, semantics: Semantics): Solution {
  const graph = new Polygraph(view, semantics);
  const rows = graph.edges.rows();
  const first = schedule(graph, rows);
  if (first.complete) return held(first.order);
  if (graph.edges.nodes > NODES_MAX) {
    const reason = `${first.order.length} of ${graph.transactions.length} transactions could be put in an order; the search for more is for ${NODES_MAX} nodes at most`;
    return { status: 'unknown', order: undefined, cycles: [], reason };
  }
  return new Solver(graph).run();
}

const held = (order: readonly number[] | undefined): Solution => ({
  status: 'holds',
  order,
  cycles: [],
  reason: undefined,
});

class Solver {
  readonly #graph: Polygraph;
  readonly #saturation: Saturation;
  readonly #cycles: Step[][] = [];

  constructor(graph: Polygraph) {
    this.#graph = graph;
    this.#saturation = new Saturation(graph);
  }

  run(): Solution {
    const { edges } = this.#graph;
    /** Choices made: where the edges ended before each, and what is left to try. */
    const choices: { size: number; other: readonly [number, number, number] | undefined }[] = [];
    let longest = 0;
    for (;;) {
      const saturated = this.#saturation.run();
      if (this.#saturation.closure.steps > WORD_STEPS_MAX) {
        const reason = `no answer within ${WORD_STEPS_MAX} steps; ${longest} of ${this.#graph.transactions.length} transactions could be put in an order`;
        return { status: 'unknown', order: undefined, cycles: [], reason };
      }
      if (saturated.conflict !== undefined) {
        this.#note(saturated.conflict, saturated.rows);
        while (choices.length > 0 && choices.at(-1)!.other === undefined) choices.pop();
        const last = choices.at(-1);
        if (last === undefined) {
          return { status: 'violated', order: undefined, cycles: this.#cycles, reason: undefined };
        }
        edges.cutTo(last.size);
        this.#saturation.decide(...last.other!);
        last.other = undefined;
        continue;
      }
      const { order, complete, pair } = this.#extend(saturated);
      if (complete) return held(order);
      longest = Math.max(longest, order?.length ?? 0);
      const [key, a, b] = pair!;
      choices.push({ size: edges.size, other: [key, a, b] });
      this.#saturation.decide(key, b, a);
    }
  }

  /** A whole order if there is one at hand, else the pair to decide next. */
  #extend({ rows, open, order }: Saturated) {
    if (open === undefined) return { order: this.#commits(order), complete: true, pair: open };
    if (!this.#graph.semantics.rwOrders) return { order: undefined, complete: false, pair: open };
    const found = schedule(this.#graph, rows);
    if (found.complete) return { order: found.order, complete: true, pair: undefined };
    const { stuck } = found;
    const isOpen = stuck !== undefined && this.#saturation.isOpen(...stuck);
    return { order: found.order, complete: false, pair: isOpen ? stuck : open };
  }

  #commits(order: Int32Array): number[] {
    const graph = this.#graph;
    const commits: number[] = [];
    for (const node of order) {
      const t = graph.transactionOf(node);
      if (t >= 0 && (node + 1) % graph.semantics.stride === 0) commits.push(t);
    }
    return commits;
  }

  #note(conflict: Conflict, rows: Rows): void {
    if (this.#cycles.length >= CYCLES_MAX) return;
    this.#cycles.push(...cycleThrough(this.#graph, conflict, rows));
  }
}
