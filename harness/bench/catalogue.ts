/** The workloads and stores a benchmark can name. */
import { engine } from '../targets/reference-engine-bench.ts';
import { slowed } from './ab/slowed-store.ts';
import type { BenchTarget } from './bench-store.ts';
import { lying } from './liars.ts';
import type { BenchWorkload } from './workload.ts';
import { bank } from './workloads/bank.ts';
import { commits } from './workloads/commits.ts';
import { endurance } from './workloads/endurance.ts';
import { cold, justLoaded } from './workloads/first-reads.ts';
import { getMany } from './workloads/get-many.ts';
import { graph } from './workloads/graph.ts';
import { ingest } from './workloads/ingest.ts';
import { loadSweep } from './workloads/load-sweep.ts';
import { mixed } from './workloads/mixed.ts';
import { points } from './workloads/points.ts';
import { readers } from './workloads/readers.ts';
import { overwriteForever, reopen } from './workloads/reopen.ts';
import { scans } from './workloads/scans.ts';
import { transactions } from './workloads/transactions.ts';
import { ycsb } from './workloads/ycsb.ts';

/** Peers are loaded on demand: each is a native module that may be missing. */
export const STORES: Readonly<Record<string, () => Promise<BenchTarget>>> = {
  engine: async () => engine,
  lmdb: async () => (await import('./peers/lmdb.ts')).lmdb,
  'lmdb-writemap': async () => (await import('./peers/lmdb.ts')).lmdbWriteMap,
  rocksdb: async () => (await import('./peers/rocksdb.ts')).rocksdb,
  level: async () => (await import('./peers/level.ts')).level,
  sqlite: async () => (await import('./peers/sqlite.ts')).sqlite,
};

/**
 * A store by name. A suffix after `+` wraps it: `slow-20` waits 20 % of each call's duration in
 * addition, any other suffix is a planted fault (`LIES`). Undefined if the name is unknown; rethrows
 * errors of loading the package.
 */
export async function storeNamed(name: string): Promise<BenchTarget | undefined> {
  const [honest, wrapping] = name.split('+') as [string, string | undefined];
  const target = await STORES[honest]?.();
  if (target === undefined || wrapping === undefined) return target;
  const [, percent] = /^slow-(\d+)$/.exec(wrapping) ?? [];
  return percent === undefined ? lying(target, wrapping) : slowed(target, Number(percent));
}

/** The workload that loads the store which the others read. */
export const LOADING = 'ingest-random';

export const WORKLOADS: readonly BenchWorkload[] = [
  ingest(LOADING, 'load in random order, durable at the end', false),
  ingest('ingest-durable', 'load in random order, each batch of 1,000 durable', true),
  ingest('ingest-sequential', 'load in key order, durable at the end', false, 'sequential'),
  points('points-uniform', 'read values, uniform', 'uniform', (store) => store.get),
  points('points-view', 'read values in place, uniform', 'uniform', (store) => store.view),
  points('points-zipf', 'read values, Zipf 0.99', 'zipf', (store) => store.get),
  points('points-absent', 'read keys that are not there', 'absent', (store) => store.get),
  getMany,
  readers(
    'readers-8',
    'eight readers at once, Zipf 0.99, for --seconds; at --rate if it is given',
    8,
  ),
  scans('scans', 'read 100 records upwards', false),
  scans('scans-reverse', 'read 100 records downwards', true),
  transactions,
  ycsb('ycsb-a', 'half reads, half updates', { shares: { update: 0.5 } }),
  ycsb('ycsb-b', '95 % reads, 5 % updates', { shares: { update: 0.05 } }),
  ycsb('ycsb-c', 'reads only', { shares: {} }),
  ycsb('ycsb-d', '95 % reads of what is new, 5 % inserts', {
    shares: { insert: 0.05 },
    latest: true,
  }),
  ycsb('ycsb-e', '95 % short scans, 5 % inserts', { shares: { scan: 0.95, insert: 0.05 } }),
  ycsb('ycsb-f', 'half reads, half read and written back', {
    shares: { 'read and write back': 0.5 },
  }),
  justLoaded,
  cold('cold', 'open and read a million values, page cache as it was left', false),
  cold('cold-dropped', 'the same, with the page cache dropped before', true),
  reopen('reopen-clean', 'open after a clean close, to the first correct read', false),
  reopen('reopen-killed', 'open after SIGKILL among updates, to the first correct read', true),
  commits('commits-1', 'durable commits by one writer', 1),
  commits('commits-64', 'durable commits by 64 writers at once', 64),
  mixed('mixed', '80 % reads, 20 % updates, checkpoints meanwhile'),
  mixed('open-loop', 'the same at --rate a second (20,000), from when each was due', true),
  loadSweep,
  bank,
  graph,
  endurance,
  overwriteForever,
];

export function workloadNamed(name: string): BenchWorkload | undefined {
  return WORKLOADS.find((workload) => workload.name === name);
}
