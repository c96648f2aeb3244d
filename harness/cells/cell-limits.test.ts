import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { watchLimits } from './cell-limits.ts';

const MIB = 2 ** 20;
const NO_HURRY_SECONDS = 600;
/** Above what two idle Nodes take, and below what one takes that hoards. */
const LIMIT_MIB = 250;
const HOARD = `globalThis.hoard = Buffer.alloc(${2 * LIMIT_MIB * MIB}, 1); setInterval(() => {}, 1000);`;
const CHILD_THAT_HOARDS = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(HOARD)}]).ref();
setInterval(() => {}, 1000); process.on('SIGTERM', () => process.exit());`;

async function stopOf(script: string): Promise<string | undefined> {
  const child: ChildProcess = spawn(process.execPath, ['-e', script], { detached: true });
  const limits = { seconds: NO_HURRY_SECONDS, memoryBytes: LIMIT_MIB * MIB };
  const watch = watchLimits(child, limits);
  await once(child, 'exit');
  try {
    process.kill(-child.pid!, 'SIGKILL'); // what it left behind
  } catch {
    // nothing
  }
  return watch.end()?.reason;
}

it.runIf(process.platform === 'linux').each([
  ['the process itself', HOARD],
  ['a child of it', CHILD_THAT_HOARDS],
])('stops a process for the memory of %s', async (_, script) => {
  expect(await stopOf(script)).toMatch(/^killed: out of memory at \d/);
});

it('names the call of an adapter that does not return, before the time of the cell is over', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000);']);
  const watch = watchLimits(child, { seconds: 1, memoryBytes: Number.MAX_SAFE_INTEGER });
  watch.calling('mine does not return from get');
  watch.calling(null);
  watch.calling('mine does not return from put');
  await once(child, 'exit');
  expect(watch.end()).toEqual({
    kind: 'adapter',
    reason: 'adapter error: mine does not return from put: no answer in 0.5 s',
  });
});
