/**
 * Heap limit: lets the heap of this process grow with the machine. V8 ends a process at about 4 GiB
 * by default; a history of ten million operations needs more, and the memory is there.
 */
import { totalmem } from 'node:os';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';

/** The rest is for the file's text, the system and its other processes. */
const SHARE = 0.7;

/** Call before the heap is large. Never lowers the limit. */
export function raiseHeapLimit(): void {
  const constrained = process.constrainedMemory();
  const memory = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  const bytes = SHARE * memory;
  if (bytes <= getHeapStatistics().heap_size_limit) return;
  setFlagsFromString(`--max-old-space-size=${Math.floor(bytes / 2 ** 20)}`);
}
