/** Trial of a cell's limit of memory: a process that is small itself and has a large descendant. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { watchLimits } from '../cells/cell-limits.ts';

const MIB = 2 ** 20;
const HELD_MIB = 160;
const LIMIT_MIB = 100;
/** Ends by itself after so long, when nobody ends it. */
const LASTS_SECONDS = 15;

const HOARDER = `globalThis.held = Buffer.alloc(${HELD_MIB * MIB}, 1);
setTimeout(() => {}, ${LASTS_SECONDS * 1000});`;
/** A shell that waits for its last command. */
const WAITS = '"$0" -e "$1"; exit 0';

/** Where the system does not tell of children there is nothing to try. */
export async function tryLimits(): Promise<string | undefined> {
  const { pid, execPath } = process;
  if (!existsSync(`/proc/${pid}/task/${pid}/children`)) return undefined;
  const env = { ...process.env, NODE_OPTIONS: '' };
  const how = { stdio: 'ignore', detached: true, env } as const;
  const child = spawn('/bin/sh', ['-c', WAITS, execPath, HOARDER], how);
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
