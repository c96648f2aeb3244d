/**
 * Solves a polygraph: is there an order of every two writers of a key without a cycle? Saturates, then looks for a
 * schedule, then branches on an undecided pair. All searches of a run share a budget that is counted in steps,
 * so that a verdict does not depend on the machine.
 */
import type { Step } from '../graph/paths.ts';
import { type Rows, sortSmallestFirst } from './closure.ts';
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
const CYCLES_MAX = 4;

/** About 5 s of one core of 2024, whatever the history. */
export const SEARCH_STEPS = 400_000_000;

/** Steps that the searches of a run may take, all together. */
export class SearchBudget {
  readonly max: number;
  left: number;

  constructor(steps = SEARCH_STEPS) {
    this.max = steps;
    this.left = steps;
  }
}

/**
 * How far to look: for a schedule at once; for a short while, which finds an order for most histories
 * whose level holds; or until the budget ends. Short searches leave half of the budget to full ones.
 * Each search that begins saturates once and looks for an order then, whatever that takes.
 */
export type Effort = 'schedule' | 'short' | 'full';
const SHORT_SHARE = 1 / 4;
const SHORT_SHARES = 1 / 2;

export function solve(
  view: View,
  semantics: Semantics,
  budget: SearchBudget,
  effort: Effort = 'full',
): Solution {
  const graph = new Polygraph(view, semantics);
  const rows = graph.edges.rows();
  const first = schedule(graph, rows);
  if (first.complete) return held(first.order);
  if (effort === 'schedule') return open;
  if (graph.edges.nodes > NODES_MAX) {
    const reason = `${first.order.length} of ${graph.transactions.length} transactions could be put in an order; the search for more is for ${NODES_MAX} nodes at most`;
    return { status: 'unknown', order: undefined, cycles: [], reason };
  }
  if (effort === 'full') return new Solver(graph, budget).run();
  const rest = budget.left - budget.max * (1 - SHORT_SHARES);
  if (rest <= 0) return open;
  const share = new SearchBudget(Math.min(rest, budget.max * SHORT_SHARE));
  const solution = new Solver(graph, share).run();
  budget.left -= share.max - share.left;
  return solution.status === 'unknown' ? open : solution;
}

/** Not decided, and not looked for to the end. */
const open: Solution = { status: 'unknown', order: undefined, cycles: [], reason: undefined };

const held = (order: readonly number[] | undefined): Solution => ({
  status: 'holds',
  order,
  cycles: [],
  reason: undefined,
});

class Solver {
  readonly #graph: Polygraph;
  readonly #saturation: Saturation;
  readonly #budget: SearchBudget;
  readonly #cycles: Step[][] = [];

  constructor(graph: Polygraph, budget: SearchBudget) {
    this.#graph = graph;
    this.#budget = budget;
    this.#saturation = new Saturation(graph);
  }

  run(): Solution {
    const { edges } = this.#graph;
    /** Choices made: where the edges ended before each, and what is left to try. */
    const choices: { size: number; other: readonly [number, number, number] | undefined }[] = [];
    let longest = 0;
    for (;;) {
      const { steps } = this.#saturation.closure;
      const saturated = this.#saturation.run();
      this.#budget.left -= this.#saturation.closure.steps - steps;
      if (saturated.conflict !== undefined) {
        this.#note(saturated.conflict, saturated.rows);
        while (choices.length > 0 && choices.at(-1)!.other === undefined) choices.pop();
        const last = choices.at(-1);
        if (last === undefined) {
          return { status: 'violated', order: undefined, cycles: this.#cycles, reason: undefined };
        }
        if (this.#budget.left < 0) return this.#outOfSteps(longest);
        edges.cutTo(last.size);
        this.#saturation.decide(...last.other!);
        last.other = undefined;
        continue;
      }
      const { order, complete, pair } = this.#extend(saturated);
      if (complete) return held(order);
      longest = Math.max(longest, order?.length ?? 0);
      if (this.#budget.left < 0) return this.#outOfSteps(longest);
      const [key, a, b] = pair!;
      choices.push({ size: edges.size, other: [key, a, b] });
      this.#saturation.decide(key, b, a);
    }
  }

  #outOfSteps(longest: number): Solution {
    const reason = `no answer within ${this.#budget.max.toLocaleString('en-US')} steps of search for the whole run (--search-steps); ${longest} of ${this.#graph.transactions.length} transactions could be put in an order`;
    return { status: 'unknown', order: undefined, cycles: [], reason };
  }

  /** A whole order if there is one at hand, else the pair to decide next. */
  #extend({ rows, open, order }: Saturated) {
    if (open === undefined) return { order: this.#commits(order), complete: true, pair: open };
    if (!this.#graph.semantics.rwOrders) {
      const inTime = sortSmallestFirst(this.#graph.edges.nodes, rows);
      const guessed = this.#guess(inTime) ?? this.#guess(order);
      return { order: guessed, complete: guessed !== undefined, pair: open };
    }
    const found = schedule(this.#graph, rows);
    if (found.complete) return { order: found.order, complete: true, pair: undefined };
    const { stuck } = found;
    const isOpen = stuck !== undefined && this.#saturation.isOpen(...stuck);
    return { order: found.order, complete: false, pair: isOpen ? stuck : open };
  }

  /** Decides all open pairs as `order` has them; answers it when nothing speaks against that. */
  #guess(order: Int32Array): number[] | undefined {
    const graph = this.#graph;
    const { size } = graph.edges;
    const rank = new Int32Array(order.length);
    for (const [at, node] of order.entries()) rank[node] = at;
    for (const [key, writers] of graph.writersOf.entries()) {
      const sorted = [...writers].sort((a, b) => rank[graph.end(a)]! - rank[graph.end(b)]!);
      for (let i = 1; i < sorted.length; i++) {
        this.#saturation.decide(key, sorted[i - 1]!, sorted[i]!);
      }
    }
    const { conflict, open, order: agreed } = this.#saturation.run();
    if (conflict === undefined && open === undefined) return this.#commits(agreed);
    graph.edges.cutTo(size);
    return undefined;
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
