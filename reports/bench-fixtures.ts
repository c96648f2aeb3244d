/** Synthetic benchmark outcomes and runs, for tests of the conclusions drawn from them. */
import type { AbMeasurement, AbPlan, AbRun } from '../harness/contract/ab-record.ts';
import type {
  BenchOutcome,
  BenchPlan,
  BenchRun,
  Latency,
} from '../harness/contract/bench-record.ts';
import { Prng } from '../harness/random/prng.ts';

export const PLAN: BenchPlan = {
  records: 1000,
  valueBytes: 100,
  keyOrder: 'random',
  cacheBytes: 2 ** 30,
  seed: 1,
  seconds: 1,
  limitSeconds: 1,
  repetitions: 1,
  hugePages: false,
  stores: ['engine'],
  workloads: ['scans'],
};

export function latencyOf(more: Partial<Latency> = {}): Latency {
  const tails = { p50: 1, p90: 2, p95: 3, p99: 4, p999: 5, max: 6 };
  return { count: 5000, mean: 1, ...tails, exceeds: 0, ...more };
}

export function outcomeOf(workload: string, more: Partial<BenchOutcome> = {}): BenchOutcome {
  const { stores: _stores, workloads: _workloads, ...settings } = PLAN;
  return {
    job: { ...settings, store: 'engine', workload, directory: '/d' },
    repetition: 1,
    tuning: 'as it is',
    unit: 'scans',
    count: 1000,
    perSecond: 1000,
    perCpuSecond: 1000,
    latency: { scan: latencyOf() },
    curve: [],
    usage: {
      wallSeconds: 1,
      cpuSeconds: 1,
      rssMaxMiB: 100,
      deviceReadMiB: 0,
      deviceWriteMiB: 0,
    },
    diskMiB: 10,
    wrong: 0,
    cutShort: false,
    figures: {},
    ...more,
  };
}

export function runOf(outcomes: readonly BenchOutcome[], more: Partial<BenchRun> = {}): BenchRun {
  return {
    plan: { ...PLAN, workloads: [...new Set(outcomes.map(({ job }) => job.workload))] },
    machine: '2 × made up',
    commit: 'abc1234',
    node: 'v26.0.0',
    startedAt: '2026-11-21T00:00:00Z',
    command: 'assay bench',
    missing: [],
    outcomes,
    ...more,
  };
}

export function abRunOf(
  measurements: readonly AbMeasurement[],
  pairs: number,
  more: Partial<AbPlan> = {},
): AbRun {
  const source = (label: string) => ({ asked: label, commit: label, label });
  return {
    plan: {
      a: source('aaaa'),
      b: source('bbbb'),
      bench: { ...PLAN, repetitions: pairs },
      threshold: 0.05,
      correction: 'max-t',
      ...more,
    },
    machine: '2 × made up',
    node: 'v26.0.0',
    startedAt: '2026-11-21T00:00:00Z',
    command: 'assay bench ab',
    notCompared: [],
    measurements,
  };
}

/** How a simulated machine measures. */
export interface Noise {
  /** Standard deviation of the logarithm of a rate from one process to the next. */
  readonly sigma: number;
  /** The share of processes that something disturbs, which takes them half as long again. */
  readonly disturbed: number;
}

/**
 * Measurements of two commits as a machine might make them: the machine drifts from round to round,
 * tails vary two to four times as much as rates, memory and disk hardly. `slower` is the share by
 * which B takes longer in the workloads that `slowed` names.
 */
export function simulateAb(
  seed: number,
  size: { readonly workloads: number; readonly pairs: number },
  noise: Noise,
  slower = 0,
  slowed: (workload: number) => boolean = () => true,
): AbRun {
  const random = new Prng(seed).derive('simulated benchmark');
  const normal = () => {
    const [u, v] = [random.nextUint32(), random.nextUint32()].map((x) => (x + 0.5) / 2 ** 32);
    return Math.sqrt(-2 * Math.log(u!)) * Math.cos(2 * Math.PI * v!);
  };
  const measurements: AbMeasurement[] = [];
  for (let round = 1; round <= size.pairs; round++) {
    const drift = 0.1 * normal();
    for (let i = 0; i < size.workloads; i++) {
      for (const side of ['a', 'b'] as const) {
        const isSlow = side === 'b' && slowed(i);
        const common =
          drift +
          noise.sigma * normal() +
          (random.nextUint32() < noise.disturbed * 2 ** 32 ? Math.log(1.5) : 0) +
          (isSlow ? Math.log1p(slower) : 0);
        const time = (spread: number) => Math.exp(common + spread * noise.sigma * normal());
        const latency = latencyOf({ p50: time(0.3), p95: time(1), p99: time(2), p999: time(4) });
        const outcome = outcomeOf(`workload-${i}`, {
          perSecond: 1e5 / time(0),
          perCpuSecond: 1e5 / time(0.3),
          latency: { operation: latency },
          usage: { ...outcomeOf('').usage, rssMaxMiB: 100 * Math.exp(0.01 * normal()) },
          diskMiB: 10 * Math.exp(0.001 * normal()),
        });
        measurements.push({ side, round, workload: `workload-${i}`, outcome });
      }
    }
  }
  return abRunOf(measurements, size.pairs);
}
