/**
 * Background work on worker threads, one a lane, started at the first task and again after it died.
 */
import { Worker } from 'node:worker_threads';
import { StoreError } from '../../errors.ts';
import type { Background, Lane } from '../background.ts';

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

/** Worker URLs take their extension from this file's own: `.ts` here, `.js` when compiled. */
function workerUrl(): URL {
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
  return new URL(`./background-worker${extension}`, import.meta.url);
}

export function nodeBackground(): Background {
  const lanes = { flush: laneWorker('flush'), merge: laneWorker('merge') };
  return {
    run: (task, lane) => lanes[lane].run(task),
    another: nodeBackground,
    async close() {
      await Promise.all([lanes.flush.close(), lanes.merge.close()]);
    },
  };
}

function laneWorker(lane: Lane) {
  let worker: Worker | undefined;
  let nextId = 1;
  const pending = new Map<number, Pending>();

  function failAll(error: unknown): void {
    for (const waiter of pending.values()) waiter.reject(error);
    pending.clear();
    worker = undefined;
  }

  function start(): Worker {
    const started = new Worker(workerUrl(), { workerData: lane });
    started.on('message', (reply: WorkerReply) => {
      const waiter = pending.get(reply.id);
      pending.delete(reply.id);
      if (pending.size === 0) started.unref();
      if ('result' in reply) waiter?.resolve(reply.result);
      else {
        const { code, message, file } = reply.error;
        const details = file === undefined ? {} : { file };
        waiter?.reject(new StoreError(code as StoreError['code'], message, false, details));
      }
    });
    started.on('error', (cause) => {
      failAll(
        new StoreError('io', `the background worker died: ${String(cause)}`, false, { cause }),
      );
    });
    started.on('exit', () => {
      if (worker === started) failAll(new StoreError('io', 'the background worker ended', false));
    });
    return started;
  }

  return {
    run(task: unknown): Promise<unknown> {
      worker ??= start();
      worker.ref();
      const id = nextId++;
      const current = worker;
      return new Promise((resolve, reject) => {
        pending.set(id, { resolve, reject });
        current.postMessage({ id, task });
      });
    },
    async close(): Promise<void> {
      const current = worker;
      worker = undefined;
      failAll(new StoreError('store-closed', 'the store was closed', false));
      await current?.terminate();
    },
  };
}
