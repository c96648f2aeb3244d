/** What power cuts under databases found, as it is saved and reported. Plain data. */
/** How the reason of a cell begins whose machine can't cut the power; also in headlines. */
export const POWER_LOSS_NOT_TESTED = 'power loss: not tested';

export type PowerCutOutcome = 'as expected' | 'not as expected' | 'unsupported' | 'failed';

export interface PowerCutRow {
  readonly system: string;
  readonly configuration: string;
  /** What becomes of acknowledged writes, by the system's documentation and the faults of the run. */
  readonly expect: 'keeps' | 'loses';
  readonly outcome: PowerCutOutcome;
  readonly seconds: number;
  /** Why there are no figures. */
  readonly reason?: string;
  readonly figures?: PowerCutFigures;
}

export interface PowerCutFigures {
  /** Power cuts, and states after them on which the system was started; not in older records. */
  readonly cuts?: number;
  readonly states?: number;
  /** Cuts that came inside the recovery from the cut before; not in older records. */
  readonly recoveriesCut?: number;
  readonly acknowledged: number;
  readonly lost: number;
  /** Acknowledgements that came before what they promise was on the medium; of how many. */
  readonly early: number;
  readonly audited: number;
  readonly syncs: number;
  /** Writes or syncs that were made to fail or lie, and writes that were refused after. */
  readonly struck: number;
  readonly refused: number;
  /** What a store said that had acknowledged writes and could not be opened or read after a cut. */
  readonly broken: readonly string[];
  /** The same of a store that had acknowledged none yet: nothing is lost. Not in older records. */
  readonly unopened?: readonly string[];
}

export interface PowerCutRun {
  readonly cycles: number;
  readonly records: number;
  readonly seed: number;
  readonly lyingDisk: boolean;
  /** Whose promises the file system kept. */
  readonly fs?: string;
  /** What else went wrong before the cut, in words. */
  readonly fault?: string;
  readonly startedAt: string;
  readonly commit: string;
  readonly machine: string;
  readonly node: string;
  /** The command that does the whole again. */
  readonly command: string;
  readonly rows: readonly PowerCutRow[];
}
