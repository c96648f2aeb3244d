import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { nodeDisk } from '../../engine/index.ts';
import { engineWorld } from '../targets/reference-engine-world.ts';
import { DISK_CHECKS } from './disk-conformance.ts';

describe('the real disk', () => {
  it.each(DISK_CHECKS)('$name', async ({ run }) => {
    const root = mkdtempSync(join(tmpdir(), 'assay-disk-'));
    try {
      await run(nodeDisk(), root);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});

describe('the simulated disk', () => {
  it.each(DISK_CHECKS)('$name', async ({ run }) => {
    await run(engineWorld().disk, 'root');
  });
});
