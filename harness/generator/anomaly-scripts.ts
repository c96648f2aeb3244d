/**
 * Scripts that show one anomaly each, in the fewest transactions. Keys are letters, and get fresh names
 * when a script is inserted into a history.
 */
import type { HistoryEvent } from '../contract/history.ts';

type Op = readonly [f: 'w' | 'append' | 'r', key: string, value: unknown];

interface ScriptedTransaction {
  readonly operations: readonly Op[];
  readonly type?: 'ok' | 'fail';
  /** The client that runs it; default: a client of its own. */
  readonly client?: number;
}

export interface AnomalyScript {
  readonly name: string;
  readonly workload: 'list-append' | 'rw-register';
  /** Sequentially, or all concurrently. */
  readonly serial: boolean;
  readonly transactions: readonly ScriptedTransaction[];
}

const w = (key: string, value: number): Op => ['w', key, value];
const a = (key: string, value: number): Op => ['append', key, value];
const r = (key: string, value: unknown): Op => ['r', key, value];
const t = (...operations: Op[]): ScriptedTransaction => ({ operations });
const failed = (...operations: Op[]): ScriptedTransaction => ({ operations, type: 'fail' });

const lists = (name: string, serial: boolean, ...transactions: ScriptedTransaction[]) =>
  ({ name, workload: 'list-append', serial, transactions }) as const;
const registers = (name: string, serial: boolean, ...transactions: ScriptedTransaction[]) =>
  ({ name, workload: 'rw-register', serial, transactions }) as const;

export const ANOMALY_SCRIPTS: readonly AnomalyScript[] = [
  lists('garbage-read', true, t(r('x', [9]))),
  lists('duplicate-elements', true, t(a('x', 1)), t(r('x', [1, 1]))),
  lists('G1a', true, failed(a('x', 1)), t(r('x', [1]))),
  lists('G1b', false, t(a('x', 1), a('x', 2)), t(r('x', [1])), t(r('x', [1, 2]))),
  lists('internal', true, t(a('x', 1), r('x', []))),
  lists(
    'incompatible-order',
    false,
    t(a('x', 1)),
    t(a('x', 2)),
    t(r('x', [1, 2])),
    t(r('x', [2, 1])),
  ),
  lists('dirty-update', true, failed(a('x', 1)), t(a('x', 2)), t(r('x', [1, 2]))),
  lists(
    'G0',
    false,
    t(a('x', 1), a('y', 1)),
    t(a('x', 2), a('y', 2)),
    t(r('x', [1, 2]), r('y', [2, 1])),
  ),
  lists('G1c', false, t(a('x', 1), r('y', [1])), t(a('y', 1), r('x', [1]))),
  lists('G-single', false, t(a('x', 1), a('y', 1)), t(r('x', [1]), r('y', [])), t(r('y', [1]))),
  lists(
    'G-nonadjacent',
    false,
    t(a('x', 1)),
    t(a('y', 1)),
    t(r('x', [1]), r('y', [])),
    t(r('x', []), r('y', [1])),
  ),
  lists(
    'G2-item',
    false,
    t(r('x', []), a('y', 1)),
    t(r('y', []), a('x', 1)),
    t(r('x', [1]), r('y', [1])),
  ),
  lists('G-single-realtime', true, t(a('x', 1)), t(r('x', [])), t(r('x', [1]))),
  lists(
    'G-single-process',
    true,
    { operations: [a('x', 1)], client: 0 },
    { operations: [r('x', [])], client: 0 },
    t(r('x', [1])),
  ),
  registers('garbage-read', true, t(r('x', 9))),
  registers('G1a', true, failed(w('x', 1)), t(r('x', 1))),
  registers('G1b', false, t(w('x', 1), w('x', 2)), t(r('x', 1))),
  registers('future-read', true, t(r('x', 1), w('x', 1))),
  registers('not-own-write', false, t(w('x', 1), r('x', 2)), t(w('x', 2))),
  registers('not-last-own-write', true, t(w('x', 1), w('x', 2), r('x', 1))),
  registers('non-repeatable-read', false, t(w('x', 1)), t(r('x', null), r('x', 1))),
  registers('lost-update', false, t(r('x', null), w('x', 1)), t(r('x', null), w('x', 2))),
  registers('G1c', false, t(w('x', 1), r('y', 2)), t(w('y', 2), r('x', 1))),
  registers('cyclic-causality', false, t(w('x', 1), r('y', 2)), t(w('y', 2), r('x', 1))),
  registers(
    'non-monotonic-read',
    false,
    t(w('x', 1)),
    t(r('x', 1), w('x', 2), w('y', 2)),
    t(r('y', 2), r('x', 1)),
  ),
  registers(
    'non-monotonic-read-inferred',
    false,
    t(w('x', 1), w('y', 1)),
    t(w('x', 2), w('y', 2)),
    t(r('x', 1), r('y', 2)),
    t(r('x', 2), r('y', 1)),
  ),
  registers(
    'fractured-read',
    false,
    t(w('x', 1)),
    t(r('x', 1), w('x', 2), w('y', 2)),
    t(r('x', 1), r('y', 2)),
  ),
  registers(
    'fractured-read-inferred',
    false,
    t(w('x', 1), w('y', 1)),
    t(w('x', 2), w('y', 2)),
    t(r('x', 1), r('y', 2)),
  ),
  registers(
    'causality-violation',
    false,
    t(w('x', 1)),
    t(r('x', 1), w('x', 2)),
    t(r('x', 2), w('y', 3)),
    t(r('y', 3), r('x', 1)),
  ),
  registers(
    'causality-violation-inferred',
    false,
    t(w('x', 1)),
    t(w('x', 2)),
    { operations: [r('x', 1), w('y', 3)], client: 0 },
    { operations: [r('x', 2), w('z', 4)], client: 0 },
    { operations: [r('z', 4)], client: 1 },
    { operations: [r('x', 1)], client: 1 },
  ),
  registers('G-single', false, t(w('x', 1), w('y', 1)), t(r('x', 1), r('y', null))),
  registers(
    'G-nonadjacent',
    false,
    t(w('x', 1)),
    t(w('y', 1)),
    t(r('x', 1), r('y', null)),
    t(r('x', null), r('y', 1)),
  ),
  registers('G2-item', false, t(r('x', null), w('y', 1)), t(r('y', null), w('x', 1))),
  registers('G-single-realtime', true, t(w('x', 1)), t(r('x', 1), w('x', 2)), t(r('x', 1))),
];

/** The events of a script, with the given key names and client numbers. */
export function* playScript(
  { transactions, serial }: AnomalyScript,
  index: number,
  firstProcess: number,
  keyOf: (letter: string) => unknown,
): Generator<HistoryEvent> {
  let at = index;
  const process = ({ client }: ScriptedTransaction, i: number) =>
    client === undefined ? firstProcess + 100 + i : firstProcess + client;
  const event = (one: ScriptedTransaction, i: number, type: HistoryEvent['type']): HistoryEvent => {
    const value = one.operations.map(([f, key, of]) => [
      f,
      keyOf(key),
      f === 'r' && type !== 'ok' ? null : of,
    ]);
    return { index: at++, type, process: process(one, i), f: 'txn', value, timeMs: at };
  };
  // Transactions of one client are sequential even where all others are concurrent.
  const waits = transactions.map(
    ({ client }, i) =>
      serial ||
      (client !== undefined && transactions.slice(0, i).some((other) => other.client === client)),
  );
  const open: number[] = [];
  for (const [i, one] of transactions.entries()) {
    if (waits[i])
      for (const j of open.splice(0))
        yield event(transactions[j]!, j, transactions[j]!.type ?? 'ok');
    yield event(one, i, 'invoke');
    open.push(i);
  }
  for (const j of open) yield event(transactions[j]!, j, transactions[j]!.type ?? 'ok');
}
