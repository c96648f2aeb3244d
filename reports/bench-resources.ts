/**
 * What each store took for a workload, side by side: processor, memory, disk, amplification, garbage
 * collection, waits, and what else the machine did. Medians over the repetitions; maxima of pauses.
 *
 * Amplification, as RocksDB's tuning guide has it: bytes that the process had the device write or read
 * for each byte of keys and values that were written or read, and bytes on disk for each byte of live
 * records. Writing counts until the store is settled. A read answered from memory costs no device.
 */
import type { BenchOutcome, BenchRun } from '../harness/contract/bench-record.ts';
import { median } from './statistics.ts';

export const RESOURCE_HEAD = [
  'store',
  'CPU s',
  'RSS MiB',
  'disk MiB',
  'write ×',
  'read ×',
  'space ×',
  'GC ms',
  'longest',
  'stalled ms',
  'longest',
  'other CPUs',
  'steal',
  'waiting for CPU',
  'for the disk',
  'load',
  'notes',
];

const MIB = 2 ** 20;
/** A rate this far from the median, by median distances and as a share, is an outlier. */
const OUTLIER_DISTANCES = 5;
const OUTLIER_SHARE = 0.1;
const OUTLIER_RUNS_MIN = 4;

export interface Amplification {
  readonly write?: number;
  readonly read?: number;
  readonly space?: number;
}

export function amplificationOf({ job, figures, usage, diskMiB }: BenchOutcome): Amplification {
  const recordMiB = ((job.keyOrder === 'prefixed' ? 32 : 16) + job.valueBytes) / MIB;
  const { recordsWritten = 0, recordsRead = 0, recordsLive = job.records } = figures;
  const written = usage.deviceWriteMiB + (figures.settleWriteMiB ?? 0);
  return {
    ...(recordsWritten > 0 ? { write: written / (recordsWritten * recordMiB) } : {}),
    ...(recordsRead > 0 ? { read: usage.deviceReadMiB / (recordsRead * recordMiB) } : {}),
    ...(diskMiB > 0 && recordsLive > 0 ? { space: diskMiB / (recordsLive * recordMiB) } : {}),
  };
}

/** The rows of one workload, a store each. */
export function resourceRows({ plan, outcomes }: BenchRun, workload: string): string[][] {
  return plan.stores.flatMap((store) => {
    const of = outcomes.filter(({ job }) => job.workload === workload && job.store === store);
    return of.length === 0 ? [] : [resourceRow(store, of)];
  });
}

function resourceRow(store: string, of: readonly BenchOutcome[]): string[] {
  const amplified = of.map(amplificationOf);
  const usage = of.map((one) => one.usage);
  const figures = of.map((one) => one.figures);
  const share = (values: readonly (number | undefined)[]) =>
    middle(values, (x) => `${(100 * x).toFixed(1)} %`);
  const whole = (x: number) => Math.round(x).toLocaleString('en-US');
  const times = (x: number) => x.toFixed(2);
  return [
    store,
    middle(
      usage.map(({ cpuSeconds }) => cpuSeconds),
      (x) => x.toFixed(2),
    ),
    middle(
      usage.map(({ rssMaxMiB }) => rssMaxMiB),
      whole,
    ),
    middle(
      of.map(({ diskMiB }) => diskMiB),
      whole,
    ),
    middle(
      amplified.map(({ write }) => write),
      times,
    ),
    middle(
      amplified.map(({ read }) => read),
      times,
    ),
    middle(
      amplified.map(({ space }) => space),
      times,
    ),
    middle(
      usage.map(({ gcMs }) => gcMs),
      whole,
    ),
    largest(usage.map(({ longestGcMs }) => longestGcMs)),
    middle(
      figures.map(({ stallMs }) => stallMs),
      whole,
    ),
    largest(figures.map(({ longestStallMs }) => longestStallMs)),
    middle(
      usage.map(({ otherCpus }) => otherCpus),
      times,
    ),
    share(usage.map(({ stealShare }) => stealShare)),
    share(usage.map(({ pressure }) => pressure?.cpu)),
    share(usage.map(({ pressure }) => pressure?.io)),
    middle(
      usage.map(({ load }) => load),
      times,
    ),
    notesOf(of).join('; '),
  ];
}

function notesOf(of: readonly BenchOutcome[]): string[] {
  const dirty = of.filter(({ usage }) => usage.contaminated === true);
  const beside =
    dirty.length === 0
      ? []
      : [`beside other work: ${dirty.map(({ repetition }) => repetition).join(', ')}`];
  return [...beside, ...outliersOf(of)];
}

/** Outlying repetitions; none is dropped, because a median tolerates them. */
export function outliersOf(of: readonly BenchOutcome[]): string[] {
  if (of.length < OUTLIER_RUNS_MIN) return [];
  const rates = of.map(({ perSecond }) => perSecond);
  const typical = median(rates);
  const distance = median(rates.map((rate) => Math.abs(rate - typical)));
  return of.flatMap(({ perSecond, repetition }) => {
    const by = Math.abs(perSecond - typical);
    if (by <= OUTLIER_DISTANCES * distance || by <= OUTLIER_SHARE * typical) return [];
    const percent = 100 * (perSecond / typical - 1);
    return [`outlier: ${repetition} (${percent > 0 ? '+' : ''}${percent.toFixed(0)} %)`];
  });
}

function middle(values: readonly (number | undefined)[], text: (x: number) => string): string {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? '' : text(median(known));
}

function largest(values: readonly (number | undefined)[]): string {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? '' : Math.round(Math.max(...known)).toLocaleString('en-US');
}
