/** What a comparison of two commits measured, as it is saved and reported. Plain data. */
import type { BenchOutcome, BenchPlan } from './bench-record.ts';

export type AbSide = 'a' | 'b';

/** One side of a comparison. */
export interface AbSource {
  /** As it was asked for: a commit, a branch, or `.` for the working tree. */
  readonly asked: string;
  /** The whole hash of the commit; of a working tree, the commit that it started from. */
  readonly commit: string;
  /** In short, with a `+` for a working tree with changes. */
  readonly label: string;
}

export interface AbPlan {
  readonly a: AbSource;
  readonly b: AbSource;
  /** One store; `repetitions` is the number of pairs. */
  readonly bench: BenchPlan;
  /** As a share: smaller differences do not count. Tails have a multiple of it. */
  readonly threshold: number;
  readonly correction: 'max-t' | 'holm' | 'bh';
  /** Self-check: per cent by which each of B's operations is slowed down. */
  readonly slowPercent?: number;
}

/** One workload on one side in one round: what came of it, or why nothing did. */
export interface AbMeasurement {
  readonly side: AbSide;
  readonly round: number;
  readonly workload: string;
  readonly outcome?: BenchOutcome;
  readonly failure?: string;
}

export interface AbRun {
  readonly plan: AbPlan;
  readonly machine: string;
  readonly node: string;
  readonly startedAt: string;
  /** The command that makes it again. */
  readonly command: string;
  /** Workloads of the default set that one side does not have. */
  readonly notCompared: readonly { readonly workload: string; readonly missingIn: AbSide }[];
  readonly measurements: readonly AbMeasurement[];
}
