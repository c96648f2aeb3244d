/**
 * Runs the jobs of a benchmark one after the other, each in its own process. Each outcome is saved as
 * soon as its job ends, so an interrupted run continues where it stopped.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { BenchOutcome, Provenance } from '../contract/bench-record.ts';
import { LOADING, workloadNamed } from './catalogue.ts';
import type { ChildMessage } from './child.ts';
import { CHILD } from './child-path.ts';
import type { PlannedJob } from './jobs.ts';
import { MemoryGroup } from './memory-group.ts';
import { copyStore } from './store-copy.ts';

/** LevelDB writes on Node's thread pool: with fewer threads, 64 writers would not run concurrently. */
const THREAD_POOL = '64';

export interface BenchWatcher {
  started(planned: PlannedJob, index: number, total: number): void;
  progressed(planned: PlannedJob, share: number): void;
  finished(planned: PlannedJob, outcome: BenchOutcome): void;
  failed(planned: PlannedJob, error: string): void;
}

export interface BenchResult {
  readonly outcomes: readonly BenchOutcome[];
  readonly missing: readonly string[];
}

/** Setting that backs large arrays with huge pages where the system allows `madvise`. */
const HUGE_PAGES = { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' };

export interface RunOptions {
  /** The directory of outcomes. */
  readonly saved: string;
  readonly hugePages: boolean;
  /** Memory limit for each store's processes, page cache included. */
  readonly memoryBytes?: number | undefined;
  /** Environment variables of the processes, in addition to inherited ones. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Provenance, stored in each outcome; in a comparison it depends on the job. */
  readonly provenance?: (planned: PlannedJob) => Provenance;
}

/** `signal` kills the running job and ends the run. */
export async function runJobs(
  jobs: readonly PlannedJob[],
  { saved, hugePages, memoryBytes, environment: more = {}, provenance }: RunOptions,
  watcher: BenchWatcher,
  signal: AbortSignal,
): Promise<BenchResult> {
  mkdirSync(saved, { recursive: true });
  const outcomes: BenchOutcome[] = [];
  const missing: string[] = [];
  const groups = new Map<string, MemoryGroup>();
  const environmentOf = ({ job }: PlannedJob) => {
    const environment = { ...more, ...(hugePages ? HUGE_PAGES : {}) };
    if (memoryBytes === undefined) return environment;
    const group =
      groups.get(job.store) ??
      MemoryGroup.create(`assay-bench-${process.pid}-${job.store}`, memoryBytes);
    groups.set(job.store, group);
    return { ...environment, ...group.environment };
  };
  const broken = new Set<string>();
  /** Number of records in a store whose loading was cut short; later workloads read only those. */
  const loaded = new Map<string, number>();
  const noteLoaded = ({ job, count, cutShort }: BenchOutcome) => {
    if (job.workload !== LOADING) return;
    loaded.delete(job.directory);
    if (cutShort) loaded.set(job.directory, count);
  };
  for (const [i, one] of jobs.entries()) {
    const isLoading = one.job.workload === LOADING;
    const source = one.copyOf ?? one.job.directory;
    const records = (isLoading ? undefined : loaded.get(source)) ?? one.job.records;
    const planned = { ...one, job: { ...one.job, records } };
    const { job, name, repetition } = planned;
    const path = `${saved}/${name}.json`;
    if (existsSync(path)) {
      const outcome = JSON.parse(readFileSync(path, 'utf8')) as BenchOutcome;
      outcomes.push(outcome);
      noteLoaded(outcome);
      continue;
    }
    if (signal.aborted) break;
    const wasBroken = broken.has(source) && job.workload !== LOADING;
    if (wasBroken) {
      missing.push(`${job.workload} on ${job.store}: its store was not loaded`);
      continue;
    }
    watcher.started(planned, i, jobs.length);
    try {
      if (one.copyOf !== undefined) copyStore(one.copyOf, job.directory);
      const measured = await inChild(planned, environmentOf(planned), watcher, signal);
      const origin = provenance === undefined ? {} : { provenance: provenance(planned) };
      const outcome = { repetition, ...origin, ...measured };
      writeFileSync(path, JSON.stringify(outcome));
      outcomes.push(outcome);
      noteLoaded(outcome);
      watcher.finished(planned, outcome);
    } catch (error) {
      if (signal.aborted) break;
      const reason = String((error as Error).message);
      if (isLoading) broken.add(job.directory);
      missing.push(`${job.workload} on ${job.store}: ${reason.split('\n')[0]}`);
      watcher.failed(planned, reason);
    }
    if (!job.directory.endsWith('-loaded')) rmSync(job.directory, { recursive: true, force: true });
  }
  for (const group of groups.values()) await group.remove();
  return { outcomes, missing };
}

/** Runs one job; rejects with the child's error message or exit status. */
function inChild(
  planned: PlannedJob,
  environment: Record<string, string>,
  watcher: BenchWatcher,
  signal: AbortSignal,
): Promise<Omit<BenchOutcome, 'repetition'>> {
  const { nodeOptions = [] } = workloadNamed(planned.job.workload) ?? {};
  const child: ChildProcess = fork(planned.child ?? CHILD, [JSON.stringify(planned.job)], {
    execArgv: [...process.execArgv, ...nodeOptions],
    env: { ...process.env, UV_THREADPOOL_SIZE: THREAD_POOL, ...environment },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let complaints = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-2000);
  });
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill);
  return new Promise<Omit<BenchOutcome, 'repetition'>>((resolve, reject) => {
    let outcome: Omit<BenchOutcome, 'repetition'> | undefined;
    let error: string | undefined;
    child.on('message', (message: ChildMessage) => {
      if ('progress' in message) watcher.progressed(planned, message.progress);
      else if ('outcome' in message) outcome = message.outcome;
      else error = message.error;
    });
    child.once('error', reject);
    child.once('close', (code, killedBy) => {
      if (outcome !== undefined) resolve(outcome);
      else reject(new Error(error ?? `it ended with ${killedBy ?? code}: ${complaints.trim()}`));
    });
  }).finally(() => signal.removeEventListener('abort', kill));
}
