/** What a soak keeps on disk, and its samples. Plain JSON. */
import type { Settings } from './target.ts';

export const SOAK_FORMAT = 1;

/** The configuration of a soak. A resumed soak must have the same. */
export interface SoakConfig {
  readonly format: typeof SOAK_FORMAT;
  readonly target: string;
  readonly settings: Settings;
  readonly seed: number;
  readonly keys: number;
  readonly clients: number;
  readonly lifeSeconds: number;
  /** A hash of the sources: parts of other code do not add up. */
  readonly tree: string;
}

export interface SoakState {
  readonly config: SoakConfig;
  readonly startedAt: string;
  /** Lives that ended. A life that was cut off with the soak itself is not counted. */
  readonly lives: number;
  readonly kills: number;
  readonly operations: number;
  readonly errors: number;
  /** Time under load, downtime included. */
  readonly ms: number;
  /** From the last answer before a fault to the first after it. */
  readonly downMs: number;
  readonly longestDownMs: number;
  /** What was wrong, if anything was: the soak is over then. */
  readonly wrong?: string;
}

export interface SoakSample {
  readonly life: number;
  /** Time under load since the soak began. */
  readonly ms: number;
  readonly operationsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly rssBytes?: number;
  readonly handles?: number;
  readonly diskBytes: number;
  readonly logBytes: number;
}
