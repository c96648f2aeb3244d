import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { engineWorld, scheduledEngineWorld } from '../../harness/targets/reference-engine-world.ts';
import { open, utf8 } from '../index.ts';
import type { RecordSource } from '../run/record.ts';
import type { RunMeta } from '../run/run-format.ts';
import { levelsOf, pickAll, pickCompaction, pickSettled } from './picker.ts';
import { taskSteps } from './task.ts';
import { VersionFilter } from './version-filter.ts';

interface Version {
  readonly key: number;
  readonly lsn: number;
  readonly isTombstone: boolean;
}

const record = ({ key, lsn, isTombstone }: Version): RecordSource => ({
  bytes: Uint8Array.of(key, 0, 0, 0),
  words: Uint32Array.of(key),
  keyOffset: 0,
  keyLength: 1,
  valueLength: 0,
  lsn,
  isTombstone,
});

const versions = fc
  .uniqueArray(
    fc.record({ key: fc.nat(4), lsn: fc.integer({ min: 1, max: 30 }), isTombstone: fc.boolean() }),
    { selector: ({ key, lsn }) => `${key}/${lsn}`, maxLength: 40 },
  )
  .map((all) => all.sort((a, b) => a.key - b.key || b.lsn - a.lsn));

/** What a snapshot sees of a key: the lsn of the visible version, or none. */
function seen(all: readonly Version[], key: number, at: number): number | undefined {
  const newest = all.find((version) => version.key === key && version.lsn <= at);
  return newest === undefined || newest.isTombstone ? undefined : newest.lsn;
}

describe('the version filter', () => {
  it('changes nothing that a snapshot at or above the safe point sees', () => {
    fc.assert(
      fc.property(versions, fc.nat(31), fc.boolean(), (all, safePoint, bottom) => {
        const filter = new VersionFilter(safePoint, bottom);
        const kept = all.filter((version) => filter.keeps(record(version)));
        for (let at = safePoint; at <= 31; at++) {
          for (let key = 0; key <= 4; key++) expect(seen(kept, key, at)).toBe(seen(all, key, at));
        }
      }),
    );
  });

  it('keeps at most one version of a key at or below the safe point, and no old tombstone', () => {
    fc.assert(
      fc.property(versions, fc.nat(31), (all, safePoint) => {
        const filter = new VersionFilter(safePoint, true);
        const old = all.filter((one) => filter.keeps(record(one)) && one.lsn <= safePoint);
        expect(new Set(old.map(({ key }) => key)).size).toBe(old.length);
        expect(old.some(({ isTombstone }) => isTombstone)).toBe(false);
      }),
    );
  });
});

describe('the picker', () => {
  const runs = (...tiers: readonly number[]): RunMeta[] =>
    tiers.map((tier, i) => ({ number: i, tier, bytes: 1, records: 1, minLsn: i, maxLsn: i }));

  const options = { fanIn: 3, runBytesMin: 1, isFinal: () => true };

  it('waits until enough runs of a tier stand together', () => {
    expect(pickCompaction(runs(1, 0, 0), options)).toBeUndefined();
    expect(pickCompaction(runs(1, 0, 0, 0), options)).toMatchObject({ start: 1, tier: 1 });
  });

  it('finds an older tier that is due', () => {
    expect(pickCompaction(runs(1, 1, 1, 0), options)).toMatchObject({ start: 0, tier: 2 });
  });

  describe('where runs do not overlap', () => {
    /** Runs of one byte each in key order, from `first` on. */
    const ascending = (first: number, ...tiers: readonly number[]): RunMeta[] =>
      runs(...tiers).map((run, i) => {
        const key = String(first + i).padStart(2, '0');
        return { ...run, number: first + i, span: [key, key] };
      });

    it('counts them as one', () => {
      expect(pickCompaction(ascending(10, 0, 0, 0, 0, 0), options)).toBeUndefined();
      expect(pickSettled(ascending(10, 0, 0, 0), options)).toBeUndefined();
      expect(pickAll(ascending(10, 0, 0, 0), options)).toBeUndefined();
      expect(pickAll(ascending(10, 0), options)).toMatchObject({ start: 0, tier: 1 });
    });

    it('takes all of them when a merge is due', () => {
      const over = [...ascending(10, 0, 0), ...ascending(10, 0, 0), ...ascending(10, 0)];
      expect(pickCompaction(over.slice(0, 4), options)).toBeUndefined();
      const pick = pickCompaction(over, options);
      expect(pick).toMatchObject({ start: 0, tier: 1 });
      expect(pick!.inputs).toEqual(over);
      expect(pickSettled(over, options)!.inputs).toEqual(over);
    });

    it('counts as many as a merge takes as a tier above', () => {
      const many = ascending(10, 0, 0, 0);
      const few = [...ascending(10, 0), ...ascending(10, 0)];
      expect(pickCompaction([...many, ...few], options)).toBeUndefined();
      const young = pickCompaction([...many, ...few, ...ascending(10, 0)], options);
      expect(young).toMatchObject({ start: 3, tier: 1 });
    });

    it('does so while they are large on average, and need no packing', () => {
      const three = ascending(10, 0, 0, 0);
      const due = { start: 0, tier: 1 };
      expect(pickCompaction(three, { ...options, runBytesMin: 2 })).toMatchObject(due);
      expect(pickCompaction(three, { ...options, isFinal: () => false })).toMatchObject(due);
      const large = three.map((run, i) => ({ ...run, bytes: i === 0 ? 4 : 1 }));
      const levels = (run: readonly RunMeta[]) =>
        levelsOf(run, { ...options, runBytesMin: 2 }).map(({ runs: all }) => all.length);
      expect(levels(large)).toEqual([3]);
      expect(levels([...large, ...ascending(40, 0, 0)])).toEqual([3, 1, 1]);
    });
  });

  it('takes everything for a full merge', () => {
    expect(pickAll(runs(2, 0), options)).toMatchObject({ start: 0, tier: 3 });
    expect(pickAll([], options)).toBeUndefined();
  });
});

describe('merging while idle', () => {
  /** Merges after eight flushes that are `apartMs` of virtual time apart. */
  async function mergesOf(apartMs: number): Promise<number> {
    const { env, scheduler } = scheduledEngineWorld();
    const run = async () => {
      const options = { directory: 'store', segmentBytes: 65_536, durability: 'none' } as const;
      const database = await open(env, { ...options, fanIn: 16 });
      for (let flush = 0; flush < 8; flush++) {
        await database.put(utf8.encode(`key ${flush}`), utf8.encode('value'));
        await database.checkpoint();
        await scheduler.sleep(apartMs);
      }
      const { compactions } = database.stats();
      await database.close();
      return compactions;
    };
    return scheduler.runUntil(run());
  }

  it('takes few runs when flushes are far apart, and waits for many when they are not', async () => {
    expect(await mergesOf(500)).toBeGreaterThan(0);
    expect(await mergesOf(0)).toBe(0);
  });
});

describe('the task that removes a file', () => {
  it('removes it', () => {
    const { disk } = engineWorld();
    disk.close(disk.open('store/run', 'create'));
    for (const _ of taskSteps(disk, { kind: 'remove', path: 'store/run' }))
      expect(_).toBeUndefined();
    expect(disk.list('store')).toEqual([]);
  });
});
