import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Prng } from '../../random/prng.ts';
import { ABILITIES } from '../abilities.ts';
import { makeScratch, mountIn, removeScratch } from '../scratch.ts';
import { Watchdog } from '../watchdog.ts';
import { firstDifference } from './call-history.ts';
import { FuseMount } from './fuse-mount.ts';
import { PROBES } from './probes.ts';

const canMount = ABILITIES.get('fuse')!.available();
/** Histories tried each night; each commit tries a few. */
const HISTORIES = process.env.ASSAY_TEST_FUZZ === undefined ? 6 : 500;
const STEPS = 300;
const LIMIT_MS = 3_600_000;

describe.skipIf(!canMount)('the file system that loses power, beside an ordinary one', () => {
  const scratch = makeScratch();
  const root = mountIn(scratch);
  const plain = join(scratch, 'plain');
  const watchdog = new Watchdog();
  let mount: FuseMount;

  beforeAll(async () => {
    watchdog.guard({ directory: scratch });
    watchdog.guard({ mount: root });
    for (const directory of [root, plain]) mkdirSync(directory);
    mount = await FuseMount.on(root);
  });
  afterAll(async () => {
    await mount?.unmount();
    await watchdog.end();
    removeScratch(scratch);
  });

  const emptyIn = (directory: string) => mkdtempSync(join(directory, 'probe-'));

  it.each(Object.entries(PROBES))(
    'answers the same: %s',
    (_, probe) => {
      expect(probe(emptyIn(root))).toEqual(probe(emptyIn(plain)));
    },
    LIMIT_MS,
  );

  it(
    `makes the same of ${HISTORIES} random histories of ${STEPS} calls, with links`,
    () => {
      for (let seed = 0; seed < HISTORIES; seed++) {
        const directories = [emptyIn(root), emptyIn(plain)] as const;
        const random = new Prng('histories of calls').derive('history', seed);
        expect(firstDifference(random, directories, STEPS), `history ${seed}`).toBeUndefined();
        for (const directory of directories) rmSync(directory, { recursive: true });
      }
    },
    LIMIT_MS,
  );
});
