import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CrashMode } from '../../contract/fault.ts';
import { Prng } from '../../random/prng.ts';
import {
  engineWorld,
  engineWorldAfter,
  scheduledEngineWorld,
} from '../../targets/reference-engine-world.ts';
import { CallLimit } from './call-limit.ts';
import { Scheduler } from './scheduler.ts';
import { SimFile } from './sim-file.ts';

const bytes = (length: number, fill: number) => new Uint8Array(length).fill(fill);

function contentOf(file: SimFile): Uint8Array {
  const target = new Uint8Array(file.size);
  file.read(target, 0);
  return target;
}

describe('the scheduler', () => {
  it('fires in the order of time, and ties in an order drawn from the seed', async () => {
    const orderOf = async (seed: number) => {
      const scheduler = new Scheduler(new Prng(seed));
      const fired: string[] = [];
      const waits = ['a', 'b', 'c', 'd', 'e'].map(async (name) => {
        await scheduler.sleep(1);
        fired.push(name);
      });
      scheduler.after(0.5, () => fired.push('early'));
      await scheduler.runUntil(Promise.all(waits));
      return fired.join(' ');
    };
    const orders = await Promise.all([1, 2, 3, 4, 5, 6].map(orderOf));
    expect(await orderOf(1)).toBe(orders[0]);
    expect(new Set(orders).size).toBeGreaterThan(1);
    for (const order of orders) expect(order.startsWith('early')).toBe(true);
  });

  it('says so when nothing is left that could settle the goal', async () => {
    const scheduler = new Scheduler(new Prng(1));
    await expect(scheduler.runUntil(new Promise(() => {}))).rejects.toThrow('deadlock');
  });

  it('ends what fires more events than it may', async () => {
    const scheduler = new Scheduler(new Prng(1));
    const loop = async () => {
      for (;;) await scheduler.sleep(1);
    };
    scheduler.endAfter(100);
    await expect(scheduler.runUntil(loop())).rejects.toThrow('an endless loop: event 101');
  });

  it('ends a loop of calls within one turn, and keeps that it was there', () => {
    const { disk } = engineWorld();
    let turn = 0;
    const counted = new CallLimit(disk, () => turn, 10).disk();
    for (; turn < 30; turn++) for (let i = 0; i < 10; i++) counted.list('store');
    expect(disk.breach).toBeUndefined();
    const loop = () => {
      for (;;) counted.list('store');
    };
    expect(loop).toThrow('an endless loop: more than 10 calls in one turn');
    expect(loop).toThrow('an endless loop');
    expect(disk.breach).toContain('an endless loop');
  });

  it('does not fire what was cancelled', async () => {
    const scheduler = new Scheduler(new Prng(1));
    let fired = false;
    scheduler
      .after(1, () => {
        fired = true;
      })
      .cancel();
    await scheduler.runUntil(scheduler.sleep(2));
    expect(fired).toBe(false);
  });
});

describe('the simulated file', () => {
  it('keeps after a cut exactly what was synced, when nothing else is kept', () => {
    const file = new SimFile();
    file.write(bytes(1000, 1), 0);
    file.completeSync(file.changes);
    file.write(bytes(1000, 2), 500);
    expect([...contentOf(file.afterPowerCut([]))]).toEqual([...bytes(1000, 1)]);
    expect(contentOf(file.afterPowerCut(file.pieces(512)))).toEqual(contentOf(file));
  });

  it('tears at sectors: each is old or new, never mixed', () => {
    const random = new Prng(3);
    const file = new SimFile();
    file.write(bytes(4096, 1), 0);
    file.completeSync(1);
    file.write(bytes(4096, 2), 0);
    const torn = contentOf(file.afterPowerCut(file.pieces(512).filter(() => random.chance(0.5))));
    const sectors = Array.from(
      { length: 8 },
      (_, i) => new Set(torn.subarray(512 * i, 512 * i + 512)),
    );
    expect(sectors.every((sector) => sector.size === 1)).toBe(true);
    expect(new Set(torn).size).toBe(2);
  });

  it('covers by a sync only what was written before it began', () => {
    const file = new SimFile();
    file.write(bytes(10, 1), 0);
    const count = file.changes;
    file.write(bytes(10, 2), 10);
    file.completeSync(count);
    expect(contentOf(file.afterPowerCut([]))).toHaveLength(10);
  });

  it('covers nothing more when syncs overlap', () => {
    const file = new SimFile();
    file.write(bytes(10, 1), 0);
    const first = file.changes;
    file.write(bytes(10, 2), 10);
    const second = file.changes;
    file.completeSync(first);
    file.write(bytes(10, 3), 20);
    file.completeSync(second);
    file.completeSync(first);
    expect(contentOf(file.afterPowerCut([]))).toHaveLength(20);
  });

  it('never writes pages back that a failed sync left', () => {
    const file = new SimFile();
    file.write(bytes(512, 1), 0);
    file.failSync(1);
    file.write(bytes(512, 2), 512);
    file.completeSync(file.changes);
    file.write(bytes(1, 3), 0);
    file.completeSync(file.changes);
    const left = contentOf(file.afterPowerCut([]));
    expect([left[0], left[1], left[512]]).toEqual([3, 0, 2]);
    expect(contentOf(file)[1]).toBe(1);
  });

  it('may have grown without its data, and hold garbage there and nowhere else', () => {
    const file = new SimFile();
    file.write(bytes(600, 1), 0);
    file.completeSync(1);
    file.write(bytes(3000, 2), 512);
    const [, second] = file.pieces(512);
    const left = contentOf(file.afterPowerCut([second!], new Prng(5)));
    expect(left).toHaveLength(3512);
    expect([...left.subarray(0, 600)]).toEqual([...bytes(600, 1)]);
    expect([...left.subarray(1024, 1536)]).toEqual([...bytes(512, 2)]);
    expect(new Set(left.subarray(1536)).size).toBeGreaterThan(100);
    expect(contentOf(file.afterPowerCut([]))).toHaveLength(600);
    file.truncate(0);
    expect(contentOf(file.afterPowerCut([], new Prng(5)))).toHaveLength(600);
  });

  it('is never changed through a clone, nor a clone through it', () => {
    const writes = fc.array(fc.tuple(fc.nat(3000), fc.nat(600), fc.boolean()), { maxLength: 12 });
    fc.assert(
      fc.property(writes, writes, (before, after) => {
        const file = new SimFile();
        const apply = (to: SimFile, all: typeof before) => {
          for (const [offset, length, sync] of all) {
            to.write(bytes(length, offset & 255), offset);
            if (sync) to.completeSync(to.changes);
          }
        };
        apply(file, before);
        const content = contentOf(file);
        for (const clone of [file.afterKill(), file.afterPowerCut(file.pieces(512))]) {
          expect(contentOf(clone)).toEqual(content);
          apply(clone, after);
          expect(contentOf(file)).toEqual(content);
        }
        const clones = [file.afterKill(), file.afterPowerCut([]), new SimFile(file.durable)];
        const contents = clones.map(contentOf);
        apply(file, after);
        expect(clones.map(contentOf)).toEqual(contents);
        expect(contents[0]).toEqual(content);
      }),
    );
  });
});

describe('the simulated disk', () => {
  async function namesAfter(mode: CrashMode, syncDirectory: boolean): Promise<readonly string[]> {
    const world = engineWorld();
    const { disk } = world;
    const file = disk.open('d/a', 'create');
    await disk.sync(file);
    if (syncDirectory) await disk.syncDirectory('d');
    disk.rename('d/a', 'd/b');
    return engineWorldAfter(world, mode).disk.list('d');
  }

  it('loses entries that no directory sync covers, although the file was synced', async () => {
    expect(await namesAfter('none-kept', false)).toEqual([]);
    expect(await namesAfter('none-kept', true)).toEqual(['a']);
    expect(await namesAfter('all-kept', true)).toEqual(['b']);
    expect(await namesAfter('kill', false)).toEqual(['b']);
  });

  it('leaves after a kill what a later cut can still take', async () => {
    const world = engineWorld();
    const file = world.disk.open('d/a', 'create');
    await world.disk.syncDirectory('d');
    world.disk.append(file, bytes(3, 1));
    const killed = engineWorldAfter(world, 'kill');
    expect(killed.disk.files()).toEqual([['d/a', 3]]);
    expect(engineWorldAfter(killed, 'none-kept').disk.files()).toEqual([['d/a', 0]]);
  });

  it('covers by a directory sync only entries made before it began, however many overlap', async () => {
    const { scheduler, ...world } = scheduledEngineWorld();
    const create = (name: string) => world.disk.close(world.disk.open(`d/${name}`, 'create'));
    const run = async () => {
      create('a');
      const syncs = [world.disk.syncDirectory('d')];
      create('b');
      syncs.push(world.disk.syncDirectory('d'));
      create('c');
      await Promise.all(syncs);
    };
    await scheduler.runUntil(run());
    expect(engineWorldAfter(world, 'none-kept').disk.list('d')).toEqual(['a', 'b']);
  });

  it('leaves what a failed directory sync covered to a power cut, or to a later sync', async () => {
    const world = engineWorld();
    const { disk } = world;
    disk.close(disk.open('d/a', 'create'));
    disk.failSyncIn(1);
    await expect(disk.syncDirectory('d')).rejects.toMatchObject({ code: 'io' });
    expect(disk.list('d')).toEqual(['a']);
    expect(engineWorldAfter(world, 'none-kept').disk.list('d')).toEqual([]);
    expect(engineWorldAfter(world, 'all-kept').disk.list('d')).toEqual(['a']);
    await disk.syncDirectory('d');
    expect(engineWorldAfter(world, 'none-kept').disk.list('d')).toEqual(['a']);
  });
});
