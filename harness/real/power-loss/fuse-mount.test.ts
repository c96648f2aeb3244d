import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ABILITIES } from '../abilities.ts';
import { makeScratch, mountIn, removeScratch } from '../scratch.ts';
import { Watchdog } from '../watchdog.ts';
import { DISK_FAULTS } from './disk-faults.ts';
import { FuseMount } from './fuse-mount.ts';

const canMount = ABILITIES.get('fuse')!.available();

/** Writes, and syncs where that is asked for. */
function put(path: string, text: string, syncs = true): void {
  const file = openSync(path, 'w');
  writeSync(file, text);
  if (syncs) fsyncSync(file);
  closeSync(file);
}

const read = (path: string) => readFileSync(path, 'latin1');

function errorOf(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

describe.skipIf(!canMount)('a mounted file system that loses power', () => {
  const scratch = makeScratch();
  const root = mountIn(scratch);
  const watchdog = new Watchdog();
  let mount: FuseMount;
  let tests = 0;
  let d = '';

  beforeAll(async () => {
    watchdog.guard({ directory: scratch });
    watchdog.guard({ mount: root });
    mkdirSync(root);
    mount = await FuseMount.on(root);
  });
  beforeEach(() => {
    d = `${root}/${++tests}`;
    mkdirSync(d);
  });
  afterAll(async () => {
    await mount?.unmount();
    await watchdog.end();
    removeScratch(scratch);
  });

  it('has inodes: names share bytes, and an open file outlives its name', () => {
    put(`${d}/a`, 'first');
    linkSync(`${d}/a`, `${d}/b`);
    expect(statSync(`${d}/a`).ino).toBe(statSync(`${d}/b`).ino);
    const file = openSync(`${d}/a`, 'r+');
    unlinkSync(`${d}/a`);
    put(`${d}/c`, 'other');
    renameSync(`${d}/c`, `${d}/b`);
    expect([fstatSync(file).nlink, readdirSync(d)]).toEqual([0, ['b']]);
    writeSync(file, 'FIRST', 0);
    expect([readFileSync(file, 'latin1'), read(`${d}/b`)]).toEqual(['FIRST', 'other']);
    closeSync(file);
  });

  it('keeps names that are no UTF-8, and 255 bytes long', () => {
    const names = [Buffer.from([0x61, 0xff]), Buffer.from('n'.repeat(255))];
    for (const name of names) writeFileSync(Buffer.concat([Buffer.from(`${d}/`), name]), '');
    expect(readdirSync(d, { encoding: 'buffer' }).sort(Buffer.compare)).toEqual(names);
    expect(errorOf(() => writeFileSync(`${d}/${'n'.repeat(256)}`, ''))).toBe('ENAMETOOLONG');
  });

  it('keeps what was synced, and undoes what was not', async () => {
    put(`${d}/kept`, 'synced');
    put(`${d}/lost`, 'not synced', false);
    unlinkSync(`${d}/kept`);
    await mount.cut('none', 1);
    expect([readdirSync(d), read(`${d}/kept`)]).toEqual([['kept'], 'synced']);
    expect(statSync(`${d}/kept`).nlink).toBe(1);
  });

  it('answers EIO to processes that outlive the cut, and does not let them write to the restored tree', async () => {
    put(`${d}/f`, 'old');
    const file = openSync(`${d}/f`, 'r+');
    const gone = openSync(`${d}/gone`, 'w');
    await mount.cut('none', 1);
    expect(errorOf(() => writeSync(file, 'LATE', 0))).toBe('EIO');
    expect(errorOf(() => writeSync(gone, 'LATE', 0))).toBe('EIO');
    expect(errorOf(() => fsyncSync(file))).toBe('EIO');
    closeSync(file);
    closeSync(gone);
    expect([read(`${d}/f`), readdirSync(d)]).toEqual(['old', ['f']]);
  });

  it('loses power inside the step it was told, and has many states after it', async () => {
    put(`${d}/f`, '0'.repeat(4096));
    const file = openSync(`${d}/f`, 'r+');
    await mount.arm({ at: 2, of: 'write' });
    writeSync(file, '1'.repeat(4096), 0);
    expect(errorOf(() => writeSync(file, '2'.repeat(4096), 0))).toBe('EIO');
    expect(errorOf(() => readdirSync(root))).toBe('EIO');
    expect((await mount.state()).isOn).toBe(false);
    closeSync(file);
    const states = new Set<string>();
    for (let seed = 0; seed < 30; seed++) {
      await mount.restore({ mode: 'some', seed, granularity: 'page' });
      states.add(read(`${d}/f`)[0]!);
    }
    expect([...states].sort()).toEqual(['0', '1', '2']);
  });

  it('loses power inside a sync, which has kept nothing then', async () => {
    put(`${d}/f`, 'old');
    const file = openSync(`${d}/f`, 'r+');
    writeSync(file, 'new', 0);
    await mount.arm({ at: 1, of: 'sync' });
    expect(errorOf(() => fsyncSync(file))).toBe('EIO');
    await mount.restore({ mode: 'none', seed: 1 });
    expect(read(`${d}/f`)).toBe('old');
    await mount.restore({ mode: 'all', seed: 1 });
    expect(read(`${d}/f`)).toBe('new');
    closeSync(file);
  });

  it('fails one sync, reports it once to each who had the file open, and never keeps its data', async () => {
    put(`${d}/f`, 'old');
    const [file, other] = [openSync(`${d}/f`, 'r+'), openSync(`${d}/f`, 'r+')];
    writeSync(file, 'new', 0);
    await mount.plant(DISK_FAULTS['sync-eio']!, 1);
    expect([file, other, file, other].map((f) => errorOf(() => fsyncSync(f)))).toEqual([
      'EIO',
      'EIO',
      undefined,
      undefined,
    ]);
    expect([read(`${d}/f`), (await mount.state()).struck]).toEqual(['new', 1]);
    for (const f of [file, other]) closeSync(f);
    await mount.cut('all', 1);
    expect(read(`${d}/f`)).toBe('old');
  });

  it('finds the disk full, or takes a part of a write, in files made later too', async () => {
    await mount.plant(DISK_FAULTS['write-short']!, 1);
    const file = openSync(`${d}/f`, 'w');
    const before = (await mount.state()).steps;
    // Node writes the rest itself: in a second step.
    expect(writeSync(file, '12345678')).toBe(8);
    const { steps, struck } = await mount.state();
    expect([steps - before, struck]).toEqual([2, 1]);
    await mount.plant(DISK_FAULTS['write-enospc']!, 1);
    expect(errorOf(() => writeSync(file, 'x'))).toBe('ENOSPC');
    writeSync(file, 'y');
    closeSync(file);
    expect(read(`${d}/f`)).toBe('12345678y');
  });

  it('has a truncate whole or not at all', async () => {
    for (let seed = 0; seed < 10; seed++) {
      put(`${d}/f`, 'x'.repeat(20_000));
      const file = openSync(`${d}/f`, 'r+');
      ftruncateSync(file, 100);
      closeSync(file);
      await mount.cut('some', seed);
      expect(['x'.repeat(20_000), 'x'.repeat(100)]).toContain(read(`${d}/f`));
    }
  });

  it('finds nearly every acknowledgement that comes before its sync is done', async () => {
    let early = 0;
    const file = openSync(`${d}/log`, 'a');
    for (let i = 0; i < 20; i++) {
      await mount.beginAudit();
      writeSync(file, `token-${i};`);
      const synced = new Promise<void>((resolve) => {
        setImmediate(() => resolve(sync(file)));
      });
      if (!(await mount.isDurable(`token-${i};`))) early++;
      await synced;
    }
    closeSync(file);
    expect(early).toBeGreaterThanOrEqual(19);
  });

  it('finds a token that is split by a header of a block, and none in a file without a name', async () => {
    await mount.beginAudit();
    const file = openSync(`${d}/f`, 'w+');
    writeSync(file, Buffer.from('token-sp'), 0, 8, 4088);
    writeSync(file, Buffer.from('HDRlit-xyz'), 0, 10, 4096);
    fsyncSync(file);
    expect(await mount.isDurable('token-split-xyz')).toBe(true);
    await mount.beginAudit();
    writeSync(file, Buffer.from('token-gone'), 0, 10, 0);
    fsyncSync(file);
    unlinkSync(`${d}/f`);
    const directory = openSync(d, 'r');
    fsyncSync(directory);
    for (const f of [file, directory]) closeSync(f);
    expect(existsSync(`${d}/f`)).toBe(false);
    expect(await mount.isDurable('token-gone')).toBe(false);
  });
});

/** On the thread pool, so that the test goes on while it runs. */
async function sync(file: number): Promise<void> {
  const { fdatasync } = await import('node:fs');
  await new Promise<void>((resolve, reject) => {
    fdatasync(file, (error) => (error === null ? resolve() : reject(error)));
  });
}
