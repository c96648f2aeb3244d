/** What a run is, beside its cells' records. Saved as run.json; all that a report needs. */
export interface RunInfo {
  /** The matrix's name, or the scenario's when one was run by itself. */
  readonly name: string;
  readonly doc: string;
  readonly seed: number;
  readonly startedAt: string;
  readonly durationMs: number;
  /** The commit that was measured, with a `+` when the tree had changes. */
  readonly commit: string;
  /** A hash of the sources that ran: see `sourceHash`. Runs of before 0.2.0 lack it. */
  readonly tree?: string;
  readonly machine: string;
  readonly node: string;
  /** The command that repeats the whole run. */
  readonly command: string;
  /** A run that was stopped: how many cells it had, and what stopped it. */
  readonly partial?: { readonly cells: number; readonly why: string };
}
