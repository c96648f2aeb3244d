/** The task of one process of a growing store, and its result. */
import type { Recovered, Settings } from '../../contract/target.ts';

export interface GrowthTask {
  readonly targetUrl: string;
  readonly directory: string;
  readonly settings: Settings;
  /** Of the records; see `bench/records.ts`. */
  readonly seed: number;
  /** Records that are in the store when it opens: 0 to `held` - 1. */
  readonly held: number;
  /** Records to write behind them. */
  readonly adds: number;
  /** Records in a commit. */
  readonly batch: number;
  /** How the life ends, once all it wrote is durable. */
  readonly end: 'close' | 'kill';
}

export interface GrowthLife {
  /** From the call of open to the first correct read, or to the end of open where nothing is held. */
  readonly openMs: number;
  readonly recovered: Recovered;
  /** The longest time from one acknowledgement to the next. */
  readonly longestPauseMs: number;
  readonly writeSeconds: number;
  readonly peakRssBytes: number;
  /** What reads of a sample found wrong, one sentence each. */
  readonly problems: readonly string[];
}

export type GrowthReport =
  | { readonly written: number }
  | { readonly life: GrowthLife }
  | { readonly error: string };

/** Records read back after opening, and again before the end. */
export const SAMPLE = 20_000;
