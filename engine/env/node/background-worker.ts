/** The worker thread's side: receives a task, runs its steps to the end, answers. */
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { type Task, taskSteps } from '../../compaction/task.ts';
import { isStoreError } from '../../errors.ts';
import { giveWords } from '../../format/kept-words.ts';
import type { WrittenRun } from '../../run/run-writer.ts';
import { driveSteps } from '../background.ts';
import { nodeDisk } from './disk.ts';
import type { WorkerReply } from './lane-worker.ts';

const port = parentPort;
if (port === null) throw new Error('background-worker runs as a worker thread only');
const disk = nodeDisk({ blockingSync: true });

function describe(error: unknown): { code: string; message: string; file?: string } {
  if (!isStoreError(error))
    return { code: 'io', message: String((error as Error)?.stack ?? error) };
  const { file } = error.details;
  return { code: error.code, message: error.message, ...(file === undefined ? {} : { file }) };
}

/** Smaller ones are copied: memory of this thread that lives on elsewhere is never whole again. */
const MOVED_MIN_BYTES = 1024 * 1024;

/** The arrays of a run's indexes, if that is what a task answers. */
function arraysOf(result: unknown): Uint32Array[] {
  const { index } = (result ?? {}) as Partial<WrittenRun>;
  return index === undefined ? [] : [index.words, index.points.slots];
}

/** What goes over with the answer instead of being copied: the memory of large indexes. */
function moved(arrays: readonly Uint32Array[]): ArrayBuffer[] {
  return arrays
    .map(({ buffer }) => buffer)
    .filter((buffer) => buffer instanceof ArrayBuffer)
    .filter(({ byteLength }) => byteLength >= MOVED_MIN_BYTES);
}

type Request = { readonly id: number; readonly task: Task };

/** Lower than what users wait for: the system then runs it when they leave a core idle. */
const MERGE_NICENESS = 10;

/** Linux has niceness a thread; elsewhere there is none to set. */
function giveWay(): void {
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    setPriority(thread, MERGE_NICENESS);
  } catch {
    // It then merges at normal priority.
  }
}

if (workerData === 'merge') giveWay();

/** What the last run that was written lent to the other side: it has a copy by the next. */
let lent: readonly Uint32Array[] = [];

function takeBackLent(): void {
  for (const words of lent) giveWords(words);
  lent = [];
}

let queue: Promise<void> = Promise.resolve();
port.on('message', ({ id, task }: Request) => {
  queue = queue.then(async () => {
    if (task.kind === 'flush' || task.kind === 'compact') takeBackLent();
    try {
      const result = await driveSteps(taskSteps(disk, task));
      const arrays = arraysOf(result);
      port.postMessage({ id, result } satisfies WorkerReply, moved(arrays));
      lent = [...lent, ...arrays];
    } catch (error) {
      port.postMessage({ id, error: describe(error) } satisfies WorkerReply);
    }
  });
});
