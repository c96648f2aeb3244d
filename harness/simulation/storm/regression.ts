/** Regressions: storms that failed once, shrunk and kept as JSON. They are replayed first. */
import type { Settings } from '../../contract/target.ts';
import type { StormFault } from './knobs.ts';
import { type StormPlan, USUAL_PACE } from './storm-plan.ts';

export interface Regression {
  readonly scenario: string;
  readonly target: string;
  readonly settings: Settings;
  readonly seed: number;
  readonly clients: number;
  readonly operations: number;
  /** Left out in old ones, as is the next. */
  readonly crashEveryMs?: number;
  readonly thinkMs?: number;
  readonly faults: readonly StormFault[];
  /** What was wrong when it was found. */
  readonly problem: string;
}

export function planOfRegression(regression: Regression): StormPlan {
  const { scenario: _, target: __, settings: ___, problem: ____, faults, ...plan } = regression;
  return { ...USUAL_PACE, ...plan, faults: new Set(faults) };
}
