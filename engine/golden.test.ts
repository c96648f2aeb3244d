import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ENEMY_KEYS } from '../harness/targets/reference-engine-enemy.ts';
import { nodeDisk, nodeEnv, open, utf8, verifyStore } from './index.ts';
import { readManifest } from './manifest/manifest.ts';

/**
 * Stores written by earlier versions, one a format version, killed with commits in the log. The
 * second has packed blocks. In the third, keys that an enemy chose have made the run go over to the
 * keyed hash. In the fourth, records have checks of their own.
 */
const VERSIONS = ['store-v1', 'store-v2', 'store-v3', 'store-v4'];
const ENEMY_COUNT = 300;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'assay-golden-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe.each(VERSIONS)('the golden store %s', (version) => {
  it('verifies, opens, and holds what was written', async () => {
    cpSync(new URL(`./fixtures/${version}`, import.meta.url), directory, { recursive: true });
    expect(verifyStore(nodeDisk(), directory)).toMatchObject({ problems: [], runs: 1 });
    const store = await open(nodeEnv(), { directory, segmentBytes: 4096 });
    const content = [...store.range()]
      .map(({ key, value }) => [utf8.decode(key), utf8.decode(value)] as const)
      .filter(([, value]) => value !== 'enemy');
    const expected = [
      ...[0, 1, 2, 3].map((i) => [`log ${i}`, `value ${i}`]),
      ...[0, 1, 2, 4, 6, 7, 8, 9, 10, 11].map((i) => [`run ${i}`, `value ${i}`]),
    ];
    expect(content).toEqual(expected.sort(([a], [b]) => (a! < b! ? -1 : 1)));
    const { hashSeed } = readManifest(nodeDisk(), directory)!;
    const enemy = ENEMY_KEYS['of one fingerprint']!(ENEMY_COUNT, hashSeed);
    const found = enemy.filter((key) => store.get(key) !== undefined);
    expect(found.length).toBe(version === 'store-v3' ? ENEMY_COUNT : 0);
    await store.close();
  });
});
