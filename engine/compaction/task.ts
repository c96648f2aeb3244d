/**
 * Background tasks as plain data, and their steps. A task reads only its inputs: a sealed segment's bytes or
 * immutable runs. It writes one run and returns that run's manifest entry, or `undefined` if nothing was left
 * to write.
 */
import type { TaskSteps } from '../env/background.ts';
import type { Disk } from '../env/disk.ts';
import { guardedDisk } from '../env/guarded-disk.ts';
import { type HeldDirectory, heldDisk } from '../env/held-directory.ts';
import { unreachable } from '../errors.ts';
import { giveWords, limitKept, takeWords } from '../format/kept-words.ts';
import { PieceCursor } from '../memtable/piece-cursor.ts';
import { sortEntries } from '../memtable/sort-entries.ts';
import { reservePoints } from '../run/point-index.ts';
import type { Cursor } from '../run/record.ts';
import { RunCursor } from '../run/run-cursor.ts';
import { type RunMeta, runFileName } from '../run/run-format.ts';
import type { PointIndex } from '../run/run-index.ts';
import { readBlockIndex, readPoints } from '../run/run-index.ts';
import { bySpan, disjointGroups } from '../run/run-span.ts';
import { RunStream } from '../run/run-stream.ts';
import { type RunTarget, RunWriter, type WrittenRun } from '../run/run-writer.ts';
import { publish, slotsMemory } from '../run/shared-points.ts';
import { ChainedCursor } from './chained-cursor.ts';
import { mergeCursors } from './merge-cursor.ts';
import { SealedEntries } from './sealed-entries.ts';
import { VersionFilter } from './version-filter.ts';

const STEP_RECORDS = 512;
const PAGE_BYTES = 4096;
const FORWARD = { reverse: false } as const;

interface Output {
  readonly target: RunTarget;
  readonly safePoint: number;
  /** Whether no run older than the output exists. */
  readonly bottom: boolean;
  /** How much of the memory it works in is kept for the next. */
  readonly keptBytes: number;
}

export interface FlushTask extends Output {
  readonly kind: 'flush';
  /** The sealed segment, header included. */
  readonly segment: Uint8Array;
  readonly usedBytes: number;
}

export interface CompactTask extends Output {
  readonly kind: 'compact';
  readonly directory: string;
  /** Runs next to each other in age, oldest first. */
  readonly inputs: readonly RunMeta[];
}

/** Reads the point index of a run that was just opened. */
export interface LoadPointsTask {
  readonly kind: 'load-points';
  readonly directory: string;
  readonly run: RunMeta;
  /** See `sharedMemory`. */
  readonly memory: SharedArrayBuffer;
}

/** Touches every page of fresh memory, so that its first user does not wait for the system. */
export interface TouchTask {
  readonly kind: 'touch';
  readonly memory: readonly {
    readonly buffer: SharedArrayBuffer;
    readonly from: number;
    readonly to: number;
  }[];
}

/** Removes a large file that no manifest names. */
export interface RemoveTask {
  readonly kind: 'remove';
  readonly path: string;
}

/** Allocates the working memory of merges in advance, so that it does not grow during them. */
export interface ReserveTask {
  readonly kind: 'reserve';
}

/** Each works in the directory of one store, and says which. */
export type Task = { readonly held?: HeldDirectory } & (
  | FlushTask
  | CompactTask
  | LoadPointsTask
  | TouchTask
  | RemoveTask
  | ReserveTask
);

export function taskSteps(
  anyDisk: Disk,
  task: Task,
): TaskSteps<WrittenRun | PointIndex | undefined> {
  const own = task.held === undefined ? anyDisk : heldDisk(anyDisk, task.held);
  const disk = guardedDisk(own);
  switch (task.kind) {
    case 'flush':
      return flushSteps(disk, task);
    case 'compact':
      return compactSteps(disk, task);
    case 'load-points':
      return loadPointsSteps(disk, task);
    case 'touch':
      return touchSteps(task);
    case 'remove':
      return removeSteps(own, task); // the caller has to know whether it failed
    case 'reserve':
      return reserveSteps();
    default:
      return unreachable(task);
  }
}

function* flushSteps(disk: Disk, task: FlushTask): TaskSteps<WrittenRun | undefined> {
  limitKept(task.keptBytes);
  const entries = new SealedEntries(task.segment, task.usedBytes);
  const all = takeWords(entries.count);
  for (let i = 0; i < all.length; i++) all[i] = i;
  yield;
  const sorted = sortEntries(entries, all);
  if (sorted !== all) giveWords(all);
  yield;
  const cursor = new PieceCursor(entries, sorted, FORWARD);
  const { firstLsn, lastLsn } = entries;
  const written = yield* writeRun(disk, task, task.usedBytes, cursor, firstLsn, lastLsn);
  giveWords(sorted);
  entries.release();
  return written;
}

function* compactSteps(disk: Disk, task: CompactTask): TaskSteps<WrittenRun | undefined> {
  limitKept(task.keptBytes);
  const cursors: Cursor[] = [];
  try {
    const open = (meta: RunMeta) => () =>
      new RunCursor(new RunStream(disk, task.directory, meta), FORWARD);
    for (const group of disjointGroups(task.inputs, (input) => input.span).reverse()) {
      if (group.length === 1) cursors.push(open(group[0]!)());
      else cursors.push(new ChainedCursor(group.toSorted(bySpan).map(open)));
    }
    const cursor = mergeCursors(cursors, false);
    const bytes = task.inputs.reduce((sum, input) => sum + input.bytes, 0);
    const { minLsn } = task.inputs[0]!;
    return yield* writeRun(disk, task, bytes, cursor, minLsn, task.inputs.at(-1)!.maxLsn);
  } finally {
    for (const cursor of cursors) cursor.close();
  }
}

function* loadPointsSteps(
  disk: Disk,
  { directory, run, memory }: LoadPointsTask,
): TaskSteps<PointIndex> {
  const file = disk.open(`${directory}/${runFileName(run.number)}`, 'read');
  try {
    yield;
    const points = readPoints(disk, file, readBlockIndex(disk, file, run), slotsMemory(memory));
    publish(memory, points);
    return points;
  } finally {
    disk.close(file);
  }
}

/** Atomically adds zero: concurrent users of the memory see no change. */
function* touchSteps({ memory }: TouchTask): TaskSteps<undefined> {
  for (const { buffer, from, to } of memory) {
    const words = new Int32Array(buffer);
    for (let at = from >> 2; at < to >> 2; at += PAGE_BYTES / 4) Atomics.add(words, at, 0);
    yield;
  }
  return undefined;
}

function* reserveSteps(): TaskSteps<undefined> {
  yield;
  reservePoints();
  return undefined;
}

function* removeSteps(disk: Disk, { path }: RemoveTask): TaskSteps<undefined> {
  yield;
  disk.remove(path);
  return undefined;
}

function* writeRun(
  disk: Disk,
  output: Output,
  bytesExpected: number,
  cursor: Cursor,
  minLsn: number,
  maxLsn: number,
): TaskSteps<WrittenRun | undefined> {
  const filter = new VersionFilter(output.safePoint, output.bottom);
  const writer = new RunWriter(disk, output.target, bytesExpected);
  try {
    for (let seen = 1; cursor.valid; seen++, cursor.next()) {
      if (filter.keeps(cursor)) writer.add(cursor);
      if (seen % STEP_RECORDS === 0) yield;
    }
    if (writer.records > 0) return yield* writer.finish(minLsn, maxLsn);
  } catch (error) {
    writer.abandon();
    throw error;
  }
  writer.abandon();
  return undefined;
}
