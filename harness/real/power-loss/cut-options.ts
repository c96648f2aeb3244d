/** How the power is cut under a victim, how often, and what goes wrong before. */
import type { DiskFault } from './disk-faults.ts';
import type { CutRequest } from './volatile/cut-plan.ts';
import type { FileSystemModel } from './volatile/models.ts';

export interface CutOptions {
  readonly cycles: number;
  /** Writes before each cut. */
  readonly records: number;
  /** The number of leading records that are audited. */
  readonly audited: number;
  readonly seed: number;
  /** Whose promises the file system keeps; left out, those of ext4. */
  readonly model?: FileSystemModel;
  /** Most cuts of a configuration that loses rarely, until it is caught. */
  readonly rareCuts?: number;
  /** Writes that are on their way at a time; left out, one. */
  readonly clients?: number;
  /** States that are tried after each cut; left out, one. */
  readonly states?: number;
  /** The state after each cut; left out, nothing is kept after the first and a drawn part after others. */
  readonly state?: Pick<CutRequest, 'mode' | 'keep' | 'torn' | 'granularity'>;
  /** The cut comes inside each step of the run in turn; `cycles` bounds how many. */
  readonly everyStep?: boolean;
  /** The power goes again while the last state of each cut recovers. */
  readonly nested?: boolean;
  /** Syncs are called done, and are not: then even the safest configuration must lose. */
  readonly lyingDisk: boolean;
  /** What goes wrong with writes or syncs before the cut, from which call on. */
  readonly fault?: {
    readonly kind: DiskFault;
    readonly at: number;
    /** In system calls of the process, instead of in the file system. */
    readonly byStrace?: boolean;
  };
}
