/**
 * Victim: a database in one configuration, as power is cut under it. It writes numbered records, one
 * after the other, and says when each is acknowledged.
 */
import type { Watchdog } from '../watchdog.ts';

export interface Place {
  /** On the file system that loses power; empty at the first start. */
  readonly directory: string;
  /** For logs and sockets: on a file system that does not. */
  readonly scratch: string;
  readonly watchdog: Watchdog;
}

export interface RunningVictim {
  /** The process that keeps the files; it may have children. */
  readonly pid: number;
  /** Resolves when the write of `token` as record `number` is acknowledged. */
  write(number: number, token: string): Promise<void>;
  /** The numbers of all records there are. Throws when they can't be read. */
  read(): Promise<ReadonlySet<number>>;
  /** SIGKILL; resolves when the process is gone. Safe to call again. */
  kill(): Promise<void>;
}

export interface Victim {
  readonly system: string;
  readonly configuration: string;
  /** What its documentation lets one expect of an acknowledged write after a power cut. */
  readonly expect: 'keeps' | 'loses';
  /** It loses all the same where only a directory's own sync keeps the directory's entries. */
  readonly leavesEntries?: boolean;
  /** After a cut before its first acknowledged write it may not open: found, and in the track record. */
  readonly mayNotOpenNew?: boolean;
  /** It loses, but rarely: only when the cut comes at one of few moments. */
  readonly rare?: boolean;
  /** Abilities of this machine that it takes; see `assay doctor`. */
  readonly needs: readonly string[];
  /** Whose files they are: servers refuse to run as root. */
  readonly user?: string;
  /**
   * Its files may hold records in a form that an audit does not recognise: compressed, encrypted. Then
   * what a cut takes decides alone, and an audit that found no record at all counts as none.
   */
  readonly mayEncode?: boolean;
  /** Its commits are synced by a write with O_DSYNC: no sync call to strike. */
  readonly syncsByWriting?: boolean;
  /** Starts it, for the first time or again after a cut. Throws when it does not start. */
  start(place: Place, first: boolean): Promise<RunningVictim>;
}
