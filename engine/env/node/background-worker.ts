/** The worker thread's side: receives a task, runs its steps to the end, answers. */
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { type Task, taskSteps } from '../../compaction/task.ts';
import { isStoreError } from '../../errors.ts';
import type { WrittenRun } from '../../run/run-writer.ts';
import { driveSteps } from '../background.ts';
import type { WorkerReply } from './background.ts';
import { nodeDisk } from './disk.ts';

const port = parentPort;
if (port === null) throw new Error('background-worker runs as a worker thread only');
const disk = nodeDisk({ blockingSync: true });

function describe(error: unknown): { code: string; message: string; file?: string } {
  if (!isStoreError(error))
    return { code: 'io', message: String((error as Error)?.stack ?? error) };
  const { file } = error.details;
  return { code: error.code, message: error.message, ...(file === undefined ? {} : { file }) };
}

/** What goes over with the answer instead of being copied: the memory of a run's indexes. */
function moved(result: unknown): ArrayBuffer[] {
  const { index } = (result ?? {}) as Partial<WrittenRun>;
  if (index === undefined) return [];
  const buffers = [index.words.buffer, index.points.slots.buffer];
  return buffers.filter((buffer) => buffer instanceof ArrayBuffer);
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
    // It merges at the common priority then.
  }
}

if (workerData === 'merge') giveWay();

let queue: Promise<void> = Promise.resolve();
port.on('message', ({ id, task }: Request) => {
  queue = queue.then(async () => {
    let reply: WorkerReply;
    try {
      reply = { id, result: await driveSteps(taskSteps(disk, task)) };
    } catch (error) {
      reply = { id, error: describe(error) };
    }
    port.postMessage(reply, 'result' in reply ? moved(reply.result) : []);
  });
});
