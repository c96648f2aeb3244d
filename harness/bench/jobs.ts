/** A benchmark's plan as jobs: in which order what is done to which store. */
import type { BenchJob, BenchPlan } from '../contract/bench-record.ts';
import { LOADING, workloadNamed } from './catalogue.ts';

export interface PlannedJob {
  readonly job: BenchJob;
  readonly repetition: number;
  /** File name of its outcome, unique in the run. */
  readonly name: string;
  /** The program that runs it, where it is not this commit's. */
  readonly child?: string;
  /** The directory it gets a copy of: it changes the store. */
  readonly copyOf?: string;
}

/**
 * Workload by workload, and within one store by store, so that stores that are compared run within
 * minutes of each other; each repetition begins with another store. Loading comes first, then what
 * reads, then what changes a store, on a copy of the loaded one. Copies, and fresh stores of other
 * workloads, are removed when they are done.
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
