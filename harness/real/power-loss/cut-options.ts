/** Options of power cuts under a database: how often, in which way, and which fault comes first. */
import type { DiskFault } from './disk-faults.ts';
import type { CutRequest } from './volatile/cut-plan.ts';
import type { FileSystemModel } from './volatile/models.ts';

export interface CutOptions {
  readonly cycles: number;
  /** Number of writes before each cut. */
  readonly records: number;
  /** The number of leading records that are audited. */
  readonly audited: number;
  readonly seed: number;
  /** The file-system model; default ext4. */
  readonly model?: FileSystemModel;
  /** Maximum number of cuts for a configuration that loses rarely. */
  readonly rareCuts?: number;
  /** Number of writes in flight; default 1. */
  readonly clients?: number;
  /** Number of states recovered after each cut; default 1. */
  readonly states?: number;
  /** What each cut keeps. Default: nothing after the first cut, a drawn part after the others. */
  readonly state?: Pick<CutRequest, 'mode' | 'keep' | 'torn' | 'granularity'>;
  /** Cuts inside each step of the run in turn; `cycles` bounds the number of cuts. */
  readonly everyStep?: boolean;
  /** Cuts the power again while the last state of each cut recovers. */
  readonly nested?: boolean;
  /**
   * Syncs succeed without making anything durable: then even the safest configuration must lose data
   * (negative control).
   */
  readonly lyingDisk: boolean;
  /** The fault of writes or syncs before the cut, and the call from which it strikes. */
  readonly fault?: {
    readonly kind: DiskFault;
    readonly at: number;
    /** Injects the fault into system calls (strace) instead of the file system. */
    readonly byStrace?: boolean;
  };
}
