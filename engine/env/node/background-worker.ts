/** The worker thread's side: receives a task, runs its steps to the end, answers. */
import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
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

type Request = { readonly id: number; readonly task: Task };

/** How many steps of a merge go by between two looks for a flush. */
const STEPS_BETWEEN_LOOKS = 16;

async function serve({ id, task }: Request): Promise<void> {
  let reply: WorkerReply;
  try {
    reply = { id, result: await driveTask(task) };
  } catch (error) {
    reply = { id, error: describe(error) };
  }
  port!.postMessage(reply);
}

/** Runs a task to its end. A flush that comes during a merge goes first: writers wait for it. */
async function driveTask(task: Task): Promise<unknown> {
  if (task.kind === 'flush') return driveSteps(taskSteps(disk, task));
  let steps = 0;
  return driveSteps(taskSteps(disk, task), async () => {
    if (++steps % STEPS_BETWEEN_LOOKS !== 0) return;
    for (
      let next = receiveMessageOnPort(port!);
      next !== undefined;
      next = receiveMessageOnPort(port!)
    ) {
      const request = next.message as Request;
      if (request.task.kind === 'flush') await serve(request);
      else waiting.push(request);
    }
  });
}

const waiting: Request[] = [];
let serving = false;
port.on('message', async (request: Request) => {
  waiting.push(request);
  if (serving) return;
  serving = true;
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await serve(next);
  serving = false;
});
