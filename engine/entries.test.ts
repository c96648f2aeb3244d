import vm from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { engineWorld } from '../harness/targets/reference-engine-world.ts';
import { Database, isStoreError, type OpenOptions, open, utf8, WriteBatch } from './index.ts';
import { Snapshot } from './mvcc/snapshot.ts';
import { Transaction } from './mvcc/transaction.ts';

const OPTIONS = { directory: 'store', segmentBytes: 8192, durability: 'none' } as const;
const b = utf8.encode;
const K = b('k');
const NO_MEMORY = (() => {
  const bytes = new Uint8Array(8);
  structuredClone(0, { transfer: [bytes.buffer] });
  return bytes;
})();
const SHRUNK = (() => {
  const memory = new ArrayBuffer(16, { maxByteLength: 32 });
  const bytes = new Uint8Array(memory, 8, 8);
  memory.resize(4);
  return bytes;
})();

/** What throws when it is looked at. */
const UNREADABLE = ['from', 'durability', 'limit', 'directory', 'intervalMs', 'isolation'].map(
  (name) =>
    Object.defineProperty({}, name, {
      enumerable: true,
      get: () => {
        throw new Error('not for you');
      },
    }),
);
const TRAPS = new Proxy(
  {},
  {
    ownKeys: () => {
      throw null;
    },
    get: () => {
      throw 'a text';
    },
  },
);
const REVOKED = (() => {
  const { proxy, revoke } = Proxy.revocable([], {});
  revoke();
  return proxy;
})();

/** What is no array of bytes, though much of it looks like one. */
const notBytes = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    'key',
    0,
    Number.NaN,
    true,
    1n,
    Symbol('key'),
    () => K,
    new ArrayBuffer(8),
    new SharedArrayBuffer(8),
    new DataView(new ArrayBuffer(8)),
    new Uint16Array(4),
    new Uint8ClampedArray(4),
    new Proxy(K, {}),
    Object.create(Uint8Array.prototype),
    { length: 1, 0: 65 },
    [65, 66],
    NO_MEMORY,
    SHRUNK,
  ),
  fc.anything().filter((value) => value !== undefined && !ArrayBuffer.isView(value)),
);
const missing = fc.oneof(fc.constant(undefined), notBytes);
const notFunction = fc.anything();
const notOptions = fc.oneof(
  fc.constantFrom<unknown>(null, 1, 'sync', true, Symbol('options')),
  fc.record({ unknown: fc.anything() }),
);
const wrong = <T>(name: string, ...values: T[]) =>
  fc.constantFrom(...values).map((value) => ({ [name]: value }));
const notCommitOptions = fc.oneof(
  notOptions,
  wrong<unknown>('durability', 'none', 'SYNC', 1, null, {}),
);
const notTransactOptions = fc.oneof(notCommitOptions, wrong<unknown>('isolation', 'si', null, 1));
const notRangeOptions = fc.oneof(
  notOptions,
  ...['from', 'to', 'prefix'].map((name) => notBytes.map((value) => ({ [name]: value }))),
  wrong<unknown>('reverse', 'yes', 1, null),
  wrong<unknown>('limit', -1, 1.5, Number.NaN, '3', null, 2n),
);

/** For each method: arguments that are right, and for each of them those that are not. */
type Entry = readonly [right: readonly unknown[], ...wrong: fc.Arbitrary<unknown>[]];
const NONE: Entry = [[]];
const READ: Entry = [[K], missing];
const WRITE: Entry = [[K, b('v'), {}], missing, missing, notCommitOptions];
const REMOVE: Entry = [[K, {}], missing, notCommitOptions];
const RANGE: Entry = [[{ from: K }], notRangeOptions];
const batch = new WriteBatch();
batch.put(K, b('batch'));
const isNoBatch = fc.oneof(fc.constant(Object.create(WriteBatch.prototype)), fc.anything());

const ENTRIES: Readonly<Record<string, Readonly<Record<string, Entry>>>> = {
  Database: {
    get: READ,
    getView: [[K, () => 1], missing, notFunction],
    getMany: [
      [[K, b('l')]],
      fc.oneof(
        missing.map((key) => [K, key]),
        fc.constant(K),
        missing,
      ),
    ],
    range: RANGE,
    snapshot: NONE,
    snapshotAt: [
      [1],
      fc.constantFrom<unknown>(null, undefined, '1', Number.NaN, 1.5, new Date(Number.NaN), {}),
    ],
    begin: [['snapshot'], fc.constantFrom<unknown>(null, 'si', 1, {})],
    transact: [[() => 1, {}], notFunction, notTransactOptions],
    put: WRITE,
    delete: REMOVE,
    write: [[batch, {}], isNoBatch, notCommitOptions],
    writeNow: [[batch], isNoBatch],
    sync: NONE,
    checkpoint: NONE,
    compact: NONE,
    pause: NONE,
    stats: NONE,
    close: NONE,
  },
  Transaction: {
    get: READ,
    put: [[K, b('v')], missing, missing],
    delete: [[K], missing],
    range: RANGE,
    commit: [[{}], notCommitOptions],
    rollback: NONE,
  },
  Snapshot: { get: READ, range: RANGE, close: NONE },
  WriteBatch: { put: [[K, b('v')], missing, missing], delete: [[K], missing], clear: NONE },
};

const CLASSES = { Database, Transaction, Snapshot, WriteBatch };

async function opened(options: Partial<OpenOptions> = {}) {
  const world = engineWorld();
  const database = await open(world.env, { ...OPTIONS, ...options });
  await database.put(K, b('old'));
  return { world, database };
}

async function refusalOf(act: () => unknown): Promise<unknown> {
  try {
    return { answered: await act() };
  } catch (error) {
    return isStoreError(error) ? { code: error.code, definite: error.definite } : error;
  }
}

const REFUSED = expect.objectContaining({
  code: expect.stringMatching(/^(invalid-argument|invalid-options)$/),
  definite: true,
});

describe('the entries of the engine', () => {
  for (const [name, type] of Object.entries(CLASSES)) {
    it(`of ${name} are all in the table`, () => {
      const methods = Object.entries(Object.getOwnPropertyDescriptors(type.prototype))
        .filter(([, { value }]) => typeof value === 'function')
        .map(([method]) => method);
      expect(methods.filter((method) => method !== 'constructor')).toEqual(
        expect.arrayContaining(Object.keys(ENTRIES[name]!)),
      );
      for (const method of methods) {
        if (method === 'constructor') continue;
        expect([method, ENTRIES[name]![method] !== undefined]).toEqual([method, true]);
      }
    });
  }

  for (const [name, methods] of Object.entries(ENTRIES)) {
    for (const [method, [right, ...wrongs]] of Object.entries(methods)) {
      for (const [at, values] of wrongs.entries()) {
        it(`${name}.${method} refuses what argument ${at + 1} may not be`, async () => {
          const { world, database } = await opened();
          const transaction = database.begin();
          const snapshot = database.snapshot();
          const objects = { Database: database, Transaction: transaction, Snapshot: snapshot };
          const receiver = name === 'WriteBatch' ? new WriteBatch() : Reflect.get(objects, name);
          await fc.assert(
            fc.asyncProperty(values, async (value) => {
              const args = right.with(at, value);
              fc.pre(value !== undefined || method !== 'begin');
              if (typeof value === 'function' && typeof right[at] === 'function') return;
              const call = () => Reflect.apply(Reflect.get(receiver, method), receiver, args);
              expect(await refusalOf(call)).toEqual(REFUSED);
            }),
          );
          for (const odd of [TRAPS, REVOKED, ...UNREADABLE]) {
            const call = () =>
              Reflect.apply(Reflect.get(receiver, method), receiver, right.with(at, odd));
            expect(await refusalOf(call)).toEqual(REFUSED);
          }
          if (receiver === transaction || receiver === snapshot) {
            expect(utf8.decode(receiver.get(K)!)).toBe('old');
          }
          transaction.rollback();
          snapshot.close();
          expect([...database.range()]).toHaveLength(1);
          await database.close();
          const again = await open(world.env, OPTIONS);
          expect(utf8.decode(again.get(K)!)).toBe('old');
          await again.close();
        });
      }
    }
  }

  it('take arrays of bytes from anywhere, and keep what was in them', async () => {
    const { database } = await opened();
    const foreign = vm.runInNewContext('new Uint8Array([1, 2, 3])') as Uint8Array;
    const growing = new Uint8Array(new ArrayBuffer(3, { maxByteLength: 8 }));
    const shared = new Uint8Array(new SharedArrayBuffer(3));
    for (const bytes of [growing, shared]) bytes.set([1, 2, 3]);
    class Lying extends Uint8Array {
      override get length() {
        return 7;
      }
    }
    const pooled = Buffer.from([0, 1, 2, 3, 4]).subarray(1, 4);
    for (const bytes of [foreign, growing, shared, pooled, new Lying([1, 2, 3])]) {
      await database.put(bytes, bytes);
      await database.transact((t) => t.put(bytes, bytes));
      expect(database.get(new Uint8Array([1, 2, 3]))).toEqual(new Uint8Array([1, 2, 3]));
      if (!(bytes instanceof Lying)) expect(database.get(bytes)).toHaveLength(3);
      await database.delete(bytes);
      expect([...database.range()]).toHaveLength(1);
    }
  });

  it('read each option once', async () => {
    const { database } = await opened();
    const reads = new Map<string, number>();
    const counted = <T extends object>(options: T): T =>
      Object.defineProperties(
        {},
        Object.fromEntries(
          Object.entries(options).map(([name, value]) => [
            name,
            {
              enumerable: true,
              get: () => {
                reads.set(name, (reads.get(name) ?? 0) + 1);
                return value;
              },
            },
          ]),
        ),
      ) as T;
    const range = { from: b('a'), to: b('z'), prefix: b('k'), reverse: true, limit: 2 };
    expect([...database.range(counted(range))]).toHaveLength(1);
    expect([...database.begin().range(counted(range))]).toHaveLength(1);
    expect([...database.snapshot().range(counted(range))]).toHaveLength(1);
    for (const name of Object.keys(range)) expect([name, reads.get(name)]).toEqual([name, 3]);
    reads.clear();
    await database.put(K, K, counted({ durability: 'sync' as const }));
    await database.transact(
      () => 1,
      counted({ durability: 'sync', isolation: 'snapshot' } as const),
    );
    expect([...reads]).toEqual([
      ['durability', 2],
      ['isolation', 1],
    ]);
    reads.clear();
    const durability = counted({ intervalMs: 5 });
    const other = await open(engineWorld().env, counted({ ...OPTIONS, durability }));
    expect([...reads.values()].every((count) => count === 1)).toBe(true);
    await other.close();
  });
});

describe('opening a store', () => {
  const whole = fc.constantFrom<unknown>(-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '9', null);
  const given = (name: keyof OpenOptions, values: fc.Arbitrary<unknown>) =>
    values.map((value) => ({ ...OPTIONS, [name]: value }));
  const word = fc.constantFrom<unknown>(null, '', 'SYNC', 7, [], true);
  const WRONG: Readonly<Record<keyof OpenOptions, fc.Arbitrary<unknown>>> = {
    directory: fc.constantFrom<unknown>('', 'a\0b', null, undefined, 7, {}),
    durability: fc.oneof(
      word,
      wrong<unknown>('intervalMs', 0, -1, Number.NaN, '5', null),
      notOptions.filter((value) => value !== 'sync'),
    ),
    isolation: word,
    mustExist: fc.constantFrom<unknown>('no', 0, null),
    segmentBytes: fc.oneof(whole, fc.constant(2 ** 31)),
    maxUnflushedBytes: fc.oneof(whole, fc.constant(8192)),
    blockBytes: fc.oneof(whole, fc.constant(8)),
    cacheBytes: whole,
    memoryBytes: fc.oneof(whole, fc.constant(65_535)),
    compression: word,
    fanIn: fc.oneof(whole, fc.constant(1)),
    retain: fc.oneof(
      wrong<unknown>('versions', Number.NaN, -5, '3', null, 0.5),
      wrong<unknown>('ageMs', Number.NaN, -1e6, '3', null),
      notOptions,
    ),
    checkpointEveryBytes: fc.oneof(whole, fc.constant(0)),
  };
  for (const [name, values] of Object.entries(WRONG)) {
    it(`refuses what ${name} may not be`, async () => {
      await fc.assert(
        fc.asyncProperty(given(name as keyof OpenOptions, values), async (options) => {
          const { env, disk } = engineWorld();
          const refused = await refusalOf(() => open(env, options as unknown as OpenOptions));
          expect(refused).toEqual({ code: 'invalid-options', definite: true });
          expect(disk.openFiles).toBe(0);
        }),
      );
    });
  }

  it('refuses options of unknown names, and no options', async () => {
    for (const options of [
      null,
      undefined,
      7,
      { ...OPTIONS, cacheByte: 1 },
      TRAPS,
      REVOKED,
      ...UNREADABLE,
    ]) {
      const { env } = engineWorld();
      const refused = await refusalOf(() => open(env, options as unknown as OpenOptions));
      expect(refused).toEqual({ code: 'invalid-options', definite: true });
    }
  });

  it('keeps no object of the caller', async () => {
    const durability = { intervalMs: 5 };
    const retain = { versions: 3 };
    const { database } = await opened({ durability, retain });
    durability.intervalMs = 7;
    retain.versions = Number.NaN;
    expect(database.settings).toMatchObject({
      durability: { intervalMs: 5 },
      retain: { versions: 3 },
    });
    expect(() => Object.assign(database.settings, { fanIn: 0 })).toThrow('read only');
  });
});
