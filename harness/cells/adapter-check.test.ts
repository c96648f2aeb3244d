import { describe, expect, it } from 'vitest';
import type { Cluster } from '../contract/cluster.ts';
import type { EmbeddedTarget, Transaction } from '../contract/target.ts';
import { announcing } from './adapter-calls.ts';
import { adapterError, clusterAdapterError } from './adapter-check.ts';

/** A plug-in whose own module, /mine/store.ts, throws where it is called from /mine/index.ts or not. */
const failing = (...frames: readonly string[]): EmbeddedTarget => ({
  kind: 'embedded',
  name: 'mine',
  doc: 'throws',
  capabilities: { isolation: 'serializable', durable: true, graph: false },
  open: () => {
    const error = new Error('no such file');
    error.stack = ['Error: no such file', ...frames.map((at) => `    at ${at}`)].join('\n');
    return Promise.reject(error);
  },
});

it.each([
  [['read (file:///mine/store.ts:3:4)', 'open (file:///mine/index.ts:7:8)'], '/mine/index.ts:7:8'],
  [['read (node:fs:1:2)', 'read (file:///mine/store.ts:3:4)'], '/mine/store.ts:3:4'],
])('names the call in the plug-in, or in what it imports', async (frames, place) => {
  const found = await adapterError(failing(...frames), 'file:///mine/index.ts', {});
  expect(found).toMatch(/^adapter error: mine fails the conformance check ".+": no such file, at /);
  expect(found).toContain(`(${place})`);
});

it('announces each call with its place, and when it has returned', async () => {
  const heard: (string | undefined)[] = [];
  const session = {
    begin: () => Promise.reject(new Error('not today')),
    close: () => Promise.resolve(),
  };
  const target = announcing<EmbeddedTarget>(
    { ...failing(), open: async () => ({ connect: async () => session, close: session.close }) },
    (call) => heard.push(call),
  );
  const connected = await (await target.open('', {})).connect();
  await expect(connected.begin()).rejects.toThrow('not today');
  const names = heard.map((call) => call?.replace(/ \(at \/.*adapter-check\.test\.ts:\d+\)$/, '!'));
  expect(names).toEqual(['open!', undefined, 'connect!', undefined, 'begin!', undefined]);
});

it('has announced the call that does not return', async () => {
  const hangs: EmbeddedTarget = { ...failing(), open: () => new Promise(() => {}) };
  const heard = await new Promise((resolve) => {
    void adapterError(hangs, 'file:///mine/index.ts', {}, resolve);
  });
  expect(heard).toMatch(
    /^mine does not return from open \(at .+:\d+\) in the conformance check ".+"$/,
  );
});

describe('a cluster', () => {
  it('passes when its sessions do as they must', async () => {
    const records = new Map([['a', 'kept']]);
    expect(await clusterAdapterError('mine', clusterOver(records), PLUGIN)).toBeUndefined();
    const others = [...records].filter(([key]) => !key.startsWith('adapter-check/'));
    expect(others).toEqual([['a', 'kept']]);
  });

  it('may be unable to express a range over its own writes', async () => {
    const range = () => Promise.reject(refusal('not-expressible'));
    const own = clusterOver(new Map(), (transaction, writes) =>
      writes.size > 0 ? { ...transaction, range } : transaction,
    );
    expect(await clusterAdapterError('mine', own, PLUGIN)).toBeUndefined();
  });

  it('is tried again when it refuses a request', async () => {
    let refusals = 2;
    const once = clusterOver(new Map(), (transaction) => ({
      ...transaction,
      get: (key) => (refusals-- > 0 ? Promise.reject(refusal('not-yet')) : transaction.get(key)),
    }));
    expect(await clusterAdapterError('mine', once, PLUGIN)).toBeUndefined();
  });

  it.each<[string, RegExp, Partial<Transaction>]>([
    ['finds nothing', /reads what was committed.*the values/, { get: async () => undefined }],
    ['commits nothing', /reads what was committed.*the values/, { commit: async () => undefined }],
    ['ranges over nothing', /reads its own writes.*the range/, { range: async () => [] }],
    ['throws', /odd/, { put: () => Promise.reject(new Error('odd')) }],
  ])('has an adapter error when it %s', async (_, words, wrong) => {
    const own = clusterOver(new Map(), (transaction) => ({ ...transaction, ...wrong }));
    const found = await clusterAdapterError('mine', own, PLUGIN);
    expect(found).toMatch(/^adapter error: mine fails the conformance check/);
    expect(found).toMatch(words);
  });

  it('has announced the call that does not return', async () => {
    const hangs: Cluster = { ...clusterOver(new Map()), connect: () => new Promise(() => {}) };
    const heard = await new Promise((resolve) => {
      void clusterAdapterError('mine', hangs, PLUGIN, resolve);
    });
    expect(heard).toMatch(/^mine does not return from connect .* in the conformance check ".+"$/);
  });
});

const PLUGIN = 'file:///mine/index.ts';
const refusal = (code: string) => Object.assign(new Error(code), { code, definite: true });

/** Sessions over a map; `change`: what one of them does otherwise. */
function clusterOver(
  records: Map<string, string>,
  change: (own: Transaction, writes: ReadonlyMap<string, unknown>) => Transaction = (own) => own,
): Cluster {
  const begin = async () => {
    const writes = new Map<string, string | undefined>();
    const all = () => new Map<string, string | undefined>([...records, ...writes]);
    const own = (): Transaction => ({
      get: async (key) => all().get(key),
      put: async (key, value) => void writes.set(key, value),
      delete: async (key) => void writes.set(key, undefined),
      async range({ prefix, limit, reverse }) {
        const found = [...all()].filter(
          (record): record is [string, string] =>
            record[0].startsWith(prefix) && record[1] !== undefined,
        );
        found.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        return (reverse === true ? found.reverse() : found).slice(0, limit);
      },
      async commit() {
        for (const [key, value] of writes) {
          if (value === undefined) records.delete(key);
          else records.set(key, value);
        }
      },
      rollback: async () => undefined,
    });
    return new Proxy(own(), {
      get: (transaction, name: keyof Transaction) => change(transaction, writes)[name],
    });
  };
  const close = async () => undefined;
  return { connect: async () => ({ begin, close }), close };
}
