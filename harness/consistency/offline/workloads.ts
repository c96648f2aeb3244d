/** The workloads that a history can be checked as: their names and their checkers. */
import type { Checker } from '../../contract/checker.ts';
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
import { MODELS } from '../linearizability/model.ts';
import {
  bankTotal,
  durability,
  graphInvariant,
  linearizableRegisters,
  prefixConsistent,
  recency,
  seatsBound,
  watchOrder,
} from '../own/index.ts';

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

/** Workloads that Assay runs itself, where they are no one else's, and who judges them. */
const OWN_WORKLOADS: ReadonlyMap<string, Checker> = new Map([
  ['durable-set', durability],
  ['lock-set', durability],
  ['graph-churn', graphInvariant],
  ['seats', seatsBound],
  ['watch', watchOrder],
  ['own-bank', bankTotal],
  ['own-register', linearizableRegisters],
]);

/** Checkers that a run may name, by name. */
export const RUN_CHECKERS: ReadonlyMap<string, Checker> = new Map(
  [
    durability,
    prefixConsistent,
    graphInvariant,
    seatsBound,
    watchOrder,
    bankTotal,
    recency,
    linearizableRegisters,
    counter,
    totalQueue,
  ].map((checker) => [checker.name, checker]),
);

export function collectionCheckers(bank: BankOptions): ReadonlyMap<string, Checker> {
  const named = [...COLLECTIONS, bankChecker(bank)].map((one) => [one.name, one] as const);
  return new Map([...named, ...OWN_WORKLOADS]);
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
  ...[...OWN_WORKLOADS.keys()].filter((name) => !name.startsWith('own-')),
];
