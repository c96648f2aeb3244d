import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lacking } from '../abilities.ts';
import { SYSCALL_FAULTS, SyscallInjector } from './syscall-injector.ts';

/** Writes a byte and syncs it for each word that it gets, and says how that went. */
const PROGRAM = `
const fs = require('node:fs');
const file = fs.openSync(process.argv[1], 'w');
process.stdin.on('data', () => {
  let said = 'done';
  try {
    fs.writeSync(file, 'x', 0);
    fs.fsyncSync(file);
  } catch (error) {
    said = error.code;
  }
  process.stdout.write(said);
});
process.stdout.write('ready');
`;

let directory: string;
let child: ChildProcess;

async function said(): Promise<string> {
  const [chunk] = (await once(child.stdout!, 'data')) as [Buffer];
  return chunk.toString();
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'assay-strace-'));
  const stdio = ['pipe', 'pipe', 'inherit'] as const;
  child = spawn(process.execPath, ['-e', PROGRAM, join(directory, 'file')], {
    stdio: [...stdio],
  });
  expect(await said()).toBe('ready');
});
afterEach(async () => {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  rmSync(directory, { recursive: true, force: true });
});

describe.skipIf(lacking(['strace']).length > 0)('system calls that are injected', () => {
  it.each([
    ['sync-eio', 'done EIO done done', 1],
    ['sync-eio-for-good', 'done EIO EIO EIO', 3],
    ['write-enospc', 'done ENOSPC done done', 1],
    ['sync-lies', 'done done done done', 4],
  ])('%s: %s', async (name, expected, struck) => {
    const fault = SYSCALL_FAULTS[name]!;
    const log = join(tmpdir(), `assay-strace-${process.pid}-${name}.log`);
    const parts = { fault, at: 2, pid: child.pid!, directory, log };
    const injector = await SyscallInjector.attach(parts);
    try {
      const outcomes: string[] = [];
      for (let i = 0; i < 4; i++) {
        child.stdin!.write('go');
        outcomes.push(await said());
      }
      expect(outcomes.join(' ')).toBe(expected);
    } finally {
      await injector.detach();
    }
    expect(injector.struck).toBe(struck);
    rmSync(log);
  });

  it('says why a process can not be traced', async () => {
    const parts = { fault: SYSCALL_FAULTS['sync-eio']!, at: 1, pid: 2 ** 22, directory };
    await expect(SyscallInjector.attach({ ...parts, log: join(directory, 'log') })).rejects.toThrow(
      'cannot trace',
    );
  });
});
