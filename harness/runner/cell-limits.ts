/**
 * Limits of a cell's process, seen from outside: wall-clock time and resident memory. Both end the
 * process with SIGKILL; neither is ever evidence against the target.
 */
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

const MIB = 2 ** 20;
const MEMORY_POLL_MS = 200;

/** Resident memory that one cell may take: 6 GiB, and on small machines half of what there is. */
export const CELL_MEMORY_BYTES = Math.min(6 * 1024 * MIB, totalmem() / 2);

/** Why a process was stopped. */
export interface Stop {
  readonly kind: 'time' | 'memory';
  readonly reason: string;
}

export interface CellLimits {
  readonly seconds: number;
  readonly memoryBytes: number;
}

/** Stops `child` at its limits. Call `end` when it has exited; it answers why it was stopped. */
export function watchLimits(child: ChildProcess, { seconds, memoryBytes }: CellLimits) {
  let stop: Stop | undefined;
  const kill = (why: Stop) => {
    stop ??= why;
    child.kill('SIGKILL');
  };
  const timer = setTimeout(() => {
    kill({ kind: 'time', reason: `ran out of time: stopped at its limit of ${seconds} s` });
  }, seconds * 1000);
  const poll = setInterval(() => {
    const used = residentBytes(child.pid);
    if (used > memoryBytes) kill({ kind: 'memory', reason: outOfMemory(used) });
  }, MEMORY_POLL_MS);
  return {
    end(): Stop | undefined {
      clearTimeout(timer);
      clearInterval(poll);
      return stop;
    },
  };
}

export function outOfMemory(bytes: number): string {
  const mebibytes = bytes / MIB;
  const shown =
    mebibytes < 1024 ? `${Math.round(mebibytes)} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
  return `killed: out of memory at ${shown}`;
}

/** 0 where the system has no /proc or the process is gone. */
export function residentBytes(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
