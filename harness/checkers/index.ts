/** The checkers by name, and what it takes to call them. */
export { judge } from '../contract/checker.ts';
export { operationsOf } from '../contract/history.ts';
export {
  detectFormat,
  FORMATS,
  type HistoryFormat,
  HistorySource,
  readHistory,
} from '../history/read-history.ts';
export { default as bankTotal } from './bank-total.ts';
export { counter } from './collections/counter.ts';
export { setFull } from './collections/set-full.ts';
export { totalQueue } from './collections/total-queue.ts';
export { uniqueIds } from './collections/unique-ids.ts';
export { default as durability } from './durability.ts';
export { default as graphInvariant } from './graph-invariant.ts';
export {
  checkLinearizable,
  type ObjectOperation,
} from './linearizable/linearizable.ts';
export {
  keyValueModel,
  type Model,
  type ModelOperation,
  mutexModel,
  queueModel,
  registerModel,
  setModel,
} from './linearizable/model.ts';
export { default as linearizableRegisters } from './linearizable-registers.ts';
export {
  type CheckedHistory,
  type CheckHistoryOptions,
  checkHistory,
} from './offline/check-history.ts';
export { WORKLOADS } from './offline/workloads.ts';
export { default as prefixConsistent } from './prefix-consistent.ts';
export { default as recency } from './recency.ts';
export { RegisterHistory } from './registers/register-history.ts';
export { checkRegisters } from './registers/rw-register.ts';
export { default as strictSerializable } from './strict-serializable.ts';
export { default as strongSnapshotIsolation } from './strong-snapshot-isolation.ts';
export { LEVELS, type Level } from './transactional/levels.ts';
export { checkListAppend } from './transactional/list-append.ts';
export type { TransactionalReport } from './transactional/report.ts';
export { TransactionCollector, TransactionHistory } from './transactional/transaction-history.ts';
