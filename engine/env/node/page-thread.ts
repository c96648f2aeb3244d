/**
 * PageThread: backs fresh memory with pages on a thread of its own. The first write to each page of
 * new memory costs up to 20 µs under a hypervisor, more than reading what is to be put there.
 *
 * It is an aid: where no thread can be had, or it dies, pages are backed when they are first used.
 */
import { Worker } from 'node:worker_threads';

/** Smaller pieces are not worth a message. */
const BYTES_MIN = 2 ** 20;

export class PageThread {
  #thread: Worker | undefined;
  #isRefused = false;

  /** Only shared memory can be handed over; other memory is left alone. */
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
