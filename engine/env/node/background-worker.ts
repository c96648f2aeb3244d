/** The worker thread's side: receives a task, runs its steps to the end, answers. */
import { parentPort } from 'node:worker_threads';
import { type Task, taskSteps } from '../../compaction/task.ts';
import { isStoreError } from '../../errors.ts';
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

let queue: Promise<void> = Promise.resolve();
port.on('message', ({ id, task }: { id: number; task: Task }) => {
  queue = queue.then(async () => {
    let reply: WorkerReply;
    try {
      reply = { id, result: await driveSteps(taskSteps(disk, task)) };
    } catch (error) {
      reply = { id, error: describe(error) };
    }
    port.postMessage(reply);
  });
});
