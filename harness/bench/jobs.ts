/** A benchmark's plan as a list of jobs, in order. */
import type { BenchJob, BenchPlan } from '../contract/bench-record.ts';
import { LOADING, workloadNamed } from './catalogue.ts';

export interface PlannedJob {
  readonly job: BenchJob;
  readonly repetition: number;
  /** File name of its outcome, unique in the run. */
  readonly name: string;
  /** The program that runs it, if it is another commit's. */
  readonly child?: string;
  /** The store directory that is copied for this job, because the job changes the store. */
  readonly copyOf?: string;
}

/**
 * Jobs are ordered by workload, then by store, so that compared stores run within minutes of each
 * other; each repetition begins with another store. Loading comes first, then workloads that read, then
 * workloads that change the store, on a copy of the loaded one. Copies and stores created by a single
 * workload are removed afterwards.
 */
export function planJobs(plan: BenchPlan, directory: string): PlannedJob[] {
  const workloads = plan.workloads.map((name) => workloadNamed(name)!);
  const needsLoading = workloads.some(({ store }) => store !== 'fresh');
  const names = workloads.filter(({ name }) => name !== LOADING).map(({ name }) => name);
  const order = ['fresh', 'loaded', 'changed'];
  names.sort(
    (a, b) => order.indexOf(workloadNamed(a)!.store) - order.indexOf(workloadNamed(b)!.store),
  );
  if (needsLoading || plan.workloads.includes(LOADING)) {
    const firstLoaded = names.findIndex((name) => workloadNamed(name)!.store !== 'fresh');
    names.splice(firstLoaded < 0 ? names.length : firstLoaded, 0, LOADING);
  }
  const jobs: PlannedJob[] = [];
  for (let repetition = 1; repetition <= plan.repetitions; repetition++) {
    for (const name of names) {
      const workload = workloadNamed(name)!;
      for (const store of rotated(plan.stores, repetition - 1)) {
        if (workload.only !== undefined && workload.only !== store) continue;
        const isOwn = name !== LOADING && workload.store !== 'loaded';
        const place = isOwn ? name : 'loaded';
        jobs.push({
          repetition,
          name: `${repetition}-${name}-${store}`,
          ...(workload.store === 'changed' ? { copyOf: `${directory}/${store}-loaded` } : {}),
          job: {
            store,
            workload: name,
            directory: `${directory}/${store}-${place}`,
            records: plan.records,
            valueBytes: plan.valueBytes,
            ...(plan.valueSizes === undefined ? {} : { valueSizes: plan.valueSizes }),
            keyOrder: workload.keyOrder ?? plan.keyOrder,
            cacheBytes: plan.cacheBytes,
            ...(plan.defaults === true ? { defaults: true } : {}),
            ...(plan.rate === undefined ? {} : { rate: plan.rate }),
            seed: plan.seed + repetition,
            seconds: plan.seconds,
            limitSeconds: plan.limitSeconds,
          },
        });
      }
    }
  }
  return jobs;
}

function rotated<T>(values: readonly T[], by: number): readonly T[] {
  const first = by % values.length;
  return [...values.slice(first), ...values.slice(0, first)];
}
