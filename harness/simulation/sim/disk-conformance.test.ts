import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { nodeDisk } from '../../../engine/index.ts';
import { engineWorld } from '../../targets/reference-engine-world.ts';
import { DISK_CHECKS } from './disk-conformance.ts';

describe('the real disk', () => {
  it.each(DISK_CHECKS)('$name', async ({ run }) => {
    const root = mkdtempSync(join(tmpdir(), 'assay-disk-'));
    try {
      await run(nodeDisk(), root, renameSync);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});

describe('the simulated disk', () => {
  it.each(DISK_CHECKS)('$name', async ({ run }) => {
    const { disk } = engineWorld();
    disk.createDirectory('root');
    await run(disk, 'root', (from, to) => disk.moveDirectory(from, to));
  });
});
