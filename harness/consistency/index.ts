/** The checkers by name, the formats of histories, and what it takes to call them. */

export { default as bankTotal } from '../checkers/bank-total.ts';
export { default as durability } from '../checkers/durability.ts';
export { default as graphInvariant } from '../checkers/graph-invariant.ts';
export { default as linearizableRegisters } from '../checkers/linearizable-registers.ts';
export { default as prefixConsistent } from '../checkers/prefix-consistent.ts';
export { default as recency } from '../checkers/recency.ts';
export { default as strictSerializable } from '../checkers/strict-serializable.ts';
export { default as strongSnapshotIsolation } from '../checkers/strong-snapshot-isolation.ts';
export { judge } from '../contract/checker.ts';
export { operationsOf } from '../contract/pairing.ts';
export {
  type GenerateOptions,
  generateHistory,
  PEER_SETTINGS,
} from '../generator/generate-history.ts';
export { shrinkHistory } from '../generator/shrink.ts';
export {
  detectFormat,
  FORMATS,
  type HistoryFormat,
  HistorySource,
  readHistory,
} from '../history/read-history.ts';
export { writeEvent } from '../history/write-history.ts';
export { bankChecker } from './collections/bank.ts';
export { causal } from './collections/causal.ts';
export { causalReverse } from './collections/causal-reverse.ts';
export { clock } from './collections/clock.ts';
export { counter } from './collections/counter.ts';
export { log } from './collections/log.ts';
export { longFork } from './collections/long-fork.ts';
export { monotonic } from './collections/monotonic.ts';
export { set } from './collections/set.ts';
export { setFull } from './collections/set-full.ts';
export { totalQueue } from './collections/total-queue.ts';
export { uniqueIds } from './collections/unique-ids.ts';
export { LEVEL_ALIASES, LEVELS, type Level } from './graph/levels.ts';
export type { TransactionalReport } from './graph/report.ts';
export { TransactionCollector } from './graph/transaction-collector.ts';
export { TransactionHistory } from './graph/transaction-history.ts';
export {
  checkLinearizable,
  type LinearizabilityVerdict,
  type ObjectOperation,
} from './linearizability/linearizable.ts';
export {
  keyValueModel,
  MODELS,
  type Model,
  type ModelOperation,
  mapModel,
  multiRegisterModel,
  mutexModel,
  queueModel,
  registerModel,
  setModel,
} from './linearizability/model.ts';
export { checkListAppend } from './list-append/list-append.ts';
export {
  BY_TIMESTAMPS,
  type CheckedHistory,
  type CheckHistoryOptions,
  checkHistory,
} from './offline/check-history.ts';
export { WORKLOADS } from './offline/workloads.ts';
export { PredicateHistory } from './predicates/predicate-history.ts';
export { checkPredicates } from './predicates/predicates.ts';
export { RegisterHistory } from './registers/register-history.ts';
export { checkRegisters } from './registers/rw-register.ts';
export { checkTimestamps } from './registers/timestamps.ts';
export { VersionIndex } from './registers/version-index.ts';
