/** `assay bench`: loads, reads, scans, commits and more, on the engine and its peers side by side. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { benchHtml } from '../../reports/bench-html.ts';
import { benchRows } from '../../reports/bench-model.ts';
import { benchMarkdown, RATIO_HEAD, ratioRows } from '../../reports/bench-text.ts';
import {
  judgeThresholds,
  parseThresholds,
  type Threshold,
  thresholdsExit,
  thresholdText,
} from '../../reports/thresholds.ts';
import { LOADING, STORES, storeNamed, WORKLOADS, workloadNamed } from '../bench/catalogue.ts';
import { planJobs } from '../bench/jobs.ts';
import { LIES } from '../bench/liars.ts';
import { hdrLog, poolLatencies, withoutHistograms } from '../bench/pool.ts';
import { runJobs } from '../bench/run-bench.ts';
import type { BenchPlan, BenchRun, Provenance } from '../contract/bench-record.ts';
import { UsageError } from '../matrix/registry.ts';
import { BenchProgress } from './bench-progress.ts';
import { commitOf, describeMachine } from './machine.ts';
import { ROOT } from './places.ts';
import { provenanceHere, refuseOtherOrigin } from './provenance.ts';
import { alignedTable, largeNumber, secondsOf, wholeNumber } from './words.ts';

/** Node alone takes some 60 MB. */
const MEMORY_MIN = 128 * 2 ** 20;

export interface BenchOptions {
  readonly records: string;
  readonly peers: boolean;
  readonly stores?: string;
  readonly repeat: string;
  readonly cache: string;
  readonly capCache: boolean;
  readonly memory?: string;
  readonly defaults: boolean;
  readonly valueBytes: string;
  readonly valueSizes: string;
  readonly keys: string;
  readonly seconds: string;
  readonly rate?: string;
  readonly limit: string;
  readonly seed: string;
  readonly directory?: string;
  readonly out?: string;
  readonly resume?: string;
  readonly force: boolean;
  readonly thresholds?: string;
  readonly keep: boolean;
  readonly hugePages: boolean;
  readonly list: boolean;
  readonly json: boolean;
}

/** Exit codes: 0 measured, 1 wrong values, 2 something could not be measured, 3 a threshold crossed. */
export async function bench(names: readonly string[], options: BenchOptions): Promise<number> {
  if (options.list) {
    for (const { name, doc, only } of WORKLOADS) {
      console.log(`${name.padEnd(18)} ${doc}${only === undefined ? '' : ` (${only} only)`}`);
    }
    return 0;
  }
  const thresholds = thresholdsOf(options.thresholds ?? '');
  const out = resolve(options.resume ?? options.out ?? defaultOut());
  if (options.resume === undefined && existsSync(join(out, 'plan.json'))) {
    throw new UsageError(
      `${out} holds a benchmark: go on with it by --resume, or choose another --out.`,
    );
  }
  const here = provenanceHere();
  const begun = options.resume === undefined ? here : savedOrigin(out, here, options.force);
  const plan = options.resume === undefined ? await planOf(names, options) : savedPlan(out);
  const work = options.directory === undefined ? workPlace(out) : resolve(options.directory);
  const jobs = planJobs(plan, work);
  mkdirSync(out, { recursive: true });
  mkdirSync(work, { recursive: true });
  refuseWithoutSpace(plan, work);
  const startedAt = new Date().toISOString();
  writeFileSync(
    join(out, 'plan.json'),
    JSON.stringify({ plan, work, provenance: begun }, undefined, 1),
  );
  const stop = new AbortController();
  const interrupted = () => stop.abort();
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  const progress = new BenchProgress(jobs.length);
  const result = await runJobs(
    jobs,
    {
      saved: join(out, 'outcomes'),
      hugePages: plan.hugePages,
      memoryBytes: plan.memoryBytes,
      provenance: () => here,
    },
    progress,
    stop.signal,
  );
  progress.end();
  process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
  const run: BenchRun = {
    plan,
    machine: describeMachine(),
    commit: commitOf(),
    node: process.version,
    startedAt,
    command: commandOf(plan),
    missing: result.missing,
    outcomes: result.outcomes.map(withoutHistograms),
    pooled: poolLatencies(result.outcomes),
  };
  writeFileSync(join(out, 'latencies.hlog'), hdrLog(result.outcomes, startedAt));
  writeFileSync(join(out, 'bench.json'), `${JSON.stringify(run, undefined, 1)}\n`);
  writeFileSync(join(out, 'report.md'), benchMarkdown(run));
  writeFileSync(join(out, 'report.html'), benchHtml(run));
  if (stop.signal.aborted) {
    console.error(`interrupted; go on with: assay bench --resume ${out}`);
    return 2;
  }
  if (!options.keep) rmSync(work, { recursive: true, force: true });
  if (options.json) console.log(JSON.stringify(run));
  else print(run, out);
  const judged = judgeThresholds(run, thresholds);
  for (const one of judged) console.error(thresholdText(one));
  if (run.outcomes.some(({ wrong }) => wrong > 0)) return 1;
  return run.missing.length > 0 ? 2 : thresholdsExit(judged);
}

function thresholdsOf(words: string): Threshold[] {
  try {
    return parseThresholds(words);
  } catch (error) {
    throw new UsageError(`--thresholds: ${(error as Error).message}.`);
  }
}

function print(run: BenchRun, out: string): void {
  console.log(alignedTable(RATIO_HEAD, ratioRows(benchRows(run))));
  for (const what of run.missing) console.log(`not measured: ${what}`);
  const wrong = run.outcomes.filter((one) => one.wrong > 0);
  for (const { job, wrong: count } of wrong) {
    console.log(
      `WRONG: ${job.workload} on ${job.store} read ${count} values that were never written`,
    );
  }
  console.log(`report: ${join(out, 'report.html')}`);
}

async function planOf(names: readonly string[], options: BenchOptions): Promise<BenchPlan> {
  const unknown = names.find((name) => workloadNamed(name) === undefined);
  if (unknown !== undefined) {
    throw new UsageError(
      `There is no workload ${unknown}; assay bench --list shows what there is.`,
    );
  }
  const stores = options.stores?.split(',') ?? (options.peers ? Object.keys(STORES) : ['engine']);
  const stranger = stores.find((store) => !isStore(store));
  if (stranger !== undefined) {
    throw new UsageError(
      `There is no store ${stranger}; there are ${Object.keys(STORES).join(', ')}.`,
    );
  }
  const usual = WORKLOADS.filter(({ onRequest, only }) => {
    return onRequest !== true && (only === undefined || stores.includes(only));
  });
  if (options.keys !== 'random' && options.keys !== 'prefixed') {
    throw new UsageError(`--keys is random or prefixed, not ${options.keys}.`);
  }
  return {
    records: largeNumber('--records', options.records, 1000),
    valueBytes: wholeNumber('--value-bytes', options.valueBytes, 12, 1 << 20),
    ...valueSizesOf(options.valueSizes),
    keyOrder: options.keys,
    cacheBytes: options.defaults ? 0 : await cacheFor(stores, options),
    ...(options.memory === undefined
      ? {}
      : { memoryBytes: largeNumber('--memory', options.memory, MEMORY_MIN) }),
    ...(options.defaults ? { defaults: true } : {}),
    seed: wholeNumber('--seed', options.seed, 0),
    seconds: secondsOf('--seconds', options.seconds, 0.1),
    ...(options.rate === undefined ? {} : { rate: largeNumber('--rate', options.rate, 1) }),
    limitSeconds: wholeNumber('--limit', options.limit, 1),
    hugePages: options.hugePages,
    repetitions: wholeNumber('--repeat', options.repeat, 1, 100),
    stores,
    workloads: names.length > 0 ? names : usual.map(({ name }) => name),
  };
}

function valueSizesOf(kind: string): Pick<BenchPlan, 'valueSizes'> {
  if (kind === 'one') return {};
  if (kind === 'even' || kind === 'two') return { valueSizes: kind };
  throw new UsageError(`--value-sizes is one, even or two, not ${kind}.`);
}

/** A store, possibly with a planted fault as suffix. */
function isStore(name: string): boolean {
  const [honest, lie, ...more] = name.split('+') as [string, string | undefined];
  const isLie = lie === undefined || Object.hasOwn(LIES, lie) || /^slow-\d+$/.test(lie);
  return Object.hasOwn(STORES, honest) && isLie && more.length === 0;
}

/**
 * The largest cache size that all stores support. Throws UsageError if the requested one is larger,
 * unless it may be capped.
 */
async function cacheFor(stores: readonly string[], options: BenchOptions): Promise<number> {
  const asked = largeNumber('--cache', options.cache, 0);
  let most = asked;
  for (const name of stores) {
    const store = await storeNamed(name).catch(() => undefined); // a package that is missing is said later
    const { cacheBytesMax = asked } = store ?? {};
    if (cacheBytesMax >= asked) continue;
    if (!options.capCache) {
      throw new UsageError(
        `${name} can hold a cache of at most ${cacheBytesMax} bytes, not ${asked}: --cache ${cacheBytesMax}, --cap-cache to give every store what all can hold, or --stores without ${name}.`,
      );
    }
    most = Math.min(most, cacheBytesMax);
  }
  return most;
}

function savedPlan(out: string): BenchPlan {
  const path = join(out, 'plan.json');
  if (!existsSync(path)) throw new UsageError(`${out} holds no benchmark to go on with.`);
  return (JSON.parse(readFileSync(path, 'utf8')) as { plan: BenchPlan }).plan;
}

/** Provenance of a resumed run. Throws UsageError if commit, Node or machine differ, unless forced. */
function savedOrigin(out: string, here: Provenance, force: boolean): Provenance | undefined {
  const path = join(out, 'plan.json');
  if (!existsSync(path)) return here; // which is refused next
  const saved = JSON.parse(readFileSync(path, 'utf8')) as { provenance?: Provenance };
  refuseOtherOrigin(saved.provenance, here, out, force);
  return saved.provenance;
}

/** Directory of the stores; a resumed run keeps its own. */
function workPlace(out: string): string {
  const path = join(out, 'plan.json');
  if (existsSync(path)) return (JSON.parse(readFileSync(path, 'utf8')) as { work: string }).work;
  return mkdtempSync(join(tmpdir(), 'assay-bench-'));
}

const defaultOut = () =>
  join(ROOT, 'reports/out', `bench-${new Date().toISOString().replace(/[:.]/g, '-')}`);

/**
 * Disk space needed: a merging store takes about three times its records; every loaded store stays, and
 * one has a copy.
 */
function refuseWithoutSpace(plan: BenchPlan, work: string): void {
  const { bavail, bsize } = statfsSync(work);
  const record = plan.valueBytes + 40;
  const needed = plan.records * record * (1.6 * plan.stores.length + 2.5 + 1.6);
  const free = bavail * bsize;
  if (free >= needed) return;
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  throw new UsageError(
    `${work} has ${gigabytes(free)} free, and this takes about ${gigabytes(needed)}: fewer --records, fewer --stores, or another --directory.`,
  );
}

function commandOf(plan: BenchPlan): string {
  const usual = WORKLOADS.filter(({ onRequest }) => onRequest !== true).map(({ name }) => name);
  const isUsual = usual.every(
    (name) => plan.workloads.includes(name) || workloadNamed(name)?.only !== undefined,
  );
  const words = [
    'assay bench',
    ...(isUsual
      ? []
      : plan.workloads.filter((name) => name !== LOADING || plan.workloads.length === 1)),
    `--records ${plan.records}`,
    `--stores ${plan.stores.join(',')}`,
    `--repeat ${plan.repetitions}`,
    plan.defaults === true ? '--defaults' : `--cache ${plan.cacheBytes}`,
    ...(plan.memoryBytes === undefined ? [] : [`--memory ${plan.memoryBytes}`]),
    `--value-bytes ${plan.valueBytes}`,
    ...(plan.valueSizes === undefined ? [] : [`--value-sizes ${plan.valueSizes}`]),
    ...(plan.keyOrder === 'random' ? [] : [`--keys ${plan.keyOrder}`]),
    ...(plan.hugePages ? ['--huge-pages'] : []),
    `--seconds ${plan.seconds}`,
    ...(plan.rate === undefined ? [] : [`--rate ${plan.rate}`]),
    `--limit ${plan.limitSeconds}`,
    `--seed ${plan.seed}`,
  ];
  return words.join(' ');
}
