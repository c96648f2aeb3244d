/**
 * One job in a process of its own: memory, processor time and caches belong to it alone. The job
 * comes as JSON in the first argument; progress and the outcome go to the parent as messages.
 */
import { existsSync, rmSync } from 'node:fs';
import { STORES, workloadNamed } from './catalogue.ts';
import { diskBytes } from './meter.ts';
import { Records } from './records.ts';
import type { Job, Outcome } from './workload.ts';

export type ChildMessage =
  | { readonly progress: number }
  | { readonly outcome: Outcome }
  | { readonly error: string };

const tell = (message: ChildMessage) =>
  process.send === undefined ? console.log(JSON.stringify(message)) : process.send(message);

async function run(job: Job): Promise<Outcome> {
  const workload = workloadNamed(job.workload);
  const target = await STORES[job.store]?.();
  if (workload === undefined || target === undefined) throw new Error('unknown store or workload');
  if (workload.store === 'fresh') rmSync(job.directory, { recursive: true, force: true });
  const records = new Records(job.seed, job.valueBytes, job.keyOrder);
  const durable = workload.durable ?? false;
  const sequential = job.keyOrder === 'sequential';
  const { directory, cacheBytes } = job;
  const measured = await workload.run({
    job,
    records,
    open: () => target.open({ directory, cacheBytes, durable, sequential }),
    progress: (share) => tell({ progress: share }),
  });
  const { usage, count } = measured;
  return {
    job,
    tuning: target.tuning,
    latency: {},
    curve: [],
    wrong: 0,
    cutShort: false,
    figures: {},
    ...measured,
    perSecond: count / usage.wallSeconds,
    perCpuSecond: count / usage.cpuSeconds,
    diskMiB: existsSync(directory) ? diskBytes(directory) / 2 ** 20 : 0,
  };
}

run(JSON.parse(process.argv[2]!) as Job).then(
  (outcome) => tell({ outcome }),
  (error: unknown) => {
    tell({ error: String((error as Error)?.stack ?? error) });
    process.exitCode = 1;
  },
);
