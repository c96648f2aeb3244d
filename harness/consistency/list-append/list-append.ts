/**
 * List-append: judges a history of transactions that append to lists and read them whole, for all
 * isolation levels at once.
 *
 * Complete for serializable and its session and realtime forms: `holds` comes with an acyclic
 * graph, whose topological order is a witness, unread appends included. Weaker levels are complete
 * where at most one committed append of each key went unread; else their order is searched for.
 */

import { AnomalyLog } from '../graph/anomaly.ts';
import { findCycles } from '../graph/cycles.ts';
import { type DependencyGraph, PROCESS, REALTIME, RW, WR, WW } from '../graph/dependency-graph.ts';
import { explainCycle } from '../graph/explain.ts';
import { judgeLevels, type Level } from '../graph/levels.ts';
import { doubted, type TransactionalReport, witnessesOf } from '../graph/report.ts';
import { snapshotOrder, topologicalOrder } from '../graph/topological-order.ts';
import type { TransactionHistory } from '../graph/transaction-history.ts';
import { OK } from '../graph/transaction-table.ts';
import { findUpdateCycles, updateOrder } from '../graph/update-cycles.ts';
import {
  type CommitOrder,
  type Decisions,
  decideStrong,
  decideWeak,
  hold,
  type Search,
  undecided,
} from '../isolation/decide.ts';
import { appendGraph } from './append-graph.ts';
import { AppendIndex } from './append-index.ts';
import { checkReads } from './append-reads.ts';
import { appendView } from './append-view.ts';
import { findLostUpdates } from './lost-updates.ts';

/** Decided by the graph whatever the order of unread appends: there is one that adds no cycle. */
const ANY_ORDER: readonly Level[] = [
  'read-uncommitted',
  'read-committed',
  'repeatable-read',
  'serializable',
  'strong-session-serializable',
  'strict-serializable',
];
/** Decided by what cycles there are once the order of all versions is known. */
const BY_CYCLES: readonly Level[] = [
  'consistent-view',
  'forward-consistent-view',
  'parallel-snapshot-isolation',
  'snapshot-isolation',
  'strong-session-snapshot-isolation',
  'strong-snapshot-isolation',
];

export function checkListAppend(
  history: TransactionHistory,
  search: Search = {},
): TransactionalReport {
  const log = new AnomalyLog();
  const index = new AppendIndex(history, log);
  const seesItself = checkReads(index, log);
  const isSound = log.names.size === 0;
  const { isAcyclic, graph, keysOfUnknownOrder } = appendGraph(index);
  if (!isAcyclic || index.isContested.includes(1)) findLostUpdates(index, log);
  const complete = isAcyclic || findCycles(graph(), log, (cycle) => explainCycle(index, cycle));
  const decisions = undecided();
  if (!history.status.view().includes(OK)) {
    decisions.caveats.push('no transaction completed with ok');
  } else if (!complete) {
    decisions.caveats.push('the step budget ended; counts are lower bounds');
  } else {
    decide(index, log, decisions, graph, keysOfUnknownOrder, isSound, search);
    if (!seesItself) decisions.status.set('read-committed-axiomatic', 'violated');
  }
  const levels = judgeLevels(log.names, decisions.status);
  const namesIn = (order: ArrayLike<number>) => Array.from(order, (t) => history.nameOf(t));
  const proofs = [...decisions.orders].map(
    ([level, order]) => [level, { order: () => namesIn(order()) }] as const,
  );
  const report = {
    anomalies: log.reports,
    levels,
    transactions: history.size,
    committed: index.committed.reduce((sum, one) => sum + one, 0),
    caveats: decisions.caveats,
    witnesses: witnessesOf(levels, new Map(proofs)),
  };
  return doubted(report, history.doubts);
}

function decide(
  index: AppendIndex,
  log: AnomalyLog,
  decisions: Decisions,
  graph: () => DependencyGraph,
  keysOfUnknownOrder: number,
  isSound: boolean,
  search: Search,
): void {
  const { status, caveats } = decisions;
  if (log.names.size === 0) {
    const level = index.history.hasRealTime ? 'strict-serializable' : 'strong-session-serializable';
    hold(decisions, level, orderFor(level, index, graph));
    return;
  }
  const byCycles = keysOfUnknownOrder === 0 ? [...BY_CYCLES, ...ANY_ORDER] : ANY_ORDER;
  const needsRealTime = (level: Level) =>
    level.startsWith('strict') || level === 'strong-snapshot-isolation';
  for (const level of byCycles) {
    if (index.history.hasRealTime || !needsRealTime(level)) status.set(level, 'holds');
  }
  const { status: refuted } = judgeLevels(log.names, status);
  for (const level of status.keys()) {
    status.set(level, refuted.get(level)!);
    decisions.orders.set(level, orderFor(level, index, graph));
  }
  if (findUpdateCycles(index, graph())) status.set('update-serializable', 'violated');
  else if (keysOfUnknownOrder === 0) {
    status.set('update-serializable', 'holds');
    decisions.orders.set('update-serializable', () => updateOrder(index, graph()));
  }
  const view = appendView(index);
  decideWeak(view, log, decisions, false);
  decideStrong(view, log, decisions, isSound, search);
  const open = [...status.values()].includes('unknown');
  if (open && keysOfUnknownOrder > 0) {
    caveats.push(`the order of versions is not known for ${keysOfUnknownOrder} keys`);
  }
}

const PLAIN = WW | WR | RW;
/** Kinds of edges that an order of commits must agree with, and whether reads have an instant. */
const ORDERED_BY: Partial<Record<Level, readonly [kinds: number, snapshot?: 'snapshot']>> = {
  'read-uncommitted': [WW],
  'read-committed': [WW | WR],
  'consistent-view': [WW | WR],
  'forward-consistent-view': [WW | WR],
  'parallel-snapshot-isolation': [WW | WR | PROCESS],
  'snapshot-isolation': [PLAIN, 'snapshot'],
  'strong-session-snapshot-isolation': [PLAIN | PROCESS, 'snapshot'],
  'strong-snapshot-isolation': [PLAIN | PROCESS | REALTIME, 'snapshot'],
  'repeatable-read': [PLAIN],
  serializable: [PLAIN],
  'strong-session-serializable': [PLAIN | PROCESS],
  'strict-serializable': [PLAIN | PROCESS | REALTIME],
};

function orderFor(level: Level, index: AppendIndex, graph: () => DependencyGraph): CommitOrder {
  const [kinds, snapshot] = ORDERED_BY[level]!;
  const order = snapshot === undefined ? topologicalOrder : snapshotOrder;
  return () => order(graph(), kinds).filter((t) => index.committed[t] === 1);
}
