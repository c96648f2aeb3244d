/**
 * Runs one job in its own process, so that memory, processor time and caches belong to the job alone.
 * The job arrives as JSON in the first argument; progress and the outcome are sent to the parent as
 * messages.
 */
import { existsSync, rmSync } from 'node:fs';
import type { BenchJob, BenchOutcome } from '../contract/bench-record.ts';
import { storeNamed, workloadNamed } from './catalogue.ts';
import { joinMemoryGroup } from './memory-group.ts';
import { diskBytes } from './meter.ts';
import { Records } from './records.ts';

export type ChildMessage =
  | { readonly progress: number }
  | { readonly outcome: Omit<BenchOutcome, 'repetition'> }
  | { readonly error: string };

/** Keys and values are bytes, and what is durable when is the workload's choice. */
const DEFAULT_TUNING = 'no options, but for durability';

/** Caches are rounded to whole pages or shards. */
const CAPACITY_TOLERANCE = 0.01;

function tell(message: ChildMessage): void {
  if (process.send === undefined) console.log(JSON.stringify(message));
  else process.send(message);
}

function hangUp(): void {
  if (process.connected) process.disconnect?.();
}

async function run(job: BenchJob): Promise<Omit<BenchOutcome, 'repetition'>> {
  const workload = workloadNamed(job.workload);
  const target = await storeNamed(job.store);
  if (workload === undefined || target === undefined) throw new Error('unknown store or workload');
  if (workload.store === 'fresh') rmSync(job.directory, { recursive: true, force: true });
  const records = new Records(job.seed, job.valueBytes, job.keyOrder, job.valueSizes);
  const durable = workload.durable ?? false;
  const { directory, cacheBytes, defaults } = job;
  let capacity: number | undefined;
  const measured = await workload.run({
    job,
    records,
    async open() {
      const cache = defaults === true ? {} : { cacheBytes };
      const store = await target.open({ directory, durable, ...cache });
      capacity = store.cacheCapacity?.();
      if (defaults !== true) checkCapacity(target.name, cacheBytes, capacity);
      return store;
    },
    progress: (share) => tell({ progress: share }),
  });
  const { usage, count } = measured;
  return {
    job,
    tuning: defaults === true ? DEFAULT_TUNING : target.tuning,
    latency: {},
    curve: [],
    wrong: 0,
    cutShort: false,
    ...measured,
    figures: {
      ...measured.figures,
      ...(capacity === undefined ? {} : { cacheCapacity: capacity }),
    },
    perSecond: count / usage.wallSeconds,
    perCpuSecond: count / Math.max(usage.cpuSeconds, 1e-6),
    diskMiB: existsSync(directory) ? diskBytes(directory) / 2 ** 20 : 0,
  };
}

/** Throws if the store's block cache differs from the requested size: the comparison would be unfair. */
function checkCapacity(store: string, given: number, capacity: number | undefined): void {
  if (capacity === undefined || Math.abs(capacity - given) <= CAPACITY_TOLERANCE * given) return;
  throw new Error(`${store} was given a cache of ${given} bytes and has one of ${capacity}`);
}

process.once('disconnect', () => process.exit()); // the parent is gone, or has all it needs
joinMemoryGroup();
run(JSON.parse(process.argv[2]!) as BenchJob).then(
  (outcome) => {
    tell({ outcome });
    hangUp();
  },
  (error: unknown) => {
    tell({ error: String((error as Error)?.stack ?? error) });
    process.exitCode = 1;
    hangUp();
  },
);
