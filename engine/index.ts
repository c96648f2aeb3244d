/**
 * The reference engine.
 *
 *     import { nodeEnv, open } from 'assay/engine';
 *     const store = await open(nodeEnv(), { directory: './data' });
 *     await store.put(utf8.encode('key'), utf8.encode('value'));
 *     await store.close();
 */

export { type Task, taskSteps } from './compaction/task.ts';
export { Database } from './database.ts';
export type { Background } from './env/background.ts';
export type { Clock } from './env/clock.ts';
export type { Disk, DiskFile, DiskLock } from './env/disk.ts';
export type { Env } from './env/env.ts';
export { nodeDisk } from './env/node/disk.ts';
export { nodeEnv } from './env/node/index.ts';
export type { Random } from './env/random.ts';
export { type ErrorCode, isStoreError, StoreError, withoutStack } from './errors.ts';
export { utf8 } from './format/bytes.ts';
export { decodeKey, encodeKey, type KeyPart } from './format/key-encoding.ts';
export { strayFiles } from './manifest/named-files.ts';
export type { RangeOptions } from './mvcc/range-options.ts';
export type { KeyValue } from './mvcc/range-read.ts';
export type { Snapshot } from './mvcc/snapshot.ts';
export type { CommitOptions, CommitResult, Isolation, Transaction } from './mvcc/transaction.ts';
export { open } from './open.ts';
export { checkOptions, type Durability, type OpenOptions, type Retention } from './options.ts';
export type { StoreStats } from './stats.ts';
export { checkGraph } from './stores/graph/check-graph.ts';
export { dumpGraph, type GraphContent } from './stores/graph/dump-graph.ts';
export type { NeighbourOptions, Properties } from './stores/graph/graph-arguments.ts';
export { addEdge, addVertex } from './stores/graph/graph-changes.ts';
export type { Degrees, Direction, EdgeId } from './stores/graph/graph-keys.ts';
export { GraphStore } from './stores/graph/graph-store.ts';
export {
  type OrderedReader,
  type OrderedStore,
  type OrderedTransaction,
  orderedStore,
  orderedTransaction,
} from './stores/ordered-store.ts';
export { type LiveFile, liveFiles } from './verify/live-files.ts';
export type { Problem } from './verify/problem.ts';
export { type RepairReport, repairStore } from './verify/repair.ts';
export { type VerifyReport, verifyStore } from './verify/verify.ts';
export { APP_VERSION } from './version.ts';
export { WriteBatch } from './wal/write-batch.ts';
