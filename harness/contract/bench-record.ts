/** What a benchmark measured, as it is saved and reported. Plain data. */

export type LatencySlice = readonly [seconds: number, p50: number, p99: number, max: number];

/** Microseconds. */
export interface Latency {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  /** The whole distribution, percentiles ascending, as far as there are enough values. */
  readonly curve?: readonly (readonly [percentile: number, microseconds: number])[];
  /** Over the run: seconds since its beginning, p50, p99 and maximum of the slice that ended then. */
  readonly overTime?: readonly LatencySlice[];
  /** Latencies beyond what the histogram holds: 0, or the percentiles are not to be trusted. */
  readonly exceeds: number;
  /** The histogram: HdrHistogram V2 in base64. Left out where it lies in the run's HDR log. */
  readonly hdr?: string;
}

export interface Usage {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  /** The most memory this process ever had. */
  readonly rssMaxMiB: number;
  readonly deviceReadMiB: number;
  readonly deviceWriteMiB: number;
  /** Processors that other processes kept busy meanwhile, and the share that the hypervisor took. */
  readonly otherCpus?: number;
  readonly stealShare?: number;
  /** Whether that was so much that it may have changed what was measured. */
  readonly contaminated?: boolean;
  /** The share of the time that some process waited for a processor or the disk (Linux, PSI). */
  readonly pressure?: { readonly cpu: number; readonly io: number };
  /** Load average of the last minute, at the end. */
  readonly load?: number;
  /** Garbage collection: in all, and the longest. */
  readonly gcMs?: number;
  readonly longestGcMs?: number;
}

export type KeyOrder = 'random' | 'sequential' | 'prefixed';
/** All of one size, evenly spread around the mean, or few large ones among many small ones. */
export type ValueSizes = 'one' | 'even' | 'two';

/** One workload on one store, once. */
export interface BenchJob {
  readonly store: string;
  readonly workload: string;
  readonly directory: string;
  /** Records in the store, or to be loaded into it. */
  readonly records: number;
  /** On average. */
  readonly valueBytes: number;
  /** Left out: all of one size. */
  readonly valueSizes?: ValueSizes;
  readonly keyOrder: KeyOrder;
  readonly cacheBytes: number;
  /** Whether every store has its own defaults instead, `cacheBytes` too. */
  readonly defaults?: boolean;
  readonly seed: number;
  /** Operations a second of the open loop; 20,000 if left out. */
  readonly rate?: number;
  /** How long workloads go on that have no end of their own. */
  readonly seconds: number;
  /** Stop measuring after this long, whether or not everything was done. */
  readonly limitSeconds: number;
}

/** Where an outcome comes from. */
export interface Provenance {
  /** In short, with a `+` when the tree had changes. */
  readonly commit: string;
  /** A digest of the changes behind that `+`. */
  readonly changes?: string;
  readonly node: string;
  readonly machine: string;
}

/** What a workload measures; the rest of an outcome is filled in around it. */
export interface Measured {
  /** What is counted: records, reads, commits … */
  readonly unit: string;
  readonly count: number;
  readonly usage: Usage;
  /** By kind of operation. */
  readonly latency?: Readonly<Record<string, Latency>>;
  /** Counts per second, by per cent of the run. */
  readonly curve?: readonly number[];
  /** Values that were read and were not what was written: 0, or the run means nothing. */
  readonly wrong?: number;
  /** Whether the time ran out before everything was done. */
  readonly cutShort?: boolean;
  readonly figures?: Readonly<Record<string, number>>;
}

export interface BenchOutcome extends Required<Measured> {
  readonly job: BenchJob;
  readonly repetition: number;
  /** Left out in outcomes of older versions. */
  readonly provenance?: Provenance;
  /** How the store was set up. */
  readonly tuning: string;
  /** `count` per second of wall time and of processor time, within what was timed. */
  readonly perSecond: number;
  readonly perCpuSecond: number;
  readonly diskMiB: number;
}

/** What a benchmark was asked to do, and where it ran. */
export interface BenchPlan {
  readonly records: number;
  /** On average. */
  readonly valueBytes: number;
  /** Left out: all of one size. */
  readonly valueSizes?: ValueSizes;
  readonly keyOrder: KeyOrder;
  readonly cacheBytes: number;
  /** Whether every store has its own defaults instead, `cacheBytes` too. */
  readonly defaults?: boolean;
  readonly seed: number;
  readonly seconds: number;
  /** Operations a second of the open loop; 20,000 if left out. */
  readonly rate?: number;
  readonly limitSeconds: number;
  readonly repetitions: number;
  /** A memory limit for each store's processes, the pages of files they read included; none if left out. */
  readonly memoryBytes?: number;
  /** Whether the processes asked malloc for huge pages. */
  readonly hugePages: boolean;
  /** The first is the one the others are compared with. */
  readonly stores: readonly string[];
  readonly workloads: readonly string[];
}

export interface BenchRun {
  readonly plan: BenchPlan;
  readonly machine: string;
  readonly commit: string;
  readonly node: string;
  readonly startedAt: string;
  /** The command that makes it again. */
  readonly command: string;
  /** What could not be measured, and why. */
  readonly missing: readonly string[];
  readonly outcomes: readonly BenchOutcome[];
  /** Latencies of all repetitions together, by `workload/store` and kind of operation. */
  readonly pooled?: Readonly<Record<string, Readonly<Record<string, Latency>>>>;
}
