/**
 * A benchmark's workload: what is done to one store in one process, and what is measured. Plain
 * data goes in (`Job`) and comes out (`Outcome`), because each runs in a process of its own.
 */
import type { BenchStore } from './bench-store.ts';
import type { Latency, Usage } from './meter.ts';
import type { KeyOrder, Records } from './records.ts';

export interface Job {
  readonly store: string;
  readonly workload: string;
  readonly directory: string;
  /** Records in the store, or to be loaded into it. */
  readonly records: number;
  readonly valueBytes: number;
  readonly keyOrder: KeyOrder;
  readonly cacheBytes: number;
  readonly seed: number;
  /** Stop measuring after this long, whether or not everything was done. */
  readonly limitSeconds: number;
}

export interface Outcome {
  readonly job: Job;
  readonly tuning: string;
  /** What is counted: records, reads, commits … */
  readonly unit: string;
  readonly count: number;
  /** `count` per second of wall time and of processor time, within what was timed. */
  readonly perSecond: number;
  readonly perCpuSecond: number;
  /** Microseconds, by kind of operation. */
  readonly latency: Readonly<Record<string, Latency>>;
  /** Counts per second, by per cent of the run. */
  readonly curve: readonly number[];
  readonly usage: Usage;
  readonly diskMiB: number;
  /** Values that were read and were not what was written: 0, or the run means nothing. */
  readonly wrong: number;
  /** Whether the time ran out before everything was done. */
  readonly cutShort: boolean;
  readonly figures: Readonly<Record<string, number>>;
}

/** What a workload measures; the rest of an outcome is filled in around it. */
export interface Measured {
  readonly unit: string;
  readonly count: number;
  readonly usage: Usage;
  readonly latency?: Readonly<Record<string, Latency>>;
  readonly curve?: readonly number[];
  readonly wrong?: number;
  readonly cutShort?: boolean;
  readonly figures?: Readonly<Record<string, number>>;
}

export interface Place {
  readonly job: Job;
  readonly records: Records;
  /** Opens the job's store again; the workload closes what it opens. */
  open(): Promise<BenchStore>;
  /** Tells people how far it is: 0 to 1. */
  progress(share: number): void;
}

export interface BenchWorkload {
  readonly name: string;
  readonly doc: string;
  /** Makes its own store, reads the loaded one, or changes it (and needs a copy of its own). */
  readonly store: 'fresh' | 'loaded' | 'changed';
  readonly durable?: boolean;
  readonly keyOrder?: KeyOrder;
  run(place: Place): Promise<Measured>;
}
