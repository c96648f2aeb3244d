/**
 * Decides all isolation levels of a view, cheapest first. An answer is reused for every level it implies: a level
 * that holds proves all weaker ones, a violated one refutes all stronger ones. Complete polynomial procedures
 * come first. Then each open level is tried by a schedule, the strongest first. Searches come last, the weakest
 * level first, because a violation refutes the stronger ones. When one level is asked for, only it and the
 * levels it implies are searched.
 */

import type { Anomaly, AnomalyLog } from '../graph/anomaly.ts';
import { findCycles } from '../graph/cycles.ts';
import { WR, WW } from '../graph/dependency-graph.ts';
import { impliedBy, judgeLevels, type Level, type LevelStatus } from '../graph/levels.ts';
import { topologicalOrder } from '../graph/topological-order.ts';
import { factsOf } from './axioms.ts';
import { dependencies } from './dependencies.ts';
import type { Semantics } from './polygraph.ts';
import { nameCycle, tellOffence } from './sentences.ts';
import { type Effort, SearchBudget, type Solution, solve } from './solve.ts';
import { strictOrder } from './strict-order.ts';
import type { View } from './view.ts';
import { decideWeakLevel, WEAK_LEVELS, type WeakLevel, type WeakResult } from './weak-levels.ts';

/** Committed transactions in an order of commits that proves a level. */
export type CommitOrder = () => ArrayLike<number>;

export interface Decisions {
  readonly status: Map<Level, LevelStatus>;
  /** For levels that hold; levels that a stronger one implies may be without. */
  readonly orders: Map<Level, CommitOrder>;
  readonly caveats: string[];
}

export interface Search {
  /** The level that is asked for; others are searched for only as far as it implies them. */
  readonly asked?: Level | undefined;
  readonly budget?: SearchBudget | undefined;
}

const WEAK_NAMES: Partial<Record<WeakLevel, readonly [Anomaly, Anomaly]>> = {
  'read-committed-axiomatic': ['non-monotonic-read', 'non-monotonic-read-inferred'],
  'strong-session-read-atomic': ['fractured-read', 'fractured-read-inferred'],
  causal: ['causality-violation', 'causality-violation-inferred'],
};

const form = (name: Level, shape: Partial<Semantics>): Semantics => ({
  name,
  stride: 1,
  writersApart: true,
  rwOrders: true,
  sessions: false,
  realTime: false,
  ...shape,
});
const SNAPSHOT = { stride: 2 } as const;

/**
 * The levels that need a search, and the anomaly that violating one shows. Stronger ones first: a
 * schedule that proves a level is found soon if there is one.
 */
const SEARCHED: readonly (readonly [Semantics, Anomaly])[] = [
  [form('strict-serializable', { sessions: true, realTime: true }), 'G2-item-realtime'],
  [
    form('strong-snapshot-isolation', { ...SNAPSHOT, sessions: true, realTime: true }),
    'G-nonadjacent-realtime',
  ],
  [form('strong-session-serializable', { sessions: true }), 'G2-item-process'],
  [
    form('strong-session-snapshot-isolation', { ...SNAPSHOT, sessions: true }),
    'G-nonadjacent-process',
  ],
  [form('serializable', {}), 'G2-item'],
  [form('snapshot-isolation', SNAPSHOT), 'G-nonadjacent'],
  [form('prefix', { ...SNAPSHOT, writersApart: false, sessions: true }), 'G-nonadjacent-process'],
  [form('parallel-snapshot-isolation', { rwOrders: false, sessions: true }), 'G-single-process'],
  [form('consistent-view', { rwOrders: false }), 'G-single'],
];

/** `isSound`: no read shows what can't be; without it nothing strong can hold. */
export function decideLevels(
  view: View,
  log: AnomalyLog,
  isSound: boolean,
  search: Search = {},
): Decisions {
  const decisions = undecided();
  if (isSound && view.hasRealTime && view.order.size === 0) {
    const order = strictOrder(view);
    if (order !== undefined) {
      hold(decisions, 'strict-serializable', () => order);
      return decisions;
    }
  }
  const graph = dependencies(view, log);
  if (!findCycles(graph, log, (cycle) => nameCycle(view, cycle))) {
    decisions.caveats.push('the step budget for cycles ended; counts are lower bounds');
  } else {
    // Unless an anomaly above says otherwise.
    const orderedBy = (kinds: number) => () =>
      topologicalOrder(graph, kinds).filter((t) => view.committed[t] === 1);
    hold(decisions, 'read-committed', orderedBy(WW | WR));
    hold(decisions, 'read-uncommitted', orderedBy(WW));
  }
  decideWeak(view, log, decisions, true);
  decideStrong(view, log, decisions, isSound, search);
  return decisions;
}

export const undecided = (): Decisions => ({ status: new Map(), orders: new Map(), caveats: [] });

/** Requires: `order` proves `level`. */
export function hold(decisions: Decisions, level: Level, order: CommitOrder): void {
  decisions.status.set(level, 'holds');
  decisions.orders.set(level, order);
  for (const weaker of impliedBy(level)) {
    if (!decisions.status.has(weaker)) hold(decisions, weaker, order);
  }
}

/** `named`: whether reads that a level forbids are to be logged under the names of the axioms. */
export function decideWeak(
  view: View,
  log: AnomalyLog,
  decisions: Decisions,
  named: boolean,
): void {
  const facts = factsOf(view);
  /** Each violation is reported at the weakest level that forbids it. */
  const reported = new Set<string>();
  for (const level of Object.keys(WEAK_LEVELS) as WeakLevel[]) {
    const result = decideWeakLevel(facts, level);
    decisions.status.set(level, result.holds ? 'holds' : 'violated');
    if (result.holds) decisions.orders.set(level, result.order);
    if (named && !result.holds) noteWeak(view, log, level, result, reported);
  }
}

function noteWeak(
  view: View,
  log: AnomalyLog,
  level: WeakLevel,
  result: WeakResult,
  reported: Set<string>,
): void {
  if (result.cyclicBase && level === 'read-committed-axiomatic') {
    log.add('cyclic-causality', () => 'reads and sessions go round in a circle');
  }
  const names = WEAK_NAMES[level];
  if (names === undefined) return;
  for (const offence of result.offences) {
    const { reader, key, read, visible, byCausality } = offence;
    const id = `${reader} ${key} ${read} ${visible}`;
    if (reported.has(id)) continue;
    reported.add(id);
    log.add(byCausality ? names[0] : names[1], () => {
      const text = tellOffence(view, offence);
      const cycle = result.cycleOf(offence);
      return cycle.length === 0 ? text : { text, cycle: nameCycle(view, cycle).cycle };
    });
  }
}

export function decideStrong(
  view: View,
  log: AnomalyLog,
  decisions: Decisions,
  isSound: boolean,
  { asked, budget = new SearchBudget() }: Search = {},
): void {
  const { status } = decisions;
  const conflicts: (readonly [Level, Anomaly, Solution])[] = [];
  const known = () => judgeLevels(log.names, status).status;
  const isOpen = ([semantics]: (typeof SEARCHED)[number]) => {
    const level = semantics.name as Level;
    if (!isSound || status.has(level) || (semantics.realTime && !view.hasRealTime)) return false;
    return known().get(level) !== 'violated';
  };
  const isAsked = (level: Level) => asked === undefined || implies(asked, level);
  const search = (levels: typeof SEARCHED, effort: Effort) => {
    for (const searched of levels) {
      const [semantics, anomaly] = searched;
      const level = semantics.name as Level;
      if (!isOpen(searched)) continue;
      if (effort === 'full' && !isAsked(level)) continue;
      const solution = solve(view, semantics, budget, effort);
      if (effort === 'full' || solution.status !== 'unknown') conclude(decisions, level, solution);
      if (solution.status === 'violated') conflicts.push([level, anomaly, solution]);
    }
  };
  search(SEARCHED, 'schedule');
  search(SEARCHED, 'short');
  search([...SEARCHED].reverse(), 'full');
  const judged = known();
  copy(decisions, judged, 'forward-consistent-view', 'consistent-view');
  copy(decisions, judged, 'repeatable-read', 'serializable');
  for (const [level, anomaly, solution] of conflicts) {
    // Reported only if every weaker level holds.
    if (impliedBy(level).some((weaker) => judged.get(weaker) === 'violated')) continue;
    noteConflict(view, log, anomaly, solution);
  }
}

/** Whether a level that holds proves another; every level proves itself. */
function implies(level: Level, weaker: Level): boolean {
  return level === weaker || impliedBy(level).some((one) => implies(one, weaker));
}

function conclude(decisions: Decisions, level: Level, solution: Solution): void {
  decisions.status.set(level, solution.status);
  if (solution.status === 'unknown') decisions.caveats.push(`${level}: ${solution.reason}`);
  if (solution.status === 'holds') hold(decisions, level, () => solution.order!);
}

/** Levels that are the same where there are no start times, or no predicates. */
function copy(
  { status, orders }: Decisions,
  judged: ReadonlyMap<Level, LevelStatus>,
  to: Level,
  from: Level,
): void {
  const known = judged.get(from)!;
  if (known === 'unknown' || status.has(to)) return;
  status.set(to, known);
  const order = orders.get(from);
  if (order !== undefined) orders.set(to, order);
}

/**
 * Reports why a search found no order, under the name of the level: the cycles may be there only
 * because of an order of versions that sessions or real time have forced. A cycle that is reported
 * already is not told again.
 */
function noteConflict(view: View, log: AnomalyLog, name: Anomaly, { cycles }: Solution): void {
  const told = cycles.map((cycle) => nameCycle(view, cycle));
  const [first] = told;
  if (first === undefined) {
    log.add(name, () => 'no order of versions is without such a cycle');
    return;
  }
  const known = [...log.reports.values()].flatMap((report) => report.cycles);
  if (told.length === 1 && known.some(({ nodes }) => isSameCycle(nodes, first.cycle.nodes))) return;
  log.add(name, () => {
    if (told.length === 1) return first;
    const text = `no order of versions is without such a cycle: ${told.map(({ text }, i) => `(${i + 1}) ${text}`).join(' — or else ')}`;
    return { text, cycle: first.cycle };
  });
}

function isSameCycle(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((node) => b.includes(node));
}
