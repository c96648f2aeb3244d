/**
 * LaneWorker: the worker thread of one lane, started at the first task and again after it died.
 *
 * 1. A task whose worker dies is rejected. Where no thread can be had, or several died one after the
 *    other, a task runs on this thread, step by step: slower, and the store goes on.
 * 2. A worker that is being ended is retired: what it still says changes nothing, and the process
 *    stays alive until it has ended.
 * 3. `close` rejects what is under way once the thread has ended, and touches no file any more.
 */
import { Worker } from 'node:worker_threads';
import { type Task, taskSteps } from '../../compaction/task.ts';
import { StoreError } from '../../errors.ts';
import { driveSteps, type Lane } from '../background.ts';
import { nodeDisk } from './disk.ts';

interface Pending {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** What the worker answers. Errors cross the thread as fields, not as classes. */
export type WorkerReply =
  | { readonly id: number; readonly result: unknown }
  | {
      readonly id: number;
      readonly error: { readonly code: string; readonly message: string; readonly file?: string };
    };

export interface LaneWorker {
  run(task: unknown): Promise<unknown>;
  close(): Promise<void>;
}

/** Consecutive worker deaths without an answer, after which tasks run on this thread. */
const DEATHS_MAX = 2;

/** Worker URLs take their extension from this file's own: `.ts` here, `.js` when compiled. */
function workerUrl(): URL {
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
  return new URL(`./background-worker${extension}`, import.meta.url);
}

/** A thread and the tasks that wait for its answers. */
interface Running {
  readonly thread: Worker;
  readonly pending: Map<number, Pending>;
}

export function laneWorker(lane: Lane): LaneWorker {
  let worker: Running | undefined;
  let nextId = 1;
  let deaths = 0;
  let closes = 0;
  /** The tasks that run on this thread, one after the other. */
  let here: Promise<unknown> = Promise.resolve();

  function died(dead: Running, message: string, cause?: unknown): void {
    if (worker !== dead) return;
    worker = undefined;
    deaths++;
    rejectAll(dead, new StoreError('io', message, false, { cause }));
  }

  function answered(from: Running, reply: WorkerReply): void {
    if (worker !== from) return;
    deaths = 0;
    const waiter = from.pending.get(reply.id);
    from.pending.delete(reply.id);
    if (from.pending.size === 0) from.thread.unref();
    if ('result' in reply) {
      waiter?.resolve(reply.result);
      return;
    }
    const { code, message, file } = reply.error;
    const details = file === undefined ? {} : { file };
    waiter?.reject(new StoreError(code as StoreError['code'], message, false, details));
  }

  /** `undefined` where the system gives no thread. */
  function start(): Running | undefined {
    let started: Running;
    try {
      const thread = new Worker(workerUrl(), { workerData: lane });
      started = { thread, pending: new Map() };
    } catch {
      return undefined;
    }
    const { thread } = started;
    thread.on('message', (reply: WorkerReply) => answered(started, reply));
    thread.on('error', (cause) =>
      died(started, `the background worker died: ${String(cause)}`, cause),
    );
    thread.on('exit', () => died(started, 'the background worker ended'));
    return started;
  }

  function runHere(task: unknown): Promise<unknown> {
    const mine = closes;
    const pause = () =>
      new Promise<void>((resolve, reject) => {
        setImmediate(() => (mine === closes ? resolve() : reject(closed())));
      });
    const done = here.then(() => driveSteps(taskSteps(nodeDisk(), task as Task), pause));
    here = done.catch(() => undefined);
    return done;
  }

  return {
    run(task) {
      if (deaths <= DEATHS_MAX) worker ??= start();
      const current = worker;
      if (current === undefined) {
        deaths = 0; // the next task tries a thread again
        return runHere(task);
      }
      const id = nextId++;
      return new Promise((resolve, reject) => {
        current.thread.postMessage({ id, task });
        current.thread.ref();
        current.pending.set(id, { resolve, reject });
      });
    },
    async close() {
      closes++;
      const current = worker;
      worker = undefined;
      current?.thread.ref();
      await current?.thread.terminate();
      if (current !== undefined) rejectAll(current, closed());
      await here;
    },
  };
}

function rejectAll({ pending }: Running, error: StoreError): void {
  for (const waiter of pending.values()) waiter.reject(error);
  pending.clear();
}

function closed(): StoreError {
  return new StoreError('store-closed', 'the store was closed', false);
}
