import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { adviceOn } from './advice.ts';
import { characterise, type DiskFigures } from './characterise.ts';

const directory = mkdtempSync(join(tmpdir(), 'assay-disk-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const SYNC = { p50: 0.4, p95: 1, p99: 4, max: 15, count: 10 };
const FIGURES: DiskFigures = {
  ...{ bytes: 2 ** 20, writeMiBPerSecond: 500, readMiBPerSecond: 5000 },
  ...{ randomReadsPerSecond: 100_000, appendSync: SYNC, overwriteSync: SYNC },
  ...{ fileSystem: 'ext4', freeBytes: 2 ** 40, directBytes: 512, directorySync: 'works' },
  ...{ reflink: false, sparse: true },
};
const on = (changed: Partial<DiskFigures>) => adviceOn({ ...FIGURES, ...changed }).join('\n');

describe('the disk of a directory', () => {
  it('is measured, and nothing is left in it', async () => {
    const plan = { bytes: 2 ** 20, randomReads: 100, syncs: 5 };
    const { figures, problems } = await characterise(directory, plan, 7);
    expect(problems).toEqual([]);
    expect(figures.bytes).toBe(2 ** 20);
    expect(figures.appendSync.count).toBe(5);
    expect(figures.freeBytes).toBeGreaterThan(0);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('that is not there is an error of the system', async () => {
    const plan = { bytes: 2 ** 20, randomReads: 1, syncs: 1 };
    await expect(characterise(join(directory, 'no'), plan, 7)).rejects.toThrow('ENOENT');
  });
});

describe('advice', () => {
  it('says how well the file system is known, and no more where nothing is odd', () => {
    expect(on({})).toBe('ext4: tier 1, its model is compared with the real one.');
    expect(on({ fileSystem: 'reiserfs' })).toContain('not tried');
  });

  it.each<[Partial<DiskFigures>, RegExp]>([
    [{ overwriteSync: { ...SYNC, p50: 0.005 } }, /faster than a device can write/],
    [{ overwriteSync: { ...SYNC, p99: 80 } }, /takes more than 80 ms/],
    [{ directorySync: 'EINVAL' }, /Syncing a directory fails with EINVAL/],
    [{ directBytes: 0 }, /Direct I\/O is refused/],
    [{ directBytes: 4096 }, /multiples of 4096 bytes/],
  ])('of %j', (changed, words) => {
    expect(on(changed)).toMatch(words);
  });

  it('does not wonder that memory is quick', () => {
    const quick = { fileSystem: 'tmpfs', overwriteSync: { ...SYNC, p50: 0.003 } };
    expect(on(quick)).toBe(
      'tmpfs: for tests only; it is memory, and nothing of it survives a power cut or a restart.',
    );
  });
});
