/**
 * The thread that has pages backed ahead of use: writes nothing to each of a piece's pages, the last
 * first, while whoever asked for them fills the piece from its beginning. An atomic OR with zero is a
 * write to the system, and changes no byte, whatever another thread writes there at that moment.
 */
import { parentPort } from 'node:worker_threads';

const PAGE_BYTES = 4096;

parentPort?.on('message', (bytes: Uint8Array) => {
  for (let at = bytes.length - 1; at >= 0; at -= PAGE_BYTES) Atomics.or(bytes, at, 0);
});
