/**
 * TouchAhead: a worker touches fresh segment memory before writers come to it, for the system gives
 * memory out page by page at its first use, a few microseconds each. Memory that is reused was
 * touched before. A store that is hardly written never pays: the first commits of a process are
 * left alone, and so are small segments.
 */
import type { Background } from '../env/background.ts';
import type { LogSegment } from '../wal/segment.ts';
import type { Task } from './task.ts';

const BEGIN_BYTES = 1024 * 1024;

export class TouchAhead {
  readonly #background: Background;
  #writing = false;

  constructor(background: Background) {
    this.#background = background;
  }

  /** Called after commits: once there were some, this segment and the next are touched. */
  committed(active: LogSegment, next: LogSegment | undefined): void {
    if (this.#writing || active.usedBytes < BEGIN_BYTES) return;
    this.#writing = true;
    this.#touch(active);
    if (next !== undefined) this.prepared(next, active);
  }

  /** Called with each segment made ready: it will hold about as many entries as the active one. */
  prepared(next: LogSegment, active: LogSegment): void {
    if (!this.#writing) return;
    next.memtable.reserve(active.memtable.capacity);
    this.#touch(next);
  }

  #touch({ memtable }: LogSegment): void {
    if (memtable.touchedCapacity >= memtable.capacity) return;
    memtable.touchedCapacity = memtable.capacity;
    const task: Task = { kind: 'touch', memory: memtable.memory };
    this.#background.run(task, 'flush').catch(() => undefined); // then it is merely slower
  }
}
