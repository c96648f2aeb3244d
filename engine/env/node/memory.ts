/**
 * The memory of the machine, or of the control group (version 1 or 2) the process is in. One for the
 * process, so that all its stores share one budget.
 *
 * Pages of files that a group caches count as its usage, and the system takes them back when others
 * need them: they are counted as available here.
 */
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Memory, RESERVE_SHARE } from '../memory.ts';
import { PageThread } from './page-thread.ts';

const WATCH_MS = 1000;
/** What is available is read again after so long. */
const KNOWN_MS = 20;

interface Group {
  readonly limit: string;
  readonly usage: string;
  readonly stat: string;
  /** Names in `stat` of the pages of files. */
  readonly file: readonly [inactive: string, active: string];
}

const GROUP_ROOT = '/sys/fs/cgroup';

/** Where the numbers of this process's control group are, the nearest first. */
function groups(): Group[] {
  const lines = readText('/proc/self/cgroup').split('\n');
  const pathOf = (pattern: RegExp) =>
    lines.map((line) => pattern.exec(line)?.[1]).find((path) => path !== undefined);
  const first = pathOf(/^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/);
  const second = pathOf(/^0::(.*)$/);
  const upwards = (path: string) => {
    const parts = path.split('/').filter((part) => part !== '' && part !== '..');
    return [...parts.keys(), parts.length]
      .reverse()
      .map((depth) => parts.slice(0, depth).join('/'));
  };
  return [
    ...upwards(first ?? '').map((path) => ({
      limit: `${GROUP_ROOT}/memory/${path}/memory.limit_in_bytes`,
      usage: `${GROUP_ROOT}/memory/${path}/memory.usage_in_bytes`,
      stat: `${GROUP_ROOT}/memory/${path}/memory.stat`,
      file: ['total_inactive_file', 'total_active_file'] as const,
    })),
    ...upwards(second ?? '').map((path) => ({
      limit: `${GROUP_ROOT}/${path}/memory.max`,
      usage: `${GROUP_ROOT}/${path}/memory.current`,
      stat: `${GROUP_ROOT}/${path}/memory.stat`,
      file: ['inactive_file', 'active_file'] as const,
    })),
  ];
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // not this version of control groups, or not Linux
  }
}

/** The number behind `name` at the beginning of a line, in the unit of the file. */
function numberIn(text: string, name: string): number {
  const at = text.startsWith(name) ? 0 : text.indexOf(`\n${name}`) + 1;
  if (at === 0 && !text.startsWith(name)) return 0;
  return Number.parseInt(text.slice(at + name.length).replace(/^[:\s]+/, ''), 10) || 0;
}

/** Groups that have a limit below the machine's memory, with it. */
function limitedGroups(machineBytes: number): (Group & { readonly bytes: number })[] {
  return groups()
    .map((group) => ({ ...group, bytes: Number.parseInt(readText(group.limit), 10) }))
    .filter(({ bytes }) => bytes > 0 && bytes < machineBytes);
}

function machineAvailable(): number {
  const kibibytes = numberIn(readText('/proc/meminfo'), 'MemAvailable');
  return kibibytes > 0 ? 1024 * kibibytes : process.availableMemory();
}

function availableIn({ bytes, usage, stat, file }: Group & { readonly bytes: number }): number {
  const stats = readText(stat);
  const cached = file.reduce((sum, name) => sum + numberIn(stats, `${name} `), 0);
  return bytes - Number.parseInt(readText(usage), 10) + cached;
}

function memoryOfMachine(): number {
  const kibibytes = numberIn(readText('/proc/meminfo'), 'MemTotal');
  return kibibytes > 0 ? 1024 * kibibytes : process.availableMemory();
}

/** Collects garbage once the caller's turn is over. Node says nowhere how; V8 does. */
function collectSoon(): void {
  setImmediate(() => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as (() => void) | undefined;
    setFlagsFromString('--no-expose-gc');
    collect?.();
  }).unref();
}

function measureMemory(): Memory {
  const machineBytes = memoryOfMachine();
  const limited = limitedGroups(machineBytes);
  const limitBytes = Math.min(machineBytes, ...limited.map(({ bytes }) => bytes));
  const pages = new PageThread();
  let known = 0;
  let knownAt = Number.NEGATIVE_INFINITY;
  const memory: Memory = {
    limitBytes: () => limitBytes,
    availableBytes() {
      const now = performance.now();
      if (now - knownAt > KNOWN_MS) {
        known = Math.max(0, Math.min(machineAvailable(), ...limited.map(availableIn)));
        knownAt = now;
      }
      return known;
    },
    watch(relieve) {
      const look = () => {
        const reserve = RESERVE_SHARE * limitBytes;
        const available = memory.availableBytes();
        if (available < reserve) relieve(2 * reserve - available);
      };
      const interval = setInterval(look, WATCH_MS).unref();
      return {
        cancel() {
          clearInterval(interval);
          pages.end();
        },
      };
    },
    backAhead: (bytes) => pages.back(bytes),
    released: collectSoon,
  };
  return memory;
}

let measured: Memory | undefined;

/** The same for every store of the process; limits are read once, with the first. */
export function nodeMemory(): Memory {
  measured ??= measureMemory();
  return measured;
}
