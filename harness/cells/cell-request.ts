/** Messages between the runner and a cell's process. */
import type { Cell, RunRecord } from '../contract/run-record.ts';

export interface CellRequest {
  readonly cell: Cell;
  /** Where the record and its artefacts go. */
  readonly directory: string;
  readonly plugins: readonly string[];
  /** URLs of the built-in plugins that the cell needs; undefined: all. */
  readonly modules?: readonly string[] | undefined;
  /** Time limit of the process; a plan ends before it and judges what it has. */
  readonly limitSeconds: number;
  /** The file that a planted bug's hook marks when the edited module is loaded. */
  readonly mark?: string;
  /** Look for the smallest run that catches the planted bug. */
  readonly shrinkPlanted?: boolean;
}

export type CellReport =
  | { readonly done: number; readonly total: number; readonly unit: string }
  /** A call of an adapter, in a sentence; null when it has returned. */
  | { readonly calling: string | null }
  /** The record, where it can't be written: the disk is full, say. */
  | { readonly unsaved: RunRecord }
  | { readonly finished: true };
