import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeEnv, open, utf8 } from '../../index.ts';

const engine = new URL('../../index.ts', import.meta.url).href;
const key = utf8.encode('key');
const PREAMBLE = `
  const { nodeEnv, open, utf8 } = await import(${JSON.stringify(engine)});
  const key = utf8.encode('key');
  const openAt = (directory) => open(nodeEnv(), { directory, segmentBytes: 65536 });
  const root = import.meta.dirname;
`;

/** A program of its own, in `root`. */
function programOf(code: string, root: string): string {
  const path = join(root, 'program.mjs');
  writeFileSync(path, PREAMBLE + code);
  return path;
}

/** What another process prints. */
const inAnotherProcess = (code: string, root: string) =>
  execFileSync(process.execPath, [programOf(code, root)], { encoding: 'utf8' }).trim();

const TRY = `console.log(await openAt(root + '/store').then(() => 'opened', (e) => e.message));`;

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'assay-lock-')));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('the lock of a store', () => {
  it('is held while its own process reads and copies its files, and names its holder', async () => {
    const directory = join(root, 'store');
    const store = await open(nodeEnv(), { directory, segmentBytes: 65536 });
    await store.put(key, utf8.encode('acknowledged'));
    for (const name of nodeEnv().disk.list(directory)) readFileSync(join(directory, name));
    cpSync(directory, join(root, 'copy'), { recursive: true });
    const refusal = inAnotherProcess(TRY, root);
    expect(refusal).toContain(`another process (pid ${process.pid}) holds the lock`);
    await expect(open(nodeEnv(), { directory })).rejects.toMatchObject({
      code: 'store-locked',
      definite: true,
      message: expect.stringContaining('this process'),
    });
    const copy = await open(nodeEnv(), { directory: join(root, 'copy'), segmentBytes: 65536 });
    expect(utf8.decode(copy.get(key)!)).toBe('acknowledged');
    await copy.close();
    await store.close();
    expect(inAnotherProcess(TRY, root)).toBe('opened');
  });

  it('is free when its holder was killed', async () => {
    const hold = `await openAt(root + '/store'); console.log('open'); setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, [programOf(hold, root)]);
    await once(holder.stdout, 'data');
    const directory = join(root, 'store');
    await expect(open(nodeEnv(), { directory })).rejects.toMatchObject({ code: 'store-locked' });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await (await open(nodeEnv(), { directory })).close();
  });
});

describe('a relative directory', () => {
  it('means the same after the working directory has changed', () => {
    mkdirSync(join(root, 'one'));
    mkdirSync(join(root, 'two'));
    const code = `
      const { readFileSync } = await import('node:fs');
      process.chdir(root + '/two');
      const two = await openAt('store');
      await two.put(key, utf8.encode('of two'));
      await two.close();
      const manifest = readFileSync('store/MANIFEST');
      process.chdir(root + '/one');
      const one = await openAt('store');
      process.chdir(root + '/two');
      await one.put(key, utf8.encode('of one'));
      await one.checkpoint();
      await one.compact();
      await one.close();
      const again = await openAt(root + '/one/store');
      console.log(utf8.decode(again.get(key)), manifest.equals(readFileSync('store/MANIFEST')));
      await again.close();`;
    expect(inAnotherProcess(code, root)).toBe('of one true');
  });
});
