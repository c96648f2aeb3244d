/** The inputs that every simulated plan is run with. */
import type { Checker } from '../contract/checker.ts';
import type { Settings } from '../contract/target.ts';
import type { Workload } from '../contract/workload.ts';
import type { SimulatedTarget } from '../simulation/sim/simulated-target.ts';
import type { Progress } from './outcome.ts';

export interface SimulatedParts<P> {
  readonly target: SimulatedTarget;
  readonly settings: Settings;
  readonly workload: Workload;
  readonly workloadOptions: Readonly<Record<string, number>>;
  readonly checkers: readonly Checker[];
  readonly plan: P;
  readonly seed: number;
  readonly progress: Progress;
}
