import { mkdirSync, mkdtempSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { engineWorld } from '../../harness/targets/reference-engine-world.ts';
import { type Database, type Env, nodeEnv, type OpenOptions, open, utf8 } from '../index.ts';

const key = utf8.encode('key');
const OPTIONS = { segmentBytes: 4096, blockBytes: 512 } as const;

/** A directory of a real or a simulated disk that others move. */
interface Place {
  readonly env: Env;
  readonly root: string;
  move(from: string, to: string): void;
  /** The store's manifest, byte by byte. */
  manifest(directory: string): string;
}

let real: string;
beforeEach(() => {
  real = realpathSync(mkdtempSync(join(tmpdir(), 'assay-held-')));
});
afterEach(() => rmSync(real, { recursive: true, force: true }));

const PLACES: Readonly<Record<string, () => Place>> = {
  'a real disk': () => ({
    env: nodeEnv(),
    root: real,
    move: renameSync,
    manifest: (directory) => readFileSync(join(directory, 'MANIFEST'), 'latin1'),
  }),
  'a simulated disk': () => {
    const { disk, env } = engineWorld();
    const manifest = (directory: string) => {
      const file = disk.open(`${directory}/MANIFEST`, 'read');
      const bytes = new Uint8Array(disk.size(file));
      disk.readAt(file, bytes, 0);
      disk.close(file);
      return bytes.join();
    };
    return { env, root: 'root', move: (from, to) => disk.moveDirectory(from, to), manifest };
  },
};

const openAt = (env: Env, directory: string, options: Partial<OpenOptions> = {}) =>
  open(env, { ...OPTIONS, ...options, directory });

async function fill(store: Database, value: string): Promise<number> {
  let acknowledged = 0;
  for (let i = 0; i < 200; i++) {
    await store.put(key, utf8.encode(`${value} ${i}`.padEnd(200)));
    acknowledged++;
  }
  return acknowledged;
}

describe.each(Object.keys(PLACES))('a store whose directory is moved, on %s', (name) => {
  it('changes no file in its place, says so, and keeps what it acknowledged', async () => {
    const { env, root, move, manifest } = PLACES[name]!();
    const [one, two, away] = [`${root}/one`, `${root}/two`, `${root}/away`];
    const other = await openAt(env, two);
    await other.put(key, utf8.encode('of two'));
    await other.close();
    const store = await openAt(env, one);
    await store.put(key, utf8.encode('of one'));
    move(one, away);
    move(two, one);
    const before = manifest(one);
    await expect(fill(store, 'later')).rejects.toMatchObject({ code: 'directory-moved' });
    await expect(store.checkpoint()).rejects.toMatchObject({ code: 'directory-moved' });
    const last = store.get(key);
    await store.close();
    expect(manifest(one)).toBe(before);
    const moved = await openAt(env, away);
    expect(moved.get(key)).toEqual(last);
    await moved.close();
    const replaced = await openAt(env, one);
    expect(utf8.decode(replaced.get(key)!)).toBe('of two');
    await replaced.close();
  });

  it('closes one of two stores in one environment without stopping the other', async () => {
    const { env, root } = PLACES[name]!();
    const [one, two] = [await openAt(env, `${root}/one`), await openAt(env, `${root}/two`)];
    await fill(one, 'value');
    const saved = one.checkpoint();
    await two.close();
    await expect(openAt(env, `${root}/three`, { mustExist: true })).rejects.toMatchObject({
      code: 'store-missing',
    });
    await saved;
    await one.close();
    expect(env.disk.identity(`${root}/three`)).toBeUndefined();
  });
});

describe('a store on a real disk', () => {
  it('does not take a directory made in the place of its own for it', async () => {
    const directory = join(real, 'store');
    const store = await openAt(nodeEnv(), directory);
    await store.put(key, key);
    rmSync(directory, { recursive: true });
    mkdirSync(directory);
    await expect(store.checkpoint()).rejects.toMatchObject({ code: 'directory-moved' });
    await store.close();
    expect(nodeEnv().disk.list(directory)).toEqual([]);
  });
});
