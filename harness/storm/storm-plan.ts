/** StormPlan: everything that one storm depends on, beside the target and the workload. */
import type { StormFault } from './knobs.ts';

export interface StormPlan {
  readonly seed: number;
  readonly clients: number;
  readonly operations: number;
  readonly faults: ReadonlySet<StormFault>;
}
