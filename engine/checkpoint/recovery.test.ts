import { describe, expect, it } from 'vitest';
import type { CrashMode } from '../../harness/contract/fault.ts';
import type { World } from '../../harness/simulation/sim/world.ts';
import { engineWorld, engineWorldAfter } from '../../harness/targets/reference-engine-world.ts';
import { isStoreError, type OpenOptions, open, repairStore, utf8, verifyStore } from '../index.ts';
import { readManifest } from '../manifest/manifest.ts';
import { encodeManifest } from '../manifest/manifest-format.ts';
import { logFileName } from '../wal/log-format.ts';

const TINY = { directory: 'store', segmentBytes: 4096, blockBytes: 512, fanIn: 3 } as const;
const bytes = utf8.encode;
const openIn = (world: World, options: Partial<OpenOptions> = {}) =>
  open(world.env, { ...TINY, ...options });

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'none',
    (error: unknown) => (isStoreError(error) ? error.code : String(error)),
  );
}

/** Lets background work of an instant world run dry. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A store with `commits` durable commits in its log, and its process gone. */
async function storeWith(commits: number): Promise<World> {
  const world = engineWorld();
  const database = await openIn(world);
  for (let i = 0; i < commits; i++) await database.put(bytes(`k${i}`), bytes(`v${i}`));
  return engineWorldAfter(world, 'none-kept');
}

const logPath = (world: World) =>
  `store/${logFileName(readManifest(world.disk, 'store')!.segments[0]!.number)}`;

const keysOf = async (world: World) => {
  const database = await openIn(world);
  return [...database.range()].map(({ key }) => utf8.decode(key));
};

describe('recovery', () => {
  it('replays what was durable', async () => {
    expect(await keysOf(await storeWith(3))).toEqual(['k0', 'k1', 'k2']);
  });

  it('discards a torn tail: the last commit, which no mark vouches for', async () => {
    const world = await storeWith(3);
    // Frames of 72 bytes begin at 512; the third begins at 656.
    world.disk.flipBit(logPath(world), 8 * (656 + 60));
    expect(await keysOf(world)).toEqual(['k0', 'k1']);
  });

  it('refuses damage below a durable mark, and names file and offset', async () => {
    const world = await storeWith(3);
    const path = logPath(world);
    world.disk.flipBit(path, 8 * (512 + 60));
    const refused = openIn(world);
    await expect(refused).rejects.toMatchObject({
      code: 'corruption',
      details: { file: path, offset: 512 },
    });
  });

  it('refuses when a segment that the manifest names is missing or cut', async () => {
    const missing = await storeWith(2);
    missing.disk.remove(logPath(missing));
    expect(await codeOf(openIn(missing))).toBe('corruption');
    const cut = await storeWith(2);
    cut.disk.truncate(cut.disk.open(logPath(cut), 'write'), 520);
    expect(await codeOf(openIn(cut))).toBe('corruption');
  });

  it('refuses a store whose manifest is gone, and one from a newer version', async () => {
    const gone = await storeWith(1);
    gone.disk.remove('store/MANIFEST');
    expect(await codeOf(openIn(gone))).toBe('corruption');
    const newer = await storeWith(1);
    const state = readManifest(newer.disk, 'store')!;
    const file = newer.disk.open('store/MANIFEST', 'write');
    newer.disk.truncate(file, 0);
    newer.disk.writeAt(file, encodeManifest(state, 99), 0);
    expect(await codeOf(openIn(newer))).toBe('format-newer');
  });

  it('refuses a second opener, and a missing store where one must exist', async () => {
    const world = engineWorld();
    expect(await codeOf(openIn(world, { mustExist: true }))).toBe('store-missing');
    await openIn(world);
    expect(await codeOf(openIn(world))).toBe('store-locked');
  });

  it('never uses a timestamp again that a lost commit may have had', async () => {
    const world = engineWorld();
    const database = await openIn(world, { durability: 'none' });
    const lost = await database.put(bytes('k'), bytes('lost'));
    const after = await openIn(engineWorldAfter(world, 'none-kept'), { durability: 'none' });
    expect(after.get(bytes('k'))).toBeUndefined();
    const next = await after.put(bytes('k'), bytes('new'));
    expect(next.timestamp).toBeGreaterThan(lost.timestamp);
  });

  it('opens where the safe point ran ahead of what the crash left', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const world = engineWorld(seed);
      const database = await openIn(world, { durability: 'none' });
      for (let i = 0; i < 90; i++) await database.put(bytes(`k${i}`), new Uint8Array(50));
      await settled();
      const after = await openIn(engineWorldAfter(world, 'torn', seed), { durability: 'none' });
      after.snapshot().close();
      const { timestamp } = await after.put(bytes('k'), bytes('x'));
      after.snapshotAt(timestamp).close();
    }
  });

  it('opens without replay after a clean close, and says so', async () => {
    const world = await storeWith(3);
    await (await openIn(world)).close();
    const database = await openIn(world);
    expect(database.recovery).toMatchObject({ cleanShutdown: true, replayedCommits: 0 });
    expect([...database.range()]).toHaveLength(3);
  });

  it.each<CrashMode>(['none-kept', 'torn'])(
    'keeps what a killed process had served, through a power cut (%s)',
    async (mode) => {
      for (let seed = 0; seed < 30; seed++) {
        const world = engineWorld(seed);
        const database = await openIn(world, { durability: 'none' });
        for (let i = 0; i < 5; i++) await database.put(bytes(`k${i}`), bytes('x'));
        const second = engineWorldAfter(world, 'kill', seed);
        const seen = await keysOf(second);
        expect(await keysOf(engineWorldAfter(second, mode, seed))).toEqual(seen);
      }
    },
  );
});

describe('failing disks', () => {
  it('end every commit in flight as indefinite, hide it, and refuse writes until reopened', async () => {
    const world = engineWorld();
    const database = await openIn(world);
    await database.put(bytes('before'), bytes('x'));
    await settled();
    world.disk.failSyncIn(1);
    const failed = database.put(bytes('k'), bytes('x'));
    await expect(failed).rejects.toMatchObject({ code: 'store-failed', definite: false });
    await expect(database.put(bytes('l'), bytes('x'))).rejects.toMatchObject({
      code: 'store-failed',
      definite: true,
    });
    expect(database.get(bytes('k'))).toBeUndefined();
    expect(database.get(bytes('before'))).toBeDefined();
    await database.close();
    const reopened = await openIn(world);
    await reopened.put(bytes('l'), bytes('x'));
    expect(reopened.get(bytes('before'))).toBeDefined();
  });

  it('make a checkpoint after a failed sync fail too, instead of waiting forever', async () => {
    const world = engineWorld();
    const database = await openIn(world);
    await database.put(bytes('before'), bytes('x'));
    await settled();
    world.disk.failSyncIn(1);
    expect(await codeOf(database.put(bytes('k'), bytes('x')))).toBe('store-failed');
    expect(await codeOf(database.checkpoint())).toBe('store-failed');
    expect(await codeOf(database.compact())).toBe('store-failed');
  });

  it('that are full refuse writes as definite, and still serve reads, deletes and close', async () => {
    const world = engineWorld();
    const database = await openIn(world);
    await database.put(bytes('k'), bytes('x'));
    await settled();
    world.disk.capacityBytes = 0;
    let refused: unknown;
    let written = 0;
    for (let i = 0; i < 200 && refused === undefined; i++) {
      await database.put(bytes(`k${i}`), new Uint8Array(200)).then(
        () => written++,
        (error: unknown) => {
          refused = error;
        },
      );
    }
    expect(refused).toMatchObject({ code: 'disk-full', definite: true });
    expect(written).toBeGreaterThan(4); // half of a segment
    expect(database.get(bytes('k'))).toBeDefined();
    await database.delete(bytes('k'));
    expect(database.get(bytes('k'))).toBeUndefined();
    await database.close();
    world.disk.capacityBytes = Number.MAX_SAFE_INTEGER;
    const reopened = await openIn(world);
    expect([...reopened.range()]).toHaveLength(written);
    await reopened.put(bytes('more'), bytes('x'));
  });

  it('that get room again go on without a reopen', async () => {
    const world = engineWorld();
    const database = await openIn(world);
    await settled();
    world.disk.capacityBytes = 0;
    const fill = async () => {
      for (let i = 0; i < 200; i++) await database.put(bytes(`k${i}`), new Uint8Array(200));
    };
    expect(await codeOf(fill())).toBe('disk-full');
    world.disk.capacityBytes = Number.MAX_SAFE_INTEGER;
    expect(await codeOf(fill())).toBe('none');
  });
});

describe('verify and repair', () => {
  /** A store with runs and a log, closed by a kill. */
  async function mixedStore(): Promise<World> {
    const world = engineWorld();
    const database = await openIn(world);
    for (let i = 0; i < 12; i++) await database.put(bytes(`run ${i}`), new Uint8Array(60).fill(i));
    await database.checkpoint();
    for (let i = 0; i < 4; i++) await database.put(bytes(`log ${i}`), bytes('x'));
    return engineWorldAfter(world, 'none-kept');
  }

  it('find nothing wrong with a whole store', async () => {
    const { problems, runs, records } = verifyStore((await mixedStore()).disk, 'store');
    expect({ problems, runs, records }).toEqual({ problems: [], runs: 1, records: 12 });
  });

  it('find every single flipped bit in the manifest, the runs and the log up to the last mark', async () => {
    const world = await mixedStore();
    const state = readManifest(world.disk, 'store')!;
    const live = [
      ['store/MANIFEST', fileSize(world, 'store/MANIFEST')],
      [`store/run-${String(state.runs[0]!.number).padStart(8, '0')}.sst`, state.runs[0]!.bytes],
      // Three of four commits: the last mark that is in the log vouches for the third.
      [logPath(world), 512 + 3 * 72],
    ] as const;
    for (const [path, size] of live) {
      for (let bit = 0; bit < 8 * size; bit++) {
        world.disk.flipBit(path, bit);
        let found = true;
        try {
          found = verifyStore(world.disk, 'store').problems.length > 0;
        } catch (error) {
          found = isStoreError(error);
        }
        if (!found) throw new Error(`bit ${bit} of ${path} went unnoticed`);
        world.disk.flipBit(path, bit);
      }
    }
    expect(verifyStore(world.disk, 'store').problems).toEqual([]);
  });

  it('repair a damaged run and say what was given up', async () => {
    const world = await mixedStore();
    const { number } = readManifest(world.disk, 'store')!.runs[0]!;
    world.disk.flipBit(`store/run-${String(number).padStart(8, '0')}.sst`, 8 * 100);
    const { problems, givenUp } = await repairStore(world.env, 'store');
    expect(problems).toHaveLength(1);
    expect(givenUp[0]).toMatch(/\d+ of 12 records/);
    expect(verifyStore(world.disk, 'store').problems).toEqual([]);
    const keys = await keysOf(world);
    expect(keys.filter((key) => key.startsWith('log'))).toHaveLength(4);
    expect(keys.length).toBeGreaterThan(4);
  });

  it('repair a log by cutting it at the damage', async () => {
    const world = await mixedStore();
    world.disk.flipBit(logPath(world), 8 * (512 + 72 + 60));
    const { givenUp } = await repairStore(world.env, 'store');
    expect(givenUp).toHaveLength(1);
    expect((await keysOf(world)).filter((key) => key.startsWith('log'))).toEqual(['log 0']);
  });

  it('repair a lost manifest from the runs, giving the log up', async () => {
    const world = await mixedStore();
    world.disk.flipBit('store/MANIFEST', 200);
    const { givenUp } = await repairStore(world.env, 'store');
    expect(givenUp[0]).toContain('manifest');
    expect(await keysOf(world)).toHaveLength(12);
  });

  it('leave a whole store alone', async () => {
    const world = await mixedStore();
    expect(await repairStore(world.env, 'store')).toEqual({ problems: [], givenUp: [] });
  });

  it('refuse to verify a directory without a store as whole', () => {
    expect(verifyStore(engineWorld().disk, 'store').problems).toHaveLength(1);
  });
});

function fileSize(world: World, path: string): number {
  return world.disk.files().find(([name]) => name === path)![1];
}

describe('the manifest of a store that is being made', () => {
  it('leaves nothing behind that a second try stumbles over', async () => {
    const crashes: World[] = [];
    const world = engineWorld(3, {
      onStep: () => crashes.push(engineWorldAfter(world, 'torn', crashes.length)),
    });
    await openIn(world);
    expect(crashes.length).toBeGreaterThan(5);
    for (const crash of crashes) {
      const database = await openIn(crash);
      await database.put(bytes('k'), bytes('x'));
    }
  });
});
