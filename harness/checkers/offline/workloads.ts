/** What a history can be a history of, and how that shows in its first events. */
import type { Checker } from '../../contract/checker.ts';
import type { HistoryEvent } from '../../contract/history.ts';
import { type BankOptions, bankChecker } from '../collections/bank.ts';
import { causal } from '../collections/causal.ts';
import { causalReverse } from '../collections/causal-reverse.ts';
import { clock } from '../collections/clock.ts';
import { counter } from '../collections/counter.ts';
import { log } from '../collections/log.ts';
import { longFork } from '../collections/long-fork.ts';
import { monotonic } from '../collections/monotonic.ts';
import { set } from '../collections/set.ts';
import { setFull } from '../collections/set-full.ts';
import { totalQueue } from '../collections/total-queue.ts';
import { uniqueIds } from '../collections/unique-ids.ts';
import { MODELS } from '../linearizable/model.ts';

const TRANSACTIONAL = ['list-append', 'rw-register', 'predicate'] as const;

const COLLECTIONS: readonly Checker[] = [
  set,
  setFull,
  counter,
  uniqueIds,
  totalQueue,
  longFork,
  causal,
  causalReverse,
  log,
  monotonic,
  clock,
];

export function collectionCheckers(bank: BankOptions): ReadonlyMap<string, Checker> {
  return new Map([...COLLECTIONS, bankChecker(bank)].map((checker) => [checker.name, checker]));
}

/** Names of other tools for the same. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['append', 'list-append'],
  ['wr', 'rw-register'],
  ['cas-register', 'register'],
  ['linearizable-register', 'register'],
  ['kv', 'key-value'],
  ['kafka', 'log'],
  ['set-linearizable', 'linearizable-set'],
  ['fifo-queue', 'queue'],
]);

export const unalias = (name: string) => ALIASES.get(name) ?? name;

export const WORKLOADS: readonly string[] = [
  ...TRANSACTIONAL,
  ...MODELS.keys(),
  ...COLLECTIONS.map(({ name }) => name),
  'bank',
];

/** Which micro-operations tell the workload, the first that occurs. */
const BY_MICRO: readonly (readonly [f: string, workload: string])[] = [
  ['rp', 'predicate'],
  ['d', 'predicate'],
  ['append', 'list-append'],
  ['send', 'log'],
  ['poll', 'log'],
];

/** Which functions tell the workload, the first that occurs. */
const BY_FUNCTION: readonly (readonly [f: string, workload: string])[] = [
  ['transfer', 'bank'],
  ['cas', 'register'],
  ['acquire', 'mutex'],
  ['release', 'mutex'],
  ['enqueue', 'total-queue'],
  ['dequeue', 'total-queue'],
  ['generate', 'unique-ids'],
  ['read-init', 'causal'],
  ['inc', 'monotonic'],
  ['get', 'key-value'],
  ['put', 'key-value'],
  ['timestamp', 'clock'],
];

/** `undefined` when the events do not tell. */
export function detectWorkload(events: readonly HistoryEvent[]): string | undefined {
  const functions = new Set(events.map(({ f }) => f));
  const values = events.flatMap(({ value }) => (Array.isArray(value) ? value : []));
  const micros = new Set(values.filter((one) => Array.isArray(one)).map(([f]) => f));
  for (const [f, workload] of BY_MICRO) if (micros.has(f)) return workload;
  if (micros.has('w') || micros.has('r')) {
    return functions.has('read') && !functions.has('txn') ? 'long-fork' : 'rw-register';
  }
  for (const [f, workload] of BY_FUNCTION) if (functions.has(f)) return workload;
  const reads = events.filter(({ f, type }) => f === 'read' && type === 'ok');
  const showsList = reads.some(({ value }) => Array.isArray(value));
  if (functions.has('add')) {
    if (!showsList) return 'counter';
    return reads.length > 1 ? 'set-full' : 'set';
  }
  if (functions.has('write'))
    return showsList && !isIndependent(reads) ? 'causal-reverse' : 'register';
  return functions.has('read') && !showsList ? 'register' : undefined;
}

/** Whether all values are pairs of a key and a single value. */
function isIndependent(reads: readonly HistoryEvent[]): boolean {
  return reads.every(({ value }) => {
    if (!Array.isArray(value) || value.length !== 2) return false;
    return !Array.isArray(value[1]);
  });
}
