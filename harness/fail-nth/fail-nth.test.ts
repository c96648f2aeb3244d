import { describe, expect, it } from 'vitest';
import { StoreError } from '../../engine/index.ts';
import type { DirectStore } from '../simulation/sim/direct-store.ts';
import { canFail, FailingCalls, WAYS, type Way } from '../simulation/sim/failing-calls.ts';
import type { SimulatedTarget } from '../simulation/sim/simulated-target.ts';
import engine from '../targets/reference-engine-sim.ts';
import { engineWorld } from '../targets/reference-engine-world.ts';
import { Allowed } from './allowed.ts';
import { FailNthRun } from './fail-nth-run.ts';
import { FullDiskRun } from './full-disk-run.ts';
import { KilledSyncRun } from './killed-sync-run.ts';

const settings = { segmentBytes: 4096, blockBytes: 1024, cacheBytes: 65_536, fanIn: 3 };
const SEED = 1;

const whole = new FailNthRun(engine, settings, SEED);
const callsOf = async () => {
  if (whole.calls.count === 0) expect(await whole.problem()).toBeUndefined();
  return whole.calls.calls;
};

/** The engine, but for some of what its stores do. */
function engineBut(wrong: (store: DirectStore) => Partial<DirectStore>): SimulatedTarget {
  return {
    ...engine,
    async openDirect(...parts) {
      const store = await engine.openDirect(...parts);
      return { ...store, ...wrong(store) };
    },
  };
}

/** The first problem among all calls of that name in the first life. */
async function firstProblem(target: SimulatedTarget, name: string, way: Way) {
  for (const [call, made] of (await callsOf()).entries()) {
    if (made.name !== name) continue;
    const problem = await new FailNthRun(target, settings, SEED, { call, way }).problem();
    if (problem !== undefined) return problem;
  }
  return undefined;
}

describe('a store whose calls fail', () => {
  it('makes the same calls from the same seed, each from a place of the engine', async () => {
    const again = new FailNthRun(engine, settings, SEED);
    expect(await again.problem()).toBeUndefined();
    expect(again.calls.calls).toEqual(await callsOf());
    const places = new Set(again.calls.calls.map(({ site }) => site));
    expect(places.size).toBeGreaterThan(50);
    for (const place of places) expect(place).toMatch(/^engine\/[a-z/-]+\.ts:\d+ [a-zA-Z]+$/);
  });

  const once: Way = { how: 'reject', error: 'io', lasts: 'once' };
  it.each<[string, RegExp, string, SimulatedTarget]>([
    [
      'throws what nobody can handle',
      /the error has no type/,
      'writeDurable',
      engineBut((store) => ({
        write: (...change) =>
          store.write(...change).catch(() => {
            throw new Error('it did not work');
          }),
      })),
    ],
    [
      'calls definite what may have happened',
      /is "\d+ .*", not /,
      'writeDurable',
      engineBut((store) => ({
        write: (...change) =>
          store.write(...change).catch(({ code, message }: StoreError) => {
            throw new StoreError(code, message, true);
          }),
      })),
    ],
    [
      'refuses to close',
      /close rejects/,
      'end',
      engineBut((store) => ({
        close: async () => {
          await store.close();
          throw new StoreError('io', 'not quite', false);
        },
      })),
    ],
    [
      'keeps its files open',
      /files are left open/,
      'end',
      engineBut(() => ({ close: () => Promise.resolve() })),
    ],
  ])('is caught when it %s', async (_, message, name, target) => {
    const late: Way = { how: 'late', error: 'io', lasts: 'once' };
    const way = message.source.startsWith('is ') ? late : once;
    expect(await firstProblem(target, name, way)).toMatch(message);
  });
});

describe('a store on a full disk', () => {
  it.each([0, 700, 4096, 9000, 20_000])(
    'opens, reads and deletes (%i bytes)',
    async (roomBytes) => {
      const run = new FullDiskRun(engine, settings, SEED, roomBytes);
      expect(await run.problem()).toBeUndefined();
    },
  );

  it('is caught when it refuses deletes', async () => {
    const target = engineBut((store) => ({
      write: async (changes) => {
        if (changes.some(([, value]) => value === null)) {
          throw new StoreError('disk-full', 'no space left', true);
        }
        return await store.write(changes);
      },
    }));
    expect(await new FullDiskRun(target, settings, SEED, 4096).problem()).toMatch(/no space left/);
  });
});

describe('a store that is killed amid a sync, which fails', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'keeps what it acknowledged and showed (sync %i)',
    async (at) => {
      const run = new KilledSyncRun(engine, settings, SEED);
      expect(await run.problem(at)).toBeUndefined();
      expect(run.hasFailed).toBe(true);
    },
  );

  it('is caught when it acknowledges before the sync', async () => {
    const hasty = engineBut((store) => ({
      write: async (changes) => {
        store.write(changes).catch(() => undefined);
        return 1;
      },
    }));
    const problems: (string | undefined)[] = [];
    for (let at = 1; at <= 12; at++) {
      problems.push(await new KilledSyncRun(hasty, settings, SEED).problem(at));
    }
    expect(problems.join()).toMatch(/acknowledged, is not there/);
  });
});

describe('failing calls', () => {
  const failing = (way: Way, call = 0) => new FailingCalls(engine.diskError, { call, way });

  it('fails by a throw, by a rejection, or after the effect', async () => {
    const outcomes: string[] = [];
    for (const way of WAYS.filter(({ how }) => how !== 'hang')) {
      const { disk } = engineWorld();
      const file = disk.open('store/a', 'create');
      const calls = failing(way);
      const failed = calls.disk(disk, calls.beginLife());
      disk.writeAt(file, new Uint8Array([1]), 0);
      let turn = 'in its turn';
      try {
        const sync = failed.sync(file);
        turn = 'later';
        await sync;
      } catch {
        outcomes.push(`${way.how} ${turn}, ${disk.syncs} syncs`);
      }
    }
    expect(new Set(outcomes)).toEqual(
      new Set(['throw in its turn, 0 syncs', 'late later, 1 syncs', 'reject later, 0 syncs']),
    );
  });

  it('fails once, its like after, or all after', () => {
    const attempt = (run: () => unknown) => {
      try {
        run();
        return 'done';
      } catch {
        return 'failed';
      }
    };
    const attemptsOf = (lasts: Way['lasts']) => {
      const { disk } = engineWorld();
      const calls = failing({ how: 'throw', error: 'io', lasts }, 1);
      const failed = calls.disk(disk, calls.beginLife());
      return [
        attempt(() => failed.list('store')),
        attempt(() => failed.list('store')),
        attempt(() => failed.allocate(1)),
        attempt(() => failed.list('store')),
      ].join(' ');
    };
    expect(attemptsOf('once')).toBe('done failed done done');
    expect(attemptsOf('same')).toBe('done failed done failed');
    expect(attemptsOf('all')).toBe('done failed failed failed');
  });

  it('never keeps a descriptor or a lock from being released', () => {
    const { disk } = engineWorld();
    const calls = failing({ how: 'throw', error: 'io', lasts: 'all' }, 2);
    const failed = calls.disk(disk, calls.beginLife());
    const lock = failed.lock('store/LOCK');
    const file = failed.open('store/a', 'create');
    expect(() => failed.close(file)).toThrow('made to fail');
    expect(() => lock.release()).toThrow('made to fail');
    expect(disk.openFiles).toBe(0);
    expect(() => disk.lock('store/LOCK')).not.toThrow();
  });

  it('can make every call fail in at least two ways', () => {
    for (const name of ['open', 'close', 'after', 'sync', 'run', 'allocate'] as const) {
      expect(WAYS.filter((way) => canFail(name, way)).length).toBeGreaterThan(1);
    }
  });
});

describe('what may be there', () => {
  it('is the new value, the old one, or either', () => {
    const allowed = new Allowed();
    allowed.applied([['a', '1']]);
    expect(allowed.problem('a', '1')).toBeUndefined();
    expect(allowed.problem('a', undefined)).toBe('a is missing, not "1"');
    allowed.maybeApplied([['a', null]]);
    expect(allowed.problem('a', undefined)).toBeUndefined();
    expect(allowed.problem('a', '1')).toBeUndefined();
    expect(allowed.problem('b', '1')).toBe('b is "1", not missing');
  });

  it('is settled by what a store shows after it was opened', () => {
    const allowed = new Allowed();
    allowed.maybeApplied([['a', '1']]);
    expect(allowed.problemWith([['a', '1']], true)).toBeUndefined();
    expect(allowed.problemWith([], false)).toBe('a is missing, not "1"');
  });
});
