/** Regressions: storms that failed once, shrunk and kept as JSON. They are replayed first. */
import type { Settings } from '../contract/target.ts';
import type { StormFault } from './knobs.ts';
import type { StormPlan } from './storm-plan.ts';

export interface Regression {
  readonly scenario: string;
  readonly target: string;
  readonly settings: Settings;
  readonly seed: number;
  readonly clients: number;
  readonly operations: number;
  readonly faults: readonly StormFault[];
  /** What was wrong when it was found. */
  readonly problem: string;
}

export function planOfRegression(regression: Regression): StormPlan {
  const { seed, clients, operations, faults } = regression;
  return { seed, clients, operations, faults: new Set(faults) };
}
