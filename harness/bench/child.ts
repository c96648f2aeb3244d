/**
 * One job in a process of its own: memory, processor time and caches belong to it alone. The job
 * comes as JSON in the first argument; progress and the outcome go to the parent as messages.
 */
import { existsSync, rmSync } from 'node:fs';
import type { BenchJob, BenchOutcome } from '../contract/bench-record.ts';
import { storeNamed, workloadNamed } from './catalogue.ts';
import { diskBytes } from './meter.ts';
import { Records } from './records.ts';

export type ChildMessage =
  | { readonly progress: number }
  | { readonly outcome: Omit<BenchOutcome, 'repetition'> }
  | { readonly error: string };

/** Keys and values are bytes, and what is durable when is the workload's choice. */
const DEFAULT_TUNING = 'no options, but for durability';

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
  const records = new Records(job.seed, job.valueBytes, job.keyOrder);
  const durable = workload.durable ?? false;
  const { directory, cacheBytes, defaults } = job;
  const measured = await workload.run({
    job,
    records,
    open: () => target.open({ directory, durable, ...(defaults === true ? {} : { cacheBytes }) }),
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
    figures: {},
    ...measured,
    perSecond: count / usage.wallSeconds,
    perCpuSecond: count / Math.max(usage.cpuSeconds, 1e-6),
    diskMiB: existsSync(directory) ? diskBytes(directory) / 2 ** 20 : 0,
  };
}

process.once('disconnect', () => process.exit()); // the parent is gone, or has all it needs
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
