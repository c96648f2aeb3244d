/**
 * One memory limit for all stores: each store's processes run in a control group of their own
 * (version 1 or 2), which counts their memory and the pages of files that they bring into the system's
 * cache. Needs root, or a group that was handed to the user.
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

  /** For `joinMemoryGroup` in a process that is to belong to it. */
  get environment(): Record<string, string> {
    return { [VARIABLE]: this.#path };
  }

  /** Throws Error, in words for people, when the system gives no such group. */
  static create(name: string, bytes: number): MemoryGroup {
    const version1 = existsSync(`${ROOT}/memory/memory.limit_in_bytes`);
    const path = version1 ? `${ROOT}/memory/${name}` : `${ROOT}/${name}`;
    try {
      if (!version1) enableMemory();
      mkdirSync(path);
      writeFileSync(`${path}/${version1 ? 'memory.limit_in_bytes' : 'memory.max'}`, String(bytes));
      // Without swap: a store that is swapped out is not measured.
      const swap = version1 ? 'memory.memsw.limit_in_bytes' : 'memory.swap.max';
      if (existsSync(`${path}/${swap}`)) {
        writeFileSync(`${path}/${swap}`, String(version1 ? bytes : 0));
      }
    } catch (error) {
      throw new Error(`no memory group of ${bytes} bytes: ${(error as Error).message}`);
    }
    return new MemoryGroup(path);
  }

  /** The most that was used at once, in bytes; undefined where the system does not say. */
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

/** Puts this process, and what it starts later, into the group it was told of, if any. */
export function joinMemoryGroup(): void {
  const path = process.env[VARIABLE];
  if (path !== undefined) writeFileSync(`${path}/cgroup.procs`, String(process.pid));
}

function enableMemory(): void {
  const control = `${ROOT}/cgroup.subtree_control`;
  if (!readFileSync(control, 'utf8').includes('memory')) writeFileSync(control, '+memory');
}
