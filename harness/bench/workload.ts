/**
 * A benchmark's workload: what is done to one store in one process, and what is measured. Plain
 * data goes in (`BenchJob`) and comes out (`Measured`), because each runs in a process of its own.
 */
import type { BenchJob, KeyOrder, Measured } from '../contract/bench-record.ts';
import type { BenchStore } from './bench-store.ts';
import type { Records } from './records.ts';

export interface Place {
  readonly job: BenchJob;
  readonly records: Records;
  /** Opens the job's store again; the workload closes what it opens. */
  open(): Promise<BenchStore>;
  /** Tells people how far it is: 0 to 1. */
  progress(share: number): void;
}

/** How many operations to measure: at most `most`, and fewer on a store of few records. */
export function operationsOf({ records }: BenchJob, most: number): number {
  return Math.min(most, Math.max(2000, 2000 * Math.floor(records / 500)));
}

export interface BenchWorkload {
  readonly name: string;
  readonly doc: string;
  /** Makes its own store, reads the loaded one, or changes it (and needs a copy of its own). */
  readonly store: 'fresh' | 'loaded' | 'changed';
  /** The one store it can be run on. */
  readonly only?: string;
  /** Not run unless it is named. */
  readonly onRequest?: boolean;
  /** What its process is started with. */
  readonly nodeOptions?: readonly string[];
  readonly durable?: boolean;
  readonly keyOrder?: KeyOrder;
  run(place: Place): Promise<Measured>;
}
