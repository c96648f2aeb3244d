import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ABILITIES } from '../abilities.ts';
import { makeScratch, mountIn, removeScratch } from '../scratch.ts';
import { Watchdog } from '../watchdog.ts';
import { FuseMount } from './fuse-mount.ts';
import { MODELS } from './volatile/models.ts';

const canMount = ABILITIES.get('fuse')!.available();
/** Cuts for each model, with the target open in one half of them. The night makes a thousand. */
const CUTS = process.env.ASSAY_TEST_FUZZ === undefined ? 20 : 1000;
const LIMIT_MS = 3_600_000;
const OLD = 'OLD'.repeat(400);
const NEW = 'NEW'.repeat(400);

function put(path: string, text: string): void {
  const file = openSync(path, 'w');
  writeSync(file, text);
  fsyncSync(file);
  closeSync(file);
}

function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  fsyncSync(directory);
  closeSync(directory);
}

function contentOf(path: string): string {
  try {
    const text = readFileSync(path, 'latin1');
    return text === OLD ? 'old' : text === NEW ? 'new' : `${text.length} bytes of neither`;
  } catch (error) {
    return String((error as { code?: string }).code);
  }
}

describe.skipIf(!canMount)('a file that is replaced by rename, its data synced', () => {
  it.each(MODELS.map(({ name }) => name))(
    'is the old or the new one after a cut on %s, open or not',
    async (model) => {
      const scratch = makeScratch();
      const root = mountIn(scratch);
      const watchdog = new Watchdog();
      watchdog.guard({ directory: scratch });
      watchdog.guard({ mount: root });
      mkdirSync(root);
      const mount = await FuseMount.on(root, undefined, model);
      const seen = new Map<string, number>();
      try {
        for (let cut = 0; cut < CUTS; cut++) {
          const d = join(root, String(cut));
          mkdirSync(d);
          put(join(d, 'target'), OLD);
          put(join(d, 'next'), NEW);
          for (const path of [d, root]) syncDirectory(path);
          const held = cut % 2 === 0 ? openSync(join(d, 'target'), 'r') : undefined;
          renameSync(join(d, 'next'), join(d, 'target'));
          await mount.cut('some', cut);
          const content = contentOf(join(d, 'target'));
          seen.set(content, (seen.get(content) ?? 0) + 1);
          if (held !== undefined) closeSync(held);
        }
      } finally {
        await mount.unmount();
        await watchdog.end();
        removeScratch(scratch);
      }
      expect([...seen.keys()].sort()).toEqual(['new', 'old']);
    },
    LIMIT_MS,
  );
});
