/**
 * Raises the heap limit of this process in proportion to the machine's memory. V8's default is about 4
 * GiB; a history of ten million operations needs more.
 */
import { totalmem } from 'node:os';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';

/** Share of memory for the heap; the rest is for the file's text and other processes. */
const SHARE = 0.7;

/** Call before the heap is large. Never lowers the limit. */
export function raiseHeapLimit(): void {
  const constrained = process.constrainedMemory();
  const memory = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  const bytes = SHARE * memory;
  if (bytes <= getHeapStatistics().heap_size_limit) return;
  setFlagsFromString(`--max-old-space-size=${Math.floor(bytes / 2 ** 20)}`);
}
