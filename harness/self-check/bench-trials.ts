/**
 * Tests the benchmark with saved runs and stores whose faults are known. Each test returns a
 * description of what the benchmark got wrong, or undefined.
 *
 * - Comparisons of equal commits find something in at most 5 %; A slowdown of 20 % is detected in 95 % and one
 *   of 10 % in 80 %; a comparison that detects neither reports insufficient power. Timings are simulated.
 * - Of two saved runs, a crash, a missing workload or wrong values in the second is a regression; another
 *   machine, Node or setting, a run cut short or a full histogram can't be compared.
 * - A step in stored runs is found within three runs, and none in a steady series.
 * - Every store that lies reads as wrong in a workload that can see it, and an honest one in none.
 */
import { judgeAb } from '../../reports/ab-model.ts';
import { compareRuns } from '../../reports/bench-compare.ts';
import { latencyOf, outcomeOf, PLAN, runOf, simulateAb } from '../../reports/bench-fixtures.ts';
import { changePoints } from '../../reports/change-points.ts';
import type { BenchTarget } from '../bench/bench-store.ts';
import { workloadNamed } from '../bench/catalogue.ts';
import { LIES, lying } from '../bench/liars.ts';
import { Records } from '../bench/records.ts';
import type { BenchOutcome, BenchRun } from '../contract/bench-record.ts';
import { Prng } from '../random/prng.ts';
import { mapBenchTarget } from './map-bench-store.ts';

export type BenchTrial = (seed: number) => Promise<string | undefined> | string | undefined;

const NOISE = { sigma: 0.03, disturbed: 0.02 };
const FULL_SET = { workloads: 28, pairs: 10 };
const EQUAL_TRIALS = 40;
const SLOW_TRIALS = 20;

export const BENCH_TRIALS: Readonly<Record<string, BenchTrial>> = {
  'comparisons of equal commits'(seed) {
    const alarms = exitsOf(seed, EQUAL_TRIALS, 0)[1];
    if (alarms <= 0.05 * EQUAL_TRIALS) return undefined;
    return `found a slowdown in ${alarms} of ${EQUAL_TRIALS}`;
  },
  'comparisons with a commit 20 % slower': (seed) => blindness(seed, 0.2, 0.95),
  'comparisons with a commit 10 % slower': (seed) => blindness(seed, 0.1, 0.8),
  'comparisons on a noisy machine'(seed) {
    for (let i = 0; i < 10; i++) {
      const noisy = { sigma: 0.2, disturbed: 0.1 };
      const { exit } = judgeAb(simulateAb(seed + i, { workloads: 4, pairs: 6 }, noisy, 0.1));
      if (exit === 0) return 'call a commit equal that is 10 % slower';
    }
    return undefined;
  },
  'a comparison with a commit that is faster'(seed) {
    const { exit } = judgeAb(simulateAb(seed, FULL_SET, { ...NOISE, disturbed: 0 }, -0.3));
    return exit === 1 ? 'found it worse' : undefined;
  },
  'comparisons of saved runs': () =>
    firstOf(SAVED_RUNS, ([name, run, exit]) => {
      const found = compareRuns(savedRun(), run(), 0.1).exit;
      return found === exit ? undefined : `${name}: exit ${found}, not ${exit}`;
    }),
  'a step in stored runs'(seed) {
    for (let i = 0; i < 20; i++) {
      const at = 10 + i;
      const steps = changePoints(seriesOf(seed + i, at + 3, at), { threshold: 0.05, series: 20 });
      if (!steps.some((step) => Math.abs(step.at - at) <= 1)) return `is not found at ${at}`;
    }
    return undefined;
  },
  'steady series of stored runs'(seed) {
    let found = 0;
    for (let i = 0; i < 60; i++) {
      if (changePoints(seriesOf(seed + i, 30, 30), { threshold: 0 }).length > 0) found++;
    }
    return found > 6 ? `have a step in ${found} of 60` : undefined;
  },
  async 'an honest store'(seed) {
    for (const workload of new Set(Object.values(SEEN_BY))) {
      const wrong = await wrongIn(mapBenchTarget(), workload, seed);
      if (wrong > 0) return `reads ${wrong} wrong values in ${workload}`;
    }
    return undefined;
  },
  async 'stores that lie'(seed) {
    for (const [lie, workload] of Object.entries(SEEN_BY)) {
      const wrong = await wrongIn(lying(mapBenchTarget(), lie)!, workload, seed);
      if (wrong === 0) return `${lie} reads as right in ${workload}`;
    }
    const untried = Object.keys(LIES).filter(
      (lie) => !(lie in SEEN_BY) && lie !== 'half-the-cache',
    );
    return untried.length > 0 ? `${untried.join(', ')}: no workload is known to see it` : undefined;
  },
};

function exitsOf(seed: number, trials: number, slower: number): [number, number, number] {
  const counts: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < trials; i++) {
    counts[judgeAb(simulateAb(seed + i, FULL_SET, NOISE, slower)).exit]++;
  }
  return counts;
}

function blindness(seed: number, slower: number, share: number): string | undefined {
  const [equal, found] = exitsOf(seed, SLOW_TRIALS, slower);
  if (equal > 0) return `call it equal in ${equal} of ${SLOW_TRIALS}`;
  if (found >= share * SLOW_TRIALS) return undefined;
  return `find it in ${found} of ${SLOW_TRIALS}, not in ${share * SLOW_TRIALS}`;
}

function firstOf<T>(all: readonly T[], problem: (one: T) => string | undefined) {
  for (const one of all) {
    const found = problem(one);
    if (found !== undefined) return found;
  }
  return undefined;
}

const REPETITIONS = 8;

/** Two workloads, each measured eight times; `make` changes outcomes of one, or takes one away. */
function savedRun(
  make: (i: number) => Partial<BenchOutcome> | undefined = () => ({}),
  more: Partial<BenchRun> = {},
): BenchRun {
  const outcomes = ['scans', 'points-uniform'].flatMap((workload) =>
    Array.from({ length: REPETITIONS }, (_, i) => {
      const made = workload === 'scans' ? make(i) : {};
      const base = { repetition: i + 1, perSecond: 1000 + i };
      return made && outcomeOf(workload, { ...base, ...made });
    }).filter((outcome) => outcome !== undefined),
  );
  const plan = { ...PLAN, repetitions: REPETITIONS, workloads: ['scans', 'points-uniform'] };
  return runOf(outcomes, { plan, ...more });
}

const SAVED_RUNS: readonly (readonly [name: string, run: () => BenchRun, exit: 0 | 1 | 2])[] = [
  ['the same', () => savedRun(), 0],
  ['slower', () => savedRun((i) => ({ perSecond: 800 + i })), 1],
  ['faster', () => savedRun((i) => ({ perSecond: 1400 + i })), 0],
  ['p99.9 longer', () => savedRun(() => ({ latency: { scan: latencyOf({ p999: 9 }) } })), 1],
  ['more disk', () => savedRun(() => ({ diskMiB: 15 })), 1],
  ['crashed', () => savedRun(() => undefined, { missing: ['scans on engine: it crashed'] }), 1],
  ['missing', () => savedRun(() => undefined), 1],
  ['wrong once', () => savedRun((i) => (i === 3 ? { wrong: 1 } : {})), 1],
  ['cut short', () => savedRun((i) => (i === 3 ? { cutShort: true } : {})), 2],
  ['overflowed', () => savedRun(() => ({ latency: { scan: latencyOf({ exceeds: 1 }) } })), 2],
  ['a figure less', () => savedRun(() => ({ latency: {} })), 2],
  ['another machine', () => savedRun(undefined, { machine: '64 × other' }), 2],
  ['another Node', () => savedRun(undefined, { node: 'v22' }), 2],
  ['other settings', () => savedRun(undefined, { plan: { ...savedRun().plan, seconds: 9 } }), 2],
  [
    'nothing in common',
    () => runOf([outcomeOf('graph')], { plan: { ...PLAN, workloads: ['graph'] } }),
    2,
  ],
];

/** Logarithms of a figure that varies by 3 %, by 20 % more from `at` on. */
function seriesOf(seed: number, length: number, at: number): number[] {
  const random = new Prng(seed).derive('series');
  const uniform = () => (random.nextUint32() + 0.5) / 2 ** 32;
  return Array.from({ length }, (_, i) => {
    const noise = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    return 7 + 0.03 * noise + (i >= at ? Math.log(1.2) : 0);
  });
}

/** A workload that has to see each lie. */
const SEEN_BY: Readonly<Record<string, string>> = {
  'put-does-nothing': 'ycsb-a',
  'batch-loses-one': 'ingest-random',
  'value-one-version-old': 'ycsb-f',
  'scan-returns-one': 'scans',
  'scan-skips': 'scans-reverse',
  'scan-mixes-values': 'ycsb-e',
  'get-many-reorders': 'get-many',
  'finds-the-absent': 'points-absent',
};
const RECORDS = 1000;

async function wrongIn(target: BenchTarget, name: string, seed: number): Promise<number> {
  const workload = workloadNamed(name)!;
  const { stores: _stores, workloads: _workloads, ...plan } = PLAN;
  const job = {
    ...plan,
    records: RECORDS,
    seed,
    store: target.name,
    workload: name,
    directory: '',
  };
  const records = new Records(seed, job.valueBytes, 'random');
  const open = () => target.open({ directory: '', durable: false });
  const place = { job, records, open, progress: () => undefined };
  if (workload.store !== 'fresh') {
    const store = await open();
    const keys = Array.from({ length: RECORDS }, (_, i) => records.key(i));
    const values = keys.map((_, i) => records.value(i));
    await store.write({ keys, values, count: RECORDS }, false);
  }
  return (await workload.run(place)).wrong ?? 0;
}
