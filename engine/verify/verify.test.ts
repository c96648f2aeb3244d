import { describe, expect, it } from 'vitest';
import type { SimDisk } from '../../harness/simulation/sim/sim-disk.ts';
import { engineWorld, engineWorldAfter } from '../../harness/targets/reference-engine-world.ts';
import type { Disk } from '../env/disk.ts';
import { heldDisk } from '../env/held-directory.ts';
import { open, repairStore, utf8, verifyStore } from '../index.ts';
import { readManifest } from '../manifest/manifest.ts';
import { encodeManifest } from '../manifest/manifest-format.ts';
import { logFileName } from '../wal/log-format.ts';
import { verifySteps } from './verify.ts';

const OPTIONS = { directory: 'store', segmentBytes: 4096, blockBytes: 512 } as const;

async function filledStore() {
  const world = engineWorld();
  const store = await open(world.env, OPTIONS);
  for (let i = 0; i < 60; i++) await store.put(utf8.encode(`key ${i}`), new Uint8Array(50));
  return { ...world, store };
}

/** `disk` with an interface of its own, so that a part of it can be replaced. */
function disguised(disk: Disk): Disk {
  return heldDisk(disk, { path: 'store', identity: disk.identity('store') });
}

describe('verifying a store that another process has open', () => {
  it('does not take what was replaced meanwhile for damage', async () => {
    const { disk, store } = await filledStore();
    const stale = new Uint8Array(2 ** 16);
    const old = disk.open('store/MANIFEST', 'read');
    const length = disk.readAt(old, stale, 0);
    await store.compact();
    let reads = 0;
    const racing: Disk = {
      ...disguised(disk),
      readAt(file, target, offset) {
        if (!file.path.endsWith('MANIFEST') || reads++ > 0)
          return disk.readAt(file, target, offset);
        target.set(stale.subarray(0, Math.min(length, target.length)));
        return Math.min(length, target.length);
      },
    };
    expect(verifyStore(racing, 'store').problems).toEqual([]);
    expect(reads).toBeGreaterThan(1);
  });

  it('reads at most 4 MiB of the log a step, also while the log grows', async () => {
    const { disk, env } = engineWorld();
    const store = await open(env, { ...OPTIONS, segmentBytes: 12 << 20, durability: 'none' });
    const write = (key: string) => store.put(utf8.encode(key), new Uint8Array(300_000));
    for (let i = 0; i < 50; i++) await write(`key ${i}`);
    const steps = verifySteps(disk, 'store');
    let written = 0;
    for (;;) {
      const before = disk.bytesRead;
      const step = steps.next();
      expect(disk.bytesRead - before).toBeLessThanOrEqual((4 << 20) + 8192);
      if (step.done === true) {
        expect(step.value.problems).toEqual([]);
        break;
      }
      if (written < 8) await write(`later ${written++}`);
    }
    expect(written).toBe(8);
    await store.close();
  });

  it('says so when it never stands still, and writes nothing', async () => {
    const { disk } = await filledStore();
    const state = readManifest(disk, 'store')!;
    const lost = { number: 999, tier: 0, bytes: 1, records: 1, minLsn: 1, maxLsn: 1 };
    let nextNumber = 1000;
    const manifest = () => encodeManifest({ ...state, runs: [lost], nextNumber: nextNumber++ });
    const restless: Disk = {
      ...disguised(disk),
      open(path, mode) {
        expect(mode).toMatch(/^read/);
        return disk.open(path, mode);
      },
      size: (file) => (file.path.endsWith('MANIFEST') ? manifest().length : disk.size(file)),
      readAt(file, target, offset) {
        if (!file.path.endsWith('MANIFEST')) return disk.readAt(file, target, offset);
        target.set(manifest());
        return target.length;
      },
      lock: () => expect.unreachable('it takes no lock'),
    };
    expect(() => verifyStore(restless, 'store')).toThrow(/changes while it is verified/);
  });
});

const HARM: Readonly<Record<string, (disk: SimDisk, path: string) => void>> = {
  rotten: (disk, path) => disk.flipBit(path, 8 * 40),
  missing: (disk, path) => disk.remove(path),
  cut: (disk, path) => {
    const file = disk.open(path, 'write');
    disk.truncate(file, 700);
    disk.close(file);
  },
};

describe('repairing a log segment', () => {
  it.each(Object.keys(HARM))('opens again, the one with the last commits being %s', async (how) => {
    const { disk, store, ...world } = await filledStore();
    await store.checkpoint();
    for (let i = 0; i < 3; i++) await store.put(utf8.encode(`late ${i}`), new Uint8Array(50));
    const crashed = engineWorldAfter({ disk, ...world }, 'none-kept');
    const segments = readManifest(crashed.disk, 'store')!.segments.map(({ number }) => number);
    const paths = segments.map((number) => `store/${logFileName(number)}`);
    for (const path of paths) HARM[how]!(crashed.disk, path);
    await expect(open(crashed.env, OPTIONS)).rejects.toMatchObject({ code: 'corruption' });
    const { problems, givenUp } = await repairStore(crashed.env, 'store');
    expect(problems.length).toBeGreaterThan(0);
    expect(givenUp.length > 0).toBe(how !== 'rotten');
    expect(verifyStore(crashed.disk, 'store').problems).toEqual([]);
    const again = await open(crashed.env, OPTIONS);
    const keys = [...again.range()].map(({ key }) => utf8.decode(key));
    expect(keys.filter((key) => key.startsWith('key')).length).toBe(60);
    expect(keys.filter((key) => key.startsWith('late')).length).toBe(
      { rotten: 3, cut: 1, missing: 0 }[how],
    );
    await again.close();
  });

  it('opens again with what the runs hold, segments having changed places', async () => {
    const { disk, store, ...world } = await filledStore();
    await store.checkpoint();
    // The next segment is named when a quarter of this one is used.
    for (let i = 0; readManifest(disk, 'store')!.segments.length < 2; i++) {
      await store.put(utf8.encode(`late ${i}`), new Uint8Array(50));
    }
    await new Promise(setImmediate); // and the entry of the manifest that names it, durable
    const crashed = engineWorldAfter({ disk, ...world }, 'none-kept');
    const { segments } = readManifest(crashed.disk, 'store')!;
    expect(segments.length).toBeGreaterThan(1);
    const [one, two] = segments.map(({ number }) => `store/${logFileName(number)}`);
    crashed.disk.rename(one!, 'store/between');
    crashed.disk.rename(two!, one!);
    crashed.disk.rename('store/between', two!);
    const { givenUp } = await repairStore(crashed.env, 'store');
    expect(givenUp.join()).toContain('the whole log segment');
    const again = await open(crashed.env, OPTIONS);
    expect([...again.range()].length).toBe(60);
    await again.close();
  });
});
