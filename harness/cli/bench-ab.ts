/** `assay bench ab`: is one commit slower than another? Both are measured here, pair by pair. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type AbVerdict, judgeAb } from '../../reports/ab-model.ts';
import { AB_HEAD, abFacts, abMarkdown, abRows, abSummary, notesOf } from '../../reports/ab-text.ts';
import { CORRECTIONS } from '../../reports/paired-test.ts';
import { type AbPlaces, runPairs } from '../bench/ab/run-ab.ts';
import {
  childOf,
  type KnownWorkload,
  knownWorkloads,
  layOut,
  resolveSource,
  WORKING_TREE,
} from '../bench/ab/source-tree.ts';
import { workloadNamed } from '../bench/catalogue.ts';
import type { AbPlan, AbRun, AbSource } from '../contract/ab-record.ts';
import { UsageError } from '../matrix/registry.ts';
import { AbProgress } from './ab-progress.ts';
import { plantedPercents, selfCheck } from './bench-ab-check.ts';
import { describeMachine } from './machine.ts';
import { OUT, ROOT } from './places.ts';
import { alignedTable, largeNumber, wholeNumber } from './words.ts';

export interface AbOptions {
  /** Default: ten pairs of 200,000 records, fewer for a self-check. */
  readonly pairs?: string;
  readonly workloads?: string;
  readonly records?: string;
  readonly threshold: string;
  readonly correction: string;
  readonly cache: string;
  readonly valueBytes: string;
  readonly seconds: string;
  readonly limit: string;
  readonly seed: string;
  readonly directory?: string;
  readonly out?: string;
  readonly resume?: string;
  readonly selfCheck: boolean;
  readonly trials: string;
  readonly plant: string;
  readonly keep: boolean;
  readonly all: boolean;
  readonly json: boolean;
}

const STORE = 'engine';
/** Distance between the seeds of two self-check trials: more than the pairs of a comparison. */
const SEEDS_A_TRIAL = 1000;

/** State needed to resume a run. */
interface SavedPlan {
  readonly plan: AbPlan;
  readonly work: string;
  readonly notCompared: AbRun['notCompared'];
  readonly machine: string;
  readonly node: string;
}

/** Exit codes: 0 nothing worse, 1 B is worse, 2 undecided; the last line gives the reason. */
export async function benchAb(
  a: string | undefined,
  b: string | undefined,
  options: AbOptions,
): Promise<number> {
  const out = resolve(options.resume ?? options.out ?? defaultOut());
  if (options.selfCheck) return checkItself(out, options);
  const saved = options.resume === undefined ? newPlan(a, b, out, options) : savedPlan(out);
  const compared = await compare(saved, out);
  if (compared === undefined) {
    console.error(`interrupted; go on with: assay bench ab --resume ${out}`);
    return 2;
  }
  const { run, verdict } = compared;
  if (!options.keep) clear(saved.work);
  if (options.json) console.log(JSON.stringify({ run, verdict }));
  else print(run, verdict, options.all, out);
  return verdict.exit;
}

/** Measures the rest of a plan and judges it; `undefined` if interrupted. */
async function compare({ plan, work, machine, node, notCompared }: SavedPlan, out: string) {
  const trees = layOutBoth(plan, work);
  const startedAt = new Date().toISOString();
  const { measurements, interrupted } = await measure(plan, {
    saved: join(out, 'outcomes'),
    work: join(work, 'stores'),
    compiled: join(work, 'compiled'),
    child: { a: childOf(trees.a), b: childOf(trees.b) },
    machine,
  });
  const command = commandOf(plan);
  const run: AbRun = { plan, machine, node, startedAt, command, notCompared, measurements };
  const verdict = judgeAb(run);
  writeFileSync(join(out, 'ab.json'), `${JSON.stringify(run, undefined, 1)}\n`);
  writeFileSync(join(out, 'report.md'), abMarkdown(run, verdict));
  if (interrupted) return undefined;
  writeFileSync(join(out, 'verdict.json'), `${JSON.stringify(verdict, undefined, 1)}\n`);
  return { run, verdict };
}

/** Compares the working tree with itself, with and without a planted slowdown: see bench-ab-check.ts. */
async function checkItself(out: string, options: AbOptions): Promise<number> {
  const trials = wholeNumber('--trials', options.trials, 1, 1000);
  const percents = plantedPercents(options.plant);
  const small = { pairs: '8', records: '20k', workloads: 'points-uniform,scans', ...options };
  const base =
    options.resume === undefined ? newPlan(WORKING_TREE, WORKING_TREE, out, small) : savedPlan(out);
  const { seed } = base.plan.bench;
  const code = await selfCheck(percents, trials, async (slowPercent, trial) => {
    const place = join(out, `${slowPercent}-${trial}`);
    const done = join(place, 'verdict.json');
    if (existsSync(done)) return judgeAb(JSON.parse(readFileSync(join(place, 'ab.json'), 'utf8')));
    mkdirSync(place, { recursive: true });
    const bench = { ...base.plan.bench, seed: seed + SEEDS_A_TRIAL * (1000 * slowPercent + trial) };
    const saved = { ...base, plan: { ...base.plan, bench, slowPercent } };
    return (await compare(saved, place))?.verdict;
  });
  if (code === undefined) {
    console.error(`interrupted; go on with: assay bench ab --self-check --resume ${out}`);
  } else if (!options.keep) clear(base.work);
  return code ?? 2;
}

async function measure(plan: AbPlan, places: AbPlaces) {
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const progress = new AbProgress(plan.bench.repetitions);
  try {
    const measurements = await runPairs(plan, places, progress, stop.signal);
    return { measurements, interrupted: stop.signal.aborted };
  } finally {
    progress.end();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

function print(run: AbRun, verdict: AbVerdict, all: boolean, out: string): void {
  for (const [name, value] of abFacts(run, verdict)) console.log(`${name}: ${value}`);
  const rows = abRows(verdict.rows, all);
  if (rows.length > 0) console.log(`\n${alignedTable(AB_HEAD, rows)}\n`);
  for (const note of notesOf(run, verdict)) console.log(`not compared: ${note}`);
  console.log(abSummary(verdict));
  console.log(`report: ${join(out, 'report.md')}`);
  console.log(verdict.reason);
}

function newPlan(
  a: string | undefined,
  b: string | undefined,
  out: string,
  options: AbOptions,
): SavedPlan {
  if (a === undefined || b === undefined) {
    throw new UsageError(
      'Name two commits, as in: assay bench ab HEAD~1 HEAD. A dot is the working tree.',
    );
  }
  if (existsSync(join(out, 'plan.json'))) {
    throw new UsageError(
      `${out} holds a comparison: go on with it by --resume, or choose another --out.`,
    );
  }
  const settings = settingsOf(options);
  const sides = { a: resolveSource(a, ROOT), b: resolveSource(b, ROOT) };
  const work =
    options.directory === undefined
      ? mkdtempSync(join(tmpdir(), 'assay-ab-'))
      : resolve(options.directory);
  try {
    clear(work); // trees of an earlier comparison are other commits
    const trees = layOutBoth(sides, work);
    const known = { a: knownWorkloads(sides.a, trees.a), b: knownWorkloads(sides.b, trees.b) };
    const { workloads, notCompared } = choose(options.workloads, sides, known);
    const plan: AbPlan = { ...sides, ...settings, bench: { ...settings.bench, workloads } };
    const saved = { plan, work, notCompared, machine: describeMachine(), node: process.version };
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, 'plan.json'), JSON.stringify(saved, undefined, 1));
    return saved;
  } catch (error) {
    clear(work);
    throw error;
  }
}

function settingsOf(options: AbOptions): Omit<AbPlan, 'a' | 'b'> {
  const correction = CORRECTIONS.find((name) => name === options.correction);
  if (correction === undefined) {
    throw new UsageError(
      `--correction is one of ${CORRECTIONS.join(', ')}, not ${options.correction}.`,
    );
  }
  return {
    threshold: wholeNumber('--threshold', options.threshold, 1, 1000) / 100,
    correction,
    bench: {
      records: largeNumber('--records', options.records ?? '200k', 1000),
      valueBytes: wholeNumber('--value-bytes', options.valueBytes, 12, 1 << 20),
      keyOrder: 'random',
      cacheBytes: largeNumber('--cache', options.cache, 0),
      seed: wholeNumber('--seed', options.seed, 0),
      seconds: wholeNumber('--seconds', options.seconds, 1),
      limitSeconds: wholeNumber('--limit', options.limit, 1),
      repetitions: wholeNumber('--pairs', options.pairs ?? '10', 1, 1000),
      hugePages: false,
      stores: [STORE],
      workloads: [],
    },
  };
}

/** Workloads that are named must exist on both sides; of the default set, those that do are run. */
function choose(
  named: string | undefined,
  sides: { readonly a: AbSource; readonly b: AbSource },
  known: { readonly a: readonly KnownWorkload[]; readonly b: readonly KnownWorkload[] },
): { workloads: string[]; notCompared: AbRun['notCompared'] } {
  const has = (side: 'a' | 'b', workload: string) =>
    known[side].some(({ name }) => name === workload);
  if (named !== undefined) {
    const workloads = named.split(',');
    for (const workload of workloads) {
      const missing = (['a', 'b'] as const).filter((side) => !has(side, workload));
      if (missing.length === 0 && workloadNamed(workload) !== undefined) continue;
      const where = missing.map((side) => `${sides[side].asked} (${sides[side].label})`);
      throw new UsageError(
        `There is no workload ${workload} in ${where.join(' and ') || 'the tree that runs this'}; assay bench --list shows those of this tree.`,
      );
    }
    return { workloads, notCompared: [] };
  }
  const usual = [...known.a, ...known.b]
    .filter(({ onRequest, only }) => onRequest !== true && (only ?? STORE) === STORE)
    .map(({ name }) => name)
    .filter((name) => workloadNamed(name) !== undefined);
  const all = [...new Set(usual)];
  const notCompared = all.flatMap((workload) =>
    (['a', 'b'] as const)
      .filter((side) => !has(side, workload))
      .map((missingIn) => ({ workload, missingIn })),
  );
  const left = new Set(notCompared.map(({ workload }) => workload));
  return { workloads: all.filter((name) => !left.has(name)), notCompared };
}

function layOutBoth({ a, b }: Pick<AbPlan, 'a' | 'b'>, work: string) {
  const trees = { a: join(work, 'tree-a'), b: join(work, 'tree-b') };
  for (const [source, tree] of [
    [a, trees.a],
    [b, trees.b],
  ] as const) {
    layOut(source, ROOT, tree);
  }
  return trees;
}

function savedPlan(out: string): SavedPlan {
  const path = join(out, 'plan.json');
  if (!existsSync(path)) throw new UsageError(`${out} holds no comparison to go on with.`);
  const saved = JSON.parse(readFileSync(path, 'utf8')) as SavedPlan;
  if (saved.machine !== describeMachine() || saved.node !== process.version) {
    throw new UsageError(
      `${out} was begun on ${saved.machine} with Node ${saved.node}; this is ${describeMachine()} with ${process.version}. Pairs of both can't be put together: begin again.`,
    );
  }
  const isCopied = [saved.plan.a, saved.plan.b].some(({ asked }) => asked === WORKING_TREE);
  if (isCopied && !existsSync(saved.work)) {
    throw new UsageError(
      `${saved.work} is gone, and with it the copy of the working tree that ${out} measured: begin again.`,
    );
  }
  return saved;
}

/** Removes trees and stores, and their directory unless it holds something else. */
function clear(work: string): void {
  for (const name of ['tree-a', 'tree-b', 'stores', 'compiled']) {
    rmSync(join(work, name), { recursive: true, force: true });
  }
  if (existsSync(work) && readdirSync(work).length === 0) rmdirSync(work);
}

const defaultOut = () => join(OUT, `ab-${new Date().toISOString().replace(/[:.]/g, '-')}`);

function commandOf({ a, b, bench, threshold, correction }: AbPlan): string {
  const name = ({ asked, commit }: AbSource) => (asked === WORKING_TREE ? asked : commit);
  return [
    `assay bench ab ${name(a)} ${name(b)}`,
    `--pairs ${bench.repetitions}`,
    `--workloads ${bench.workloads.join(',')}`,
    `--records ${bench.records}`,
    `--threshold ${Math.round(100 * threshold)}`,
    ...(correction === 'max-t' ? [] : [`--correction ${correction}`]),
    `--cache ${bench.cacheBytes}`,
    `--value-bytes ${bench.valueBytes}`,
    `--seconds ${bench.seconds}`,
    `--limit ${bench.limitSeconds}`,
    `--seed ${bench.seed}`,
  ].join(' ');
}
