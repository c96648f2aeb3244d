/**
 * One row of the checker benchmark: how to build its input, what is timed, and published times of other
 * tools.
 */
export interface BenchRow {
  readonly name: string;
  /** Time another tool took for the same input, on the same class of machine. */
  readonly peer: string;
  /** Transactions or operations, for a rate. */
  readonly size: number;
  readonly long?: boolean;
  /** Builds the input and returns the function to time, which returns a short description of its result. */
  readonly prepare: () => () => string;
}
