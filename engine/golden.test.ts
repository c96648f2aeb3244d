import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeDisk, nodeEnv, open, utf8, verifyStore } from './index.ts';

/**
 * Stores written by earlier versions, one a format version, killed with commits in the log. The
 * second has packed blocks.
 */
const VERSIONS = ['store-v1', 'store-v2'];

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
    const content = [...store.range()].map(({ key, value }) => [
      utf8.decode(key),
      utf8.decode(value),
    ]);
    const expected = [
      ...[0, 1, 2, 3].map((i) => [`log ${i}`, `value ${i}`]),
      ...[0, 1, 2, 4, 6, 7, 8, 9, 10, 11].map((i) => [`run ${i}`, `value ${i}`]),
    ];
    expect(content).toEqual(expected.sort(([a], [b]) => (a! < b! ? -1 : 1)));
    await store.close();
  });
});
