/**
 * History: what clients did and saw, in Jepsen's terms.
 *
 * An operation is invoked, and completes as `ok` (it happened), `fail` (it surely did not) or
 * `info` (indeterminate: it may take effect at any time after its invocation, or never). A process
 * does one operation at a time; one whose operation ended in `info` does no more.
 */
export type EventType = 'invoke' | 'ok' | 'fail' | 'info';

export interface HistoryEvent {
  /** Position in the history, from 0. Real-time order is index order. */
  readonly index: number;
  readonly type: EventType;
  readonly process: number;
  readonly f: string;
  readonly value: unknown;
  /** Milliseconds since the run began. */
  readonly timeMs: number;
  /** The database's own order of a transaction: ranks of its start and its commit. */
  readonly stamps?: readonly [start: number, commit: number];
  /** Its position in the text it was read from. */
  readonly line?: number;
}

/** An invocation with its completion. */
export interface Operation {
  readonly process: number;
  readonly f: string;
  readonly input: unknown;
  /** What it returned; for `fail` and `info` the error's code. */
  readonly output: unknown;
  readonly type: 'ok' | 'fail' | 'info';
  readonly invokedIndex: number;
  /** Infinity when it never completed or is indeterminate. */
  readonly completedIndex: number;
}
