/** One row of a benchmark: how to make its input, what to time, and who else was timed. */
export interface BenchRow {
  readonly name: string;
  /** What another tool took for the same, on the same class of machine. */
  readonly peer: string;
  /** Transactions or operations, for a rate. */
  readonly size: number;
  readonly long?: boolean;
  /** Makes the input; what it answers is run and timed, and says in a few words what came out. */
  readonly prepare: () => () => string;
}
