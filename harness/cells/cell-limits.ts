/**
 * Limits of a cell's process, seen from outside: wall-clock time, and the memory of the process and of
 * all that descend from it (stores that are killed run in processes of their own). Both end the process
 * with SIGKILL, and its watchdog ends the others; neither is ever evidence against the target. A call
 * of an adapter that does not return while it is checked ends the process as well.
 */
import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

const MIB = 2 ** 20;
const MEMORY_POLL_MS = 200;
/** The share of a cell's time that one call of an adapter may take while it is checked. */
const CALL_SHARE = 0.5;

/** Resident memory limit of one cell: 6 GiB, or half of a smaller machine's memory. */
export const CELL_MEMORY_BYTES = Math.min(6 * 1024 * MIB, totalmem() / 2);

/** Why a process was stopped. */
export interface Stop {
  readonly kind: 'time' | 'memory' | 'adapter';
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
    const used = memoryOfTree(child.pid);
    if (used > memoryBytes) kill({ kind: 'memory', reason: outOfMemory(used) });
  }, MEMORY_POLL_MS);
  let callTimer: NodeJS.Timeout | undefined;
  return {
    /** A call of an adapter that has begun, in a sentence; null when it has returned. */
    calling(call: string | null): void {
      clearTimeout(callTimer);
      if (call === null) return;
      const allowed = seconds * CALL_SHARE;
      const reason = `adapter error: ${call}: no answer in ${allowed} s`;
      callTimer = setTimeout(() => kill({ kind: 'adapter', reason }), allowed * 1000);
    },
    end(): Stop | undefined {
      clearTimeout(timer);
      clearTimeout(callTimer);
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
  return statusBytes(pid, /^VmRSS:\s+(\d+) kB/m);
}

/** Resident memory of a process, and of its descendants what they share with no one. */
export function memoryOfTree(pid: number | undefined): number {
  return residentBytes(pid) + sumOverChildren(pid);
}

function sumOverChildren(pid: number | undefined): number {
  return childrenOf(pid).reduce((sum, child) => {
    return sum + statusBytes(child, /^RssAnon:\s+(\d+) kB/m) + sumOverChildren(child);
  }, 0);
}

/** Children of all threads; none where the system does not tell. */
function childrenOf(pid: number | undefined): number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const lists = threads.map((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'),
    );
    return lists.join(' ').trim().split(/\s+/).filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function statusBytes(pid: number | undefined, line: RegExp): number {
  try {
    return Number(line.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
