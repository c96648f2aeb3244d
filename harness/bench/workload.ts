/**
 * A benchmark's workload: operations on one store in one process, and their measurement. Plain data
 * goes in (`BenchJob`) and comes out (`Measured`), because each runs in its own process.
 */
import type { BenchJob, KeyOrder, Measured } from '../contract/bench-record.ts';
import type { BenchStore } from './bench-store.ts';
import type { Records } from './records.ts';

export interface Place {
  readonly job: BenchJob;
  readonly records: Records;
  /** Opens the job's store; the workload closes every store it opens. */
  open(): Promise<BenchStore>;
  /** Reports progress, 0 to 1. */
  progress(share: number): void;
}

/** Number of operations to measure: at most `most`, fewer on a small store. */
export function operationsOf({ records }: BenchJob, most: number): number {
  return Math.min(most, Math.max(2000, 2000 * Math.floor(records / 500)));
}

export interface BenchWorkload {
  readonly name: string;
  readonly doc: string;
  /** Whether it creates its own store, reads the loaded one, or changes it (on a copy of its own). */
  readonly store: 'fresh' | 'loaded' | 'changed';
  /** The only store it applies to. */
  readonly only?: string;
  /** Runs only when named. */
  readonly onRequest?: boolean;
  /** Node options of its process. */
  readonly nodeOptions?: readonly string[];
  readonly durable?: boolean;
  readonly keyOrder?: KeyOrder;
  run(place: Place): Promise<Measured>;
}
