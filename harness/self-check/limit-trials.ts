/** Trial of a cell's limit of memory: a process that is small itself and has a large descendant. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watchLimits } from '../runner/cell-limits.ts';

const MIB = 2 ** 20;
const HELD_MIB = 64;
const LIMIT_MIB = 32;
/** Ends by itself after so long, when nobody ends it. */
const LASTS_SECONDS = 15;

/** `tail` keeps a line that does not end in memory. */
const HOARDER = `{ head -c ${HELD_MIB}M /dev/zero; sleep ${LASTS_SECONDS}; } | tail -n 1; exit 0`;

/** Where the system does not tell of memory there is nothing to try. */
export async function tryLimits(): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  const child = spawn('/bin/sh', ['-c', HOARDER], { stdio: 'ignore', detached: true });
  const limits = { seconds: 2 * LASTS_SECONDS, memoryBytes: LIMIT_MIB * MIB };
  const watch = watchLimits(child, limits);
  await once(child, 'exit');
  try {
    process.kill(-child.pid!, 'SIGKILL');
  } catch {
    // nothing is left
  }
  return watch.end()?.kind === 'memory'
    ? undefined
    : 'a cell may take any amount of memory, in processes that it starts';
}
