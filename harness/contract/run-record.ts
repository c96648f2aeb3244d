/**
 * RunRecord: the result of a cell on disk, everything a report needs. Plain JSON.
 */
import type { Expectation } from './scenario.ts';
import type { Settings } from './target.ts';
import type { Validity, Verdict } from './verdict.ts';

export const RECORD_FORMAT = 1;

/** One cell of a matrix: everything its result depends on. */
export interface Cell {
  /** Unique in the matrix: scenario/target/settings, and /mutant if one is planted. */
  readonly id: string;
  readonly scenario: string;
  readonly target: string;
  readonly settings: Settings;
  readonly seed: number;
  /** The planted bug, if the cell must find one. */
  readonly mutant?: string;
  /** Raises the scenario's limit, for matrices that run longer. */
  readonly limitSeconds?: number;
  /** Overrides of the scenario's plan, by name. */
  readonly plan?: Readonly<Record<string, number>>;
}

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  readonly count: number;
}

export interface MutantOutcome {
  readonly name: string;
  /**
   * `caught`: the cell fails with the bug and is as expected without it, same seed.
   * `not-exercised`: the edited module was never loaded. `ran-out-of-time`: a wall-clock limit,
   * which proves nothing. `control-failed`: the cell fails without the bug, too.
   */
  readonly outcome: 'caught' | 'survived' | 'not-exercised' | 'ran-out-of-time' | 'control-failed';
  /** How the process hung, if it left no record. */
  readonly stuck?: 'no-progress' | 'exit-13';
  /** The control: the same cell without the bug, if one was needed. */
  readonly control?: { readonly seed: number; readonly validity: Validity };
  /** Seeds it took, the last one included. */
  readonly seeds?: number;
  /** The smallest run that was found to catch it, in words, and the command that is that run. */
  readonly shrunk?: { readonly to: string; readonly replay: string };
}

/** A stretch of a run, milliseconds since it began. */
export interface FaultWindow {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Operations over time, in steps of equal length. Latencies in milliseconds, null where none. */
export interface Timeline {
  readonly stepMs: number;
  readonly ok: readonly number[];
  readonly failed: readonly number[];
  readonly indefinite: readonly number[];
  readonly p50: readonly (number | null)[];
  readonly p95: readonly (number | null)[];
  readonly p99: readonly (number | null)[];
  readonly faults: readonly FaultWindow[];
}

export interface RunRecord {
  readonly format: typeof RECORD_FORMAT;
  readonly cell: Cell;
  /** The result of the cell as a whole: a planted bug that was caught is `valid`. */
  readonly validity: Validity;
  /** The result by the scenario's expectation: a hole that must be found, and was, is `valid`. */
  readonly expect: Expectation;
  /** The verdict of the checkers on the target. */
  readonly verdict: Verdict;
  readonly startedAt: string;
  readonly durationMs: number;
  /** Numbers by name: loops, states, acknowledged operations, records a second… */
  readonly figures: Readonly<Record<string, number>>;
  /** Milliseconds. */
  readonly recovery?: Percentiles;
  /** Clusters: acknowledged operations, outside and inside of fault windows. Milliseconds. */
  readonly latency?: { readonly quiet?: Percentiles; readonly faults?: Percentiles };
  readonly timeline?: Timeline;
  readonly mutant?: MutantOutcome;
  /** Simulated cells: a hash over every history, the same for the same seed. */
  readonly historyHash?: string;
  /** Calls of the target's own interface, by method and option: see `ApiSurface`. */
  readonly calls?: Readonly<Record<string, number>>;
  /** Files beside the record, relative to it. */
  readonly artefacts: readonly string[];
  /** The command that runs this cell again. */
  readonly replay: string;
  /** What was not verified, one sentence each. */
  readonly notVerified: readonly string[];
}
