/**
 * Worker thread that pre-faults memory: touches each page of a buffer, first page first, and says how far
 * it has come. An atomic OR with zero faults the page in and changes no byte, even if another thread writes
 * to it at the same time.
 */
import { parentPort } from 'node:worker_threads';
import type { Backing } from './page-thread.ts';

const PAGE_BYTES = 4096;
const PAGES_A_NOTE = 64;

parentPort?.on('message', ({ bytes, progress }: Backing) => {
  for (let at = 0; at < bytes.length; at += PAGE_BYTES) {
    Atomics.or(bytes, at, 0);
    if (at % (PAGES_A_NOTE * PAGE_BYTES) === 0) Atomics.store(progress, 0, at);
  }
  Atomics.store(progress, 0, bytes.length);
});
