/** StormPlan: everything that one storm depends on, beside the target and the workload. */
import type { StormFault } from './knobs.ts';

export interface StormPlan {
  readonly seed: number;
  readonly clients: number;
  readonly operations: number;
  /** Virtual milliseconds from one crash to the next, on average. */
  readonly crashEveryMs: number;
  /** The most virtual milliseconds that a client waits between operations. */
  readonly thinkMs: number;
  readonly faults: ReadonlySet<StormFault>;
}

/** Defaults of a storm plan. */
export const USUAL_PACE = { crashEveryMs: 600, thinkMs: 8 } as const;
