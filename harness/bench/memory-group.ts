/**
 * The same memory limit for every store: each store's processes run in a control group of their own
 * (cgroup v1 or v2), which counts their memory and the page cache they fill. Needs root, or a delegated
 * group.
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

const ROOT = '/sys/fs/cgroup';
const VARIABLE = 'ASSAY_BENCH_MEMORY_GROUP';
const REMOVE_TRIES = 50;
const REMOVE_EVERY_MS = 100;

export class MemoryGroup {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Environment for a process that calls `joinMemoryGroup`. */
  get environment(): Record<string, string> {
    return { [VARIABLE]: this.#path };
  }

  /** Throws Error with a readable reason if the system provides no such group. */
  static create(name: string, bytes: number): MemoryGroup {
    const version1 = existsSync(`${ROOT}/memory/memory.limit_in_bytes`);
    const path = version1 ? `${ROOT}/memory/${name}` : `${ROOT}/${name}`;
    try {
      if (!version1) enableMemory();
      mkdirSync(path);
      writeFileSync(`${path}/${version1 ? 'memory.limit_in_bytes' : 'memory.max'}`, String(bytes));
      // No swap: figures of a store that is swapped out mean nothing.
      const swap = version1 ? 'memory.memsw.limit_in_bytes' : 'memory.swap.max';
      if (existsSync(`${path}/${swap}`)) {
        writeFileSync(`${path}/${swap}`, String(version1 ? bytes : 0));
      }
    } catch (error) {
      throw new Error(`no memory group of ${bytes} bytes: ${(error as Error).message}`);
    }
    return new MemoryGroup(path);
  }

  /** Peak usage in bytes; undefined where the system does not report it. */
  get peakBytes(): number | undefined {
    for (const name of ['memory.max_usage_in_bytes', 'memory.peak']) {
      const path = `${this.#path}/${name}`;
      if (existsSync(path)) return Number(readFileSync(path, 'utf8'));
    }
    return undefined;
  }

  /** Removes the group once its processes have ended. */
  async remove(): Promise<void> {
    for (let tries = 0; tries < REMOVE_TRIES; tries++) {
      try {
        rmdirSync(this.#path);
        return;
      } catch {
        await wait(REMOVE_EVERY_MS);
      }
    }
  }
}

/** Moves this process, and processes it starts later, into the group named in its environment, if any. */
export function joinMemoryGroup(): void {
  const path = process.env[VARIABLE];
  if (path !== undefined) writeFileSync(`${path}/cgroup.procs`, String(process.pid));
}

function enableMemory(): void {
  const control = `${ROOT}/cgroup.subtree_control`;
  if (!readFileSync(control, 'utf8').includes('memory')) writeFileSync(control, '+memory');
}
