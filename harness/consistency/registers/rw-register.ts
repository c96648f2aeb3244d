/**
 * rw-register: judges a history of transactions that write and read registers, for all isolation
 * levels at once.
 *
 * With unique writes a read tells whom it read from. Read committed (both), monotonic atomic view,
 * read atomic, causal and the session guarantees are then decided completely in polynomial time;
 * consistent view, parallel SI, prefix, snapshot isolation and serializable by a search with a
 * counted budget, or at once where version orders are given. Where a value was written more than
 * once, every way to resolve the reads of it is judged, up to a limit; beyond it what depends on
 * them is `unknown`.
 */

import { AnomalyLog } from '../graph/anomaly.ts';
import {
  judgeLevels,
  LEVELS,
  type Level,
  type LevelReport,
  type LevelStatus,
} from '../graph/levels.ts';
import { type LevelWitness, type TransactionalReport, witnessesOf } from '../graph/report.ts';
import { OK } from '../graph/transaction-table.ts';
import { type CommitOrder, decideLevels, type Search } from '../isolation/decide.ts';
import { SearchBudget } from '../isolation/solve.ts';
import { INITIAL, type View } from '../isolation/view.ts';
import type { RegisterHistory } from './register-history.ts';
import { checkRegisterReads } from './register-reads.ts';
import { registerView, type VersionOrders } from './register-view.ts';
import { type AmbiguousRead, VersionIndex } from './version-index.ts';

/** Bounds on resolving ambiguous reads: choices tried, and transactions judged, in total. */
const CHOICES_MAX = 256;
const JUDGED_MAX = 4_000_000;

/** Anomalies after which nothing strong can hold: a read shows what no order allows. */
const UNSOUND = [
  'garbage-read',
  'G1a',
  'G1b',
  'future-read',
  'not-own-write',
  'not-last-own-write',
  'non-repeatable-read',
] as const;

/** These hold however ambiguous reads are resolved. */
const CERTAIN: ReadonlySet<string> = new Set(UNSOUND);

export function checkRegisters(
  history: RegisterHistory,
  orders: VersionOrders = new Map(),
  search: Search = {},
): TransactionalReport {
  const shared = { ...search, budget: search.budget ?? new SearchBudget() };
  const log = new AnomalyLog();
  const index = new VersionIndex(history);
  checkRegisterReads(index, log);
  const isSound = !UNSOUND.some((name) => log.has(name));
  const anyRead = history.status.view().includes(OK);
  const choices = choicesOf(index.ambiguous, history.size);
  const judge = (choice: ReadonlyMap<number, number>, into: AnomalyLog) => {
    const view = registerView(index, choice, orders);
    return { view, ...decideLevels(view, into, isSound, shared) };
  };
  if (choices === undefined) {
    const caveat = `${index.ambiguous.length} reads show a value that was written more than once`;
    return reportOf(history, log, new Map(), [caveat], new Map(), index.committed);
  }
  if (choices.length === 1) {
    const { view, status, caveats, orders } = judge(choices[0]!, log);
    if (!anyRead) caveats.push('no transaction completed with ok');
    const proofs = proofsOf(view, orders);
    return reportOf(history, log, anyRead ? status : new Map(), caveats, proofs, view.committed);
  }
  const { levels, first, proofs } = judgeAll(choices, (choice) => {
    const own = new AnomalyLog();
    const { view, status, caveats, orders } = judge(choice, own);
    const judged = judgeLevels(own.names, status);
    const proved = witnessesOf(judged, proofsOf(view, orders));
    return { log: own, levels: judged, caveats, proofs: proved };
  });
  const ways = `${index.ambiguous.length} reads can be resolved in ${choices.length} ways; examples are of one of them`;
  const bad = [...levels].some(([, status]) => status === 'violated');
  if (bad) for (const [name, report] of first.log.reports) log.merge(name, report);
  const keep = new Map([...levels].filter(([, status]) => status !== 'unknown'));
  return reportOf(history, log, keep, [ways, ...first.caveats], proofs, index.committed, bad);
}

/** A level holds when one way to resolve the reads makes it hold, is violated when all violate it. */
function judgeAll(
  choices: readonly ReadonlyMap<number, number>[],
  judge: (choice: ReadonlyMap<number, number>) => {
    readonly log: AnomalyLog;
    readonly levels: LevelReport;
    readonly caveats: readonly string[];
    readonly proofs: ReadonlyMap<Level, LevelWitness>;
  },
) {
  const levels = new Map<Level, LevelStatus>();
  const proofs = new Map<Level, LevelWitness>();
  let first: ReturnType<typeof judge> | undefined;
  for (const choice of choices) {
    const one = judge(choice);
    if (first === undefined || one.log.names.size < first.log.names.size) first = one;
    for (const level of LEVELS) {
      const status = one.levels.status.get(level)!;
      const proof = one.proofs.get(level);
      if (proof !== undefined && !proofs.has(level)) proofs.set(level, proof);
      const before = levels.get(level);
      const best = status === 'holds' || before === 'holds' ? 'holds' : undefined;
      levels.set(level, best ?? (before === undefined || before === status ? status : 'unknown'));
    }
    if (levels.get('strict-serializable') === 'holds') break;
  }
  return { levels, first: first!, proofs };
}

/** All combinations, or `undefined` when they are too many. */
function choicesOf(
  ambiguous: readonly AmbiguousRead[],
  transactions: number,
): Map<number, number>[] | undefined {
  const limit = Math.min(CHOICES_MAX, JUDGED_MAX / transactions);
  let all: Map<number, number>[] = [new Map()];
  for (const { read, candidates } of ambiguous) {
    if (all.length * candidates.length > limit) return undefined;
    all = candidates.flatMap((one) => all.map((choice) => new Map([...choice, [read, one]])));
  }
  return all;
}

function reportOf(
  history: RegisterHistory,
  log: AnomalyLog,
  decided: ReadonlyMap<Level, LevelStatus>,
  caveats: readonly string[],
  proofs: ReadonlyMap<Level, LevelWitness>,
  committed: Uint8Array,
  decidedOnly = false,
): TransactionalReport {
  const found = decidedOnly
    ? new Set([...log.names].filter((name) => CERTAIN.has(name)))
    : log.names;
  const levels = judgeLevels(found, decided);
  return {
    anomalies: log.reports,
    levels,
    transactions: history.size,
    committed: committed.reduce((sum, one) => sum + one, 0),
    caveats,
    witnesses: witnessesOf(levels, proofs),
  };
}

/** The orders found, with names; and whom each transaction read from, since values may repeat. */
function proofsOf(
  view: View,
  orders: ReadonlyMap<Level, CommitOrder>,
): ReadonlyMap<Level, LevelWitness> {
  let numbers: Map<string, number> | undefined;
  const readFrom: LevelWitness['readFrom'] = (name) => {
    numbers ??= new Map(Array.from(view.committed, (_, t) => [view.nameOf(t), t]));
    const t = numbers.get(name)!;
    const found: [string, string | undefined][] = [];
    for (let at = view.readStart[t]!; at < view.readStart[t + 1]!; at++) {
      const from = view.readFrom[at]!;
      const key = view.nameOfKey(view.readKey[at]!);
      found.push([key, from === INITIAL ? undefined : view.nameOf(from)]);
    }
    return found;
  };
  const named = (order: CommitOrder) => () => Array.from(order(), (t) => view.nameOf(t));
  return new Map([...orders].map(([level, order]) => [level, { order: named(order), readFrom }]));
}
