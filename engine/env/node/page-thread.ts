/**
 * PageThread: pre-faults new memory on a worker thread. Under a hypervisor the first write to a page
 * can cost 20 µs, more than reading the data that goes there.
 *
 * Optional: if the thread cannot start, or dies, pages are faulted in on first use.
 */
import { Worker } from 'node:worker_threads';

/** Smaller buffers are not worth a message. */
const BYTES_MIN = 2 ** 20;

/** What the thread is told. */
export interface Backing {
  readonly bytes: Uint8Array;
  /** One word: how many of the bytes are backed. */
  readonly progress: Int32Array;
}

export class PageThread {
  #thread: Worker | undefined;
  #isRefused = false;

  /**
   * Answers where the thread says how many of the bytes are backed; `undefined` for memory that is not
   * shared, for the worker could not see it, and where no thread is to be had.
   */
  back(bytes: Uint8Array): Int32Array | undefined {
    const isShared = bytes.buffer instanceof SharedArrayBuffer;
    if (this.#isRefused || !isShared || bytes.length < BYTES_MIN) return undefined;
    const progress = new Int32Array(new SharedArrayBuffer(4));
    try {
      this.#thread ??= this.#start();
      const backing: Backing = { bytes, progress };
      this.#thread.postMessage(backing);
      return progress;
    } catch {
      this.#isRefused = true;
      return undefined;
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
