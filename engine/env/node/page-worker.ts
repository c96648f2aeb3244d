/**
 * Worker thread that pre-faults memory: touches each page of a buffer, last page first, while the main
 * thread fills the buffer from its start. An atomic OR with zero faults the page in and changes no byte,
 * even if another thread writes to it at the same time.
 */
import { parentPort } from 'node:worker_threads';

const PAGE_BYTES = 4096;

parentPort?.on('message', (bytes: Uint8Array) => {
  for (let at = bytes.length - 1; at >= 0; at -= PAGE_BYTES) Atomics.or(bytes, at, 0);
});
