import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeEnv } from '../env/node/index.ts';
import { open, utf8 } from '../index.ts';
import { ClientError, type ClientOptions, connect, StoreClient } from './client.ts';
import { type RunningServer, startServer } from './server.ts';
import { ClientTransaction } from './transaction-client.ts';

const K = utf8.encode('k');
const directory = mkdtempSync(join(tmpdir(), 'assay-client-'));
let server: RunningServer;
let client: StoreClient;

beforeAll(async () => {
  const store = await open(nodeEnv(), { directory, durability: 'none' });
  server = await startServer(store, { port: 0, healthPort: 0 });
  client = connect(`127.0.0.1:${server.port}`);
  await client.put(K, utf8.encode('old'));
});
afterAll(async () => {
  await client.close();
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

const unreadable = Object.defineProperty({}, 'from', {
  enumerable: true,
  get: () => {
    throw new Error('not for you');
  },
});
const notBytes = fc.oneof(
  fc.constantFrom<unknown>(null, 'key', 7, new ArrayBuffer(8), new Uint16Array(4), [65], {}),
  fc.constantFrom<unknown>(new DataView(new ArrayBuffer(8)), new Proxy(K, {}), Symbol('key'), 1n),
  fc.anything().filter((value) => value !== undefined && !ArrayBuffer.isView(value)),
);
const missing = fc.oneof(fc.constant(undefined), notBytes);
const notFunction = fc.oneof(
  fc.constantFrom<unknown>(null, 'body', {}),
  fc.anything().filter((value) => typeof value !== 'function' && value !== undefined),
);
const notOptions = fc.oneof(
  fc.constantFrom<unknown>(null, 1, 'reverse', unreadable),
  fc.record({ unknown: fc.anything() }),
);
const option = (name: string, ...values: unknown[]) =>
  fc.constantFrom(...values).map((value) => ({ [name]: value }));
const notRange = fc.oneof(
  notOptions,
  ...['from', 'to', 'prefix'].map((name) => notBytes.map((value) => ({ [name]: value }))),
  option('reverse', 'yes', 1, null),
  option('limit', -1, 1.5, Number.NaN, '3', null, 2n),
);
const notChanges = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, K, 'batch', { 0: {} }, [null], [[K, K]]),
  missing.map((key) => [{ key, value: K, remove: false }]),
  missing.map((value) => [{ key: K, value, remove: false }]),
  fc.constant([{ key: K, value: K, remove: 'yes' }]),
);
const notIterable = fc.constantFrom<unknown>(null, undefined, 7, {}, 'batches', K.buffer);

type Entry = readonly [right: readonly unknown[], ...wrong: fc.Arbitrary<unknown>[]];
const READS = {
  get: [[K], missing],
  range: [[{ from: K }], notRange],
  put: [[K, K], missing, missing],
  delete: [[K], missing],
} satisfies Record<string, Entry>;
const ENTRIES: Readonly<Record<string, Readonly<Record<string, Entry>>>> = {
  StoreClient: {
    ...READS,
    batch: [[[]], notChanges],
    ingest: [
      [[[]], () => undefined],
      fc.oneof(
        notIterable,
        notChanges.map((changes) => [changes]),
      ),
      notFunction,
    ],
    begin: [[0], fc.constantFrom<unknown>(null, -1, 0.5, Number.NaN, '7', {})],
    transact: [[async () => 1], fc.oneof(fc.constant(undefined), notFunction)],
    once: [[async () => 1], fc.oneof(fc.constant(undefined), notFunction)],
    checkpoint: [[]],
    verify: [[]],
    stats: [[]],
    close: [[{}], fc.oneof(notOptions, option('deadlineMs', -1, '5', Number.NaN, null))],
  },
  ClientTransaction: { ...READS, commit: [[]], rollback: [[]] },
};

async function allOf<T>(records: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const record of records) all.push(record);
  return all;
}

/** What a call answers, or what its first record does. */
async function refusalOf(call: () => unknown): Promise<unknown> {
  try {
    const answer = await call();
    const all = answer as AsyncGenerator<unknown> | undefined;
    return { answered: typeof all?.next === 'function' ? await all.next() : answer };
  } catch (error) {
    if (!(error instanceof ClientError)) return error;
    return { code: error.code, definite: error.definite };
  }
}

const REFUSED = expect.objectContaining({
  code: expect.stringMatching(/^(invalid-argument|invalid-options)$/),
  definite: true,
});

describe('the entries of the client', () => {
  it.each(Object.entries({ StoreClient, ClientTransaction }))(
    'of %s are all in the table',
    (name, type) => {
      const methods = Object.getOwnPropertyNames(type.prototype).filter(
        (one) => one !== 'constructor',
      );
      expect(Object.keys(ENTRIES[name]!).sort()).toEqual(methods.sort());
    },
  );

  for (const [name, methods] of Object.entries(ENTRIES)) {
    for (const [method, [right, ...wrongs]] of Object.entries(methods)) {
      for (const [at, values] of wrongs.entries()) {
        it(`${name}.${method} refuses what argument ${at + 1} may not be`, async () => {
          const transaction = await client.begin();
          const receiver = name === 'StoreClient' ? client : transaction;
          await fc.assert(
            fc.asyncProperty(values, async (value) => {
              const call = () =>
                Reflect.apply(Reflect.get(receiver, method), receiver, right.with(at, value));
              expect(await refusalOf(call)).toEqual(REFUSED);
            }),
            { numRuns: 50 },
          );
          expect(await transaction.get(K)).toEqual(Buffer.from('old'));
          await transaction.rollback();
          expect(await client.get(K)).toEqual(Buffer.from('old'));
          expect(await allOf(client.range())).toHaveLength(1);
        });
      }
    }
  }

  it('refuses addresses and options that are none', () => {
    const wrong: [unknown, unknown][] = [
      [undefined, {}],
      [7, {}],
      ['localhost:1', null],
      ['localhost:1', { deadline: 5 }],
      ['localhost:1', { deadlineMs: '5' }],
      ['localhost:1', { retry: 'no' }],
      ['localhost:1', { backoffMaxMs: -1 }],
      ['localhost:1', { tls: { key: 7 } }],
      ['localhost:1', { tls: 'yes' }],
    ];
    for (const [address, options] of wrong) {
      expect(() => connect(address as string, options as ClientOptions)).toThrow(ClientError);
    }
  });

  it('keep nothing of what they were given', async () => {
    const lent = (text: string) => Buffer.from(text);
    const fresh = connect(`127.0.0.1:${server.port}`); // without a session: its first write waits
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(lent) as [Buffer, Buffer, Buffer, Buffer];
    const values = ['1', '2', '3'].map(lent) as [Buffer, Buffer, Buffer];
    const changes = [{ key: b, value: values[1], remove: false }];
    function* batches() {
      yield [{ key: c, value: values[2], remove: false }];
      c.fill('x');
      values[2].fill('x');
    }
    const written = [fresh.put(a, values[0]), fresh.batch(changes)];
    for (const bytes of [a, b, values[0], values[1]]) bytes.fill('x');
    changes.length = 0;
    await Promise.all(written);
    await fresh.ingest(batches());
    const read = fresh.get(d);
    const range = fresh.range({ prefix: d });
    d.fill('a');
    expect([await read, await allOf(range)]).toEqual([undefined, []]);
    const found = await allOf(fresh.range({ to: K }));
    expect(found.map(({ key, value }) => `${key}=${value}`)).toEqual(['a=1', 'b=2', 'c=3']);
    for (const key of ['a', 'b', 'c']) await fresh.delete(lent(key));
    await fresh.close();
  });
});
