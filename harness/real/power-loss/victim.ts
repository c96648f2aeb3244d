/**
 * Victim: a database in one configuration, under power cuts. It writes numbered records one after the
 * other and reports each acknowledgement.
 */
import type { Watchdog } from '../watchdog.ts';

export interface Place {
  /** Data directory, on the file system that loses power; empty at the first start. */
  readonly directory: string;
  /** Directory for logs and sockets, on an ordinary file system. */
  readonly scratch: string;
  readonly watchdog: Watchdog;
}

export interface RunningVictim {
  /** The process that owns the files; it may have children. */
  readonly pid: number;
  /** Resolves when the write of `token` as record `number` is acknowledged. */
  write(number: number, token: string): Promise<void>;
  /** The numbers of all stored records. Throws if they can't be read. */
  read(): Promise<ReadonlySet<number>>;
  /** Sends SIGKILL; resolves when the process is gone. Idempotent. */
  kill(): Promise<void>;
}

export interface Victim {
  readonly system: string;
  readonly configuration: string;
  /** What its documentation promises for an acknowledged write after a power cut. */
  readonly expect: 'keeps' | 'loses';
  /** It loses data on models where only a sync of the directory makes its entries durable. */
  readonly leavesEntries?: boolean;
  /** After a cut before its first acknowledged write it may fail to open; see the track record. */
  readonly mayNotOpenNew?: boolean;
  /** It loses data rarely: only when the cut hits one of few moments. */
  readonly rare?: boolean;
  /** Abilities of the machine that it requires; see `assay doctor`. */
  readonly needs: readonly string[];
  /** Owner of its files: servers refuse to run as root. */
  readonly user?: string;
  /**
   * Its files may store records in a form that an audit can't recognise (compressed, encrypted). Then
   * only cuts decide, and an audit that found no record counts as none.
   */
  readonly mayEncode?: boolean;
  /** It commits with O_DSYNC writes, so there is no sync call to inject a fault into. */
  readonly syncsByWriting?: boolean;
  /** Starts it, first or after a cut. Throws if it does not start. */
  start(place: Place, first: boolean): Promise<RunningVictim>;
}
