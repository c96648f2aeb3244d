/**
 * Decides all levels of a view, from those that need no search to those that do. What one answer
 * implies is not asked again: a level that holds proves all weaker ones, one that is violated
 * refutes all stronger ones.
 */

import type { Anomaly, AnomalyLog } from '../transactional/anomaly.ts';
import { findCycles } from '../transactional/cycles.ts';
import { PROCESS, REALTIME, RW, WR } from '../transactional/dependency-graph.ts';
import { impliedBy, judgeLevels, type Level, type LevelStatus } from '../transactional/levels.ts';
import type { Step } from '../transactional/paths.ts';
import { dependencies } from './dependencies.ts';
import { HappensBefore } from './happens-before.ts';
import { KeyWriters } from './key-writers.ts';
import type { Semantics } from './polygraph.ts';
import { nameCycle, tellOffence } from './sentences.ts';
import { type Solution, solve } from './solve.ts';
import { strictOrder } from './strict-order.ts';
import type { View } from './view.ts';
import { decideWeakLevel, WEAK_LEVELS, type WeakLevel, type WeakResult } from './weak-levels.ts';

export interface Decisions {
  readonly status: Map<Level, LevelStatus>;
  /** Committed transactions in an order of commits that shows the strongest level searched for. */
  witness: { readonly level: Level; readonly order: () => ArrayLike<number> } | undefined;
  readonly caveats: string[];
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
export function decideLevels(view: View, log: AnomalyLog, isSound: boolean): Decisions {
  const decisions: Decisions = { status: new Map(), witness: undefined, caveats: [] };
  if (isSound && view.hasRealTime && view.order.size === 0) {
    const order = strictOrder(view);
    if (order !== undefined) {
      hold(decisions, 'strict-serializable');
      decisions.witness = { level: 'strict-serializable', order: () => order };
      return decisions;
    }
  }
  if (!findCycles(dependencies(view, log), log, (cycle) => nameCycle(view, cycle))) {
    decisions.caveats.push('the step budget for cycles ended; counts are lower bounds');
  } else {
    decisions.status.set('read-uncommitted', 'holds'); // unless an anomaly above says otherwise
    decisions.status.set('read-committed', 'holds');
  }
  decideWeak(view, log, decisions, true);
  decideStrong(view, log, decisions, isSound);
  return decisions;
}

/** Requires: `level` holds. */
export function hold({ status }: Pick<Decisions, 'status'>, level: Level): void {
  status.set(level, 'holds');
  for (const weaker of impliedBy(level)) if (!status.has(weaker)) hold({ status }, weaker);
}

/** `named`: whether reads that a level forbids are to be logged under the names of the axioms. */
export function decideWeak(
  view: View,
  log: AnomalyLog,
  decisions: Decisions,
  named: boolean,
): void {
  const writers = new KeyWriters(view);
  const facts = { view, writers, happensBefore: new HappensBefore(view) };
  /** Each offence is reported at the weakest level that forbids it. */
  const reported = new Set<string>();
  for (const level of Object.keys(WEAK_LEVELS) as WeakLevel[]) {
    const result = decideWeakLevel(facts, level);
    decisions.status.set(level, result.holds ? 'holds' : 'violated');
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
): void {
  const { status } = decisions;
  const conflicts: (readonly [Level, Anomaly, Solution])[] = [];
  const known = () => judgeLevels(log.names, status).status;
  for (const [semantics, anomaly] of SEARCHED) {
    const level = semantics.name as Level;
    if (status.has(level) || (semantics.realTime && !view.hasRealTime)) continue;
    if (!isSound || known().get(level) === 'violated') continue;
    const solution = solve(view, semantics);
    conclude(decisions, level, solution);
    if (solution.status === 'violated') conflicts.push([level, anomaly, solution]);
  }
  const judged = known();
  copy(status, 'forward-consistent-view', 'consistent-view');
  copy(status, 'repeatable-read', 'serializable');
  for (const [level, anomaly, solution] of conflicts) {
    // News only where everything weaker holds.
    if (impliedBy(level).some((weaker) => judged.get(weaker) === 'violated')) continue;
    noteConflict(view, log, anomaly, solution);
  }
}

function conclude(decisions: Decisions, level: Level, solution: Solution): void {
  decisions.status.set(level, solution.status);
  if (solution.status === 'unknown') decisions.caveats.push(`${level}: ${solution.reason}`);
  if (solution.status !== 'holds') return;
  hold(decisions, level);
  const { order } = solution;
  if (order !== undefined) decisions.witness = { level, order: () => order };
}

/** Levels that are the same where there are no start times, or no predicates. */
function copy(status: Map<Level, LevelStatus>, to: Level, from: Level): void {
  const known = status.get(from);
  if (known !== undefined && !status.has(to)) status.set(to, known);
}

/** Reports why a search found no order; a cycle that is reported already is not told again. */
function noteConflict(view: View, log: AnomalyLog, level: Anomaly, { cycles }: Solution): void {
  const [only] = cycles;
  const name = only !== undefined && cycles.length === 1 ? shapeOf(only) : level;
  const told = cycles.map((cycle) => nameCycle(view, cycle));
  const [first] = told;
  if (first === undefined) {
    log.add(name, () => 'no order of versions is without such a cycle');
    return;
  }
  const known = log.reports.get(name)?.cycles ?? [];
  if (told.length === 1 && known.some(({ nodes }) => isSameCycle(nodes, first.cycle.nodes))) return;
  log.add(name, () => {
    if (told.length === 1) return first;
    const text = `no order of versions is without such a cycle: ${told.map(({ text }, i) => `(${i + 1}) ${text}`).join(' — or else ')}`;
    return { text, cycle: first.cycle };
  });
}

/** The anomaly that a cycle is, by the kinds of its edges. The last step is the first again. */
function shapeOf(cycle: readonly Step[]): Anomaly {
  const kinds = cycle.slice(1).map(({ kind }) => kind);
  const rws = kinds.filter((kind) => kind === RW).length;
  const adjacent = kinds.some((kind, i) => kind === RW && kinds.at(i - 1) === RW);
  const noRw = kinds.includes(WR) ? 'G1c' : 'G0';
  const base = rws === 0 ? noRw : rws === 1 ? 'G-single' : adjacent ? 'G2-item' : 'G-nonadjacent';
  const inTime = kinds.includes(REALTIME) ? '-realtime' : '';
  return `${base}${inTime === '' && kinds.includes(PROCESS) ? '-process' : inTime}`;
}

function isSameCycle(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((node) => b.includes(node));
}
