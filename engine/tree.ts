/**
 * Tree: the sources of a read, newest first: the active segment, sealed segments, runs. A flushed segment may
 * stay for point reads until the blocks of its run are cached.
 *
 * Invariants:
 * 1. Lsn ranges descend along that order (a flushed segment and its run overlap), so the first version found
 *    at or below a snapshot is the newest one.
 * 2. The lists are replaced, never mutated, and both in one turn: a synchronous read sees one tree.
 */
import { mergeCursors } from './compaction/merge-cursor.ts';
import type { Memtable } from './memtable/memtable.ts';
import { PieceCursor } from './memtable/piece-cursor.ts';
import { joinRuns } from './run/joined-runs.ts';
import type { Lookup } from './run/lookup.ts';
import type { Cursor, CursorRange } from './run/record.ts';
import type { TreeRun } from './run/tree-run.ts';
import type { Log } from './wal/log.ts';
import type { LogSegment } from './wal/segment.ts';

export class Tree {
  readonly #log: Log;
  /** Oldest first. */
  sealed: readonly LogSegment[];
  #runs: readonly TreeRun[] = [];
  /** The same runs as reads see them: disjoint runs joined. */
  #joined: readonly TreeRun[] = [];

  /** Keeps the reads of `touch` from being optimised away. */
  touched = 0;

  constructor(log: Log, sealed: readonly LogSegment[], runs: readonly TreeRun[]) {
    this.#log = log;
    this.sealed = sealed;
    this.runs = runs;
  }

  /** Oldest first. */
  get runs(): readonly TreeRun[] {
    return this.#runs;
  }

  set runs(runs: readonly TreeRun[]) {
    this.#runs = runs;
    this.#joined = joinRuns(runs);
  }

  /** Finds the newest version at or before `lookup.atLsn`, tombstones included. */
  find(lookup: Lookup): boolean {
    if (findInMemtable(this.#log.active.memtable, lookup)) return true;
    for (let i = this.sealed.length - 1; i >= 0; i--) {
      if (findInMemtable(this.sealed[i]!.memtable, lookup)) return true;
    }
    for (let i = this.#joined.length - 1; i >= 0; i--) {
      const run = this.#joined[i]!;
      if (run.meta.minLsn <= lookup.atLsn && run.find(lookup)) return true;
    }
    return false;
  }

  /** Reads the line of memory that a later `find` in the runs begins with. */
  touch(lookup: Lookup): void {
    let touched = 0;
    for (const run of this.#joined) touched ^= run.touch(lookup);
    this.touched = touched;
  }

  /** Reads the lines that a later `find` ends with. Worth it once `touch`'s have arrived. */
  touchRecord(lookup: Lookup): void {
    for (let i = this.#joined.length - 1; i >= 0; i--)
      if (this.#joined[i]!.touchRecord(lookup)) return;
  }

  /** The lsn of the key's newest version if that is above `sinceLsn`, else 0. */
  newestSince(lookup: Lookup, sinceLsn: number): number {
    lookup.atLsn = Number.MAX_SAFE_INTEGER;
    for (let i = this.sealed.length; i >= 0; i--) {
      const segment = this.sealed[i] ?? this.#log.active;
      if (segment.lastLsn <= sinceLsn) continue;
      if (findInMemtable(segment.memtable, lookup)) return lookup.lsn > sinceLsn ? lookup.lsn : 0;
    }
    for (let i = this.#joined.length - 1; i >= 0; i--) {
      const run = this.#joined[i]!;
      if (run.meta.maxLsn <= sinceLsn) return 0;
      if (run.find(lookup)) return lookup.lsn > sinceLsn ? lookup.lsn : 0;
    }
    return 0;
  }

  /** The lsn of some version within `range` above `sinceLsn`, or 0. Looks only at what is so new. */
  newestWithin({ from, to }: Omit<CursorRange, 'reverse'>, sinceLsn: number): number {
    const cursor = this.cursor({ from, to, reverse: false }, sinceLsn);
    try {
      for (; cursor.valid; cursor.next()) if (cursor.lsn > sinceLsn) return cursor.lsn;
      return 0;
    } finally {
      cursor.close();
    }
  }

  /** All versions within `range` above `sinceLsn`, and maybe older ones, merged. The caller closes it. */
  cursor(range: CursorRange, sinceLsn = 0): Cursor {
    const cursors: Cursor[] = [];
    try {
      this.#openCursors(range, sinceLsn, cursors);
      return mergeCursors(cursors, range.reverse);
    } catch (error) {
      for (const cursor of cursors) cursor.close();
      throw error;
    }
  }

  #openCursors(range: CursorRange, sinceLsn: number, cursors: Cursor[]): void {
    for (const segment of [this.#log.active, ...[...this.sealed].reverse()]) {
      if (segment.isEmpty || segment.isFlushed || segment.lastLsn <= sinceLsn) continue;
      for (const piece of [...segment.memtable.pieces.current()].reverse()) {
        cursors.push(new PieceCursor(segment.memtable, piece, range, segment));
      }
    }
    for (const run of [...this.#joined].reverse()) {
      if (run.meta.maxLsn > sinceLsn) run.openCursors(range, cursors);
    }
  }
}

function findInMemtable(table: Memtable, lookup: Lookup): boolean {
  const { hash } = table.isKeyed ? lookup.secretHashes : lookup;
  const entry = table.find(lookup.key, hash, lookup.atLsn);
  if (entry < 0) return false;
  table.reads++;
  lookup.bytes = table.bytes;
  lookup.words = table.words;
  lookup.isTombstone = table.isTombstone(entry);
  lookup.valueOffset = table.valueOffset(entry);
  lookup.valueLength = table.valueLength(entry);
  lookup.lsn = table.lsns[entry]!;
  return true;
}
