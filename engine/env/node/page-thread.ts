/**
 * PageThread: pre-faults new memory on a worker thread. Under a hypervisor the first write to a page
 * can cost 20 µs, more than reading the data that goes there.
 *
 * Optional: if the thread cannot start, or dies, pages are faulted in on first use.
 */
import { Worker } from 'node:worker_threads';

/** Smaller buffers are not worth a message. */
const BYTES_MIN = 2 ** 20;

export class PageThread {
  #thread: Worker | undefined;
  #isRefused = false;

  /** Ignores memory that is not shared: the worker could not see it. */
  back(bytes: Uint8Array): void {
    const isShared = bytes.buffer instanceof SharedArrayBuffer;
    if (this.#isRefused || !isShared || bytes.length < BYTES_MIN) return;
    try {
      this.#thread ??= this.#start();
      this.#thread.postMessage(bytes);
    } catch {
      this.#isRefused = true;
    }
  }

  end(): void {
    void this.#thread?.terminate();
    this.#thread = undefined;
  }

  #start(): Worker {
    const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
    const thread = new Worker(new URL(`./page-worker${extension}`, import.meta.url));
    const gone = () => {
      if (this.#thread !== thread) return;
      this.#thread = undefined;
      this.#isRefused = true;
    };
    thread.on('error', gone).on('exit', gone).unref();
    return thread;
  }
}
