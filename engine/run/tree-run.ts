/**
 * TreeRun: the interface that the tree reads a run through: one file, or the inputs and output of a merge during
 * their handover.
 */
import type { Lookup } from './lookup.ts';
import type { Cursor, CursorRange } from './record.ts';
import type { RunMeta } from './run-format.ts';

export interface TreeRun {
  readonly meta: RunMeta;
  /** Bytes of memory its indexes take. */
  readonly indexBytes: number;
  /** Probes that found another key. */
  readonly failedProbes: number;
  /** Length of the longest unsuccessful probe, in slots. */
  readonly longestProbe: number;
  /** Finds the newest version at or before `lookup.atLsn`, tombstones included. */
  find(lookup: Lookup): boolean;
  /** Reads one word of the memory that a later `find` begins with. */
  touch(lookup: Lookup): number;
  /** Reads the lines that a later `find` ends with; answers whether it will end here. */
  touchRecord(lookup: Lookup): boolean;
  /**
   * Adds walks over what lies in `range` to `cursors`; together they show every version. The caller
   * closes them, those too that were added before one could not be opened.
   */
  openCursors(range: CursorRange, cursors: Cursor[]): void;
  /** Closes its files even if they are held: the store is closing. */
  close(): void;
}
