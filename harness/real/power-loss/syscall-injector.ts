/**
 * SyscallInjector: makes system calls of a running process and its children fail or lie, through
 * `strace --inject`. An injected call is not executed: a sync that fails or lies has synced nothing.
 * Needs strace and the right to trace.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DISK_FAULTS, type DiskFault } from './disk-faults.ts';

const SYNCS = 'fsync,fdatasync,msync,sync_file_range';
const WRITES = 'write,pwrite64,writev,pwritev,pwritev2';
/** Without `write`, which is also used for sockets, if there are too many files to name. */
const WRITES_AT = 'pwrite64,pwritev,pwritev2';
/** strace compares each call with each path. */
const PATHS_MAX = 100;
const ATTACHED = /attached/g;

/** A disk fault that strace can also inject, into system calls on any file. */
export interface SyscallFault extends DiskFault {
  readonly injection: string;
}

const INJECTIONS = {
  'sync-lies': 'retval=0',
  'sync-eio': 'error=EIO',
  'sync-eio-for-good': 'error=EIO',
  'write-eio': 'error=EIO',
  'write-enospc': 'error=ENOSPC',
  'write-enospc-for-good': 'error=ENOSPC',
} as const;

export const SYSCALL_FAULTS: Readonly<Record<string, SyscallFault>> = Object.fromEntries(
  Object.entries(INJECTIONS).map(([name, injection]) => [
    name,
    { ...DISK_FAULTS[name]!, injection },
  ]),
);

export interface InjectorParts {
  readonly fault: SyscallFault;
  /** The first call to strike, counted per thread, starting at 1. */
  readonly at: number;
  readonly pid: number;
  /** Only writes to files below this directory are struck. */
  readonly directory: string;
  /** File for strace's output. */
  readonly log: string;
}

export class SyscallInjector {
  readonly #child: ChildProcess;
  readonly #log: string;

  private constructor(child: ChildProcess, log: string) {
    this.#child = child;
    this.#log = log;
  }

  /** Resolves when all threads are traced. Throws an Error with the reason if that fails. */
  static async attach(parts: InjectorParts): Promise<SyscallInjector> {
    const pids = familyOf(parts.pid);
    const args = ['-f', '-o', parts.log, ...filterOf(parts), ...pids.flatMap((pid) => ['-p', pid])];
    const child = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let words = '';
    await new Promise<void>((resolve, reject) => {
      child.stderr!.on('data', (chunk: Buffer) => {
        words += chunk.toString();
        if ((words.match(ATTACHED) ?? []).length >= pids.length) resolve();
      });
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`cannot trace: ${words.trim().slice(-300)}`)));
    });
    return new SyscallInjector(child, parts.log);
  }

  /** Number of calls struck so far. */
  get struck(): number {
    if (!existsSync(this.#log)) return 0;
    return (readFileSync(this.#log, 'utf8').match(/\(INJECTED\)/g) ?? []).length;
  }

  /** Detaches from running processes. Idempotent. */
  async detach(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGINT');
    await ended;
  }
}

function filterOf({ fault, at, directory }: InjectorParts): string[] {
  const paths = fault.calls === 'writes' ? filesBelow(directory) : [];
  const named = paths.length > 0 && paths.length <= PATHS_MAX;
  const calls = fault.calls === 'syncs' ? SYNCS : named ? WRITES : WRITES_AT;
  const when = { once: `:when=${at}`, 'for-good': `:when=${at}+`, always: '' }[fault.when];
  const only = named ? paths.flatMap((path) => ['-P', path]) : [];
  return [...only, '-e', `trace=${calls}`, '-e', `inject=${calls}:${fault.injection}${when}`];
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The process and all its descendants. */
function familyOf(pid: number): string[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // The process name in brackets may contain any character.
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // The process has just ended.
    }
  }
  const family = [pid];
  for (const member of family) family.push(...(children.get(member) ?? []));
  return family.map(String);
}
