/**
 * Stores with planted faults, as negative controls of the benchmark's own checks. Each wraps a store
 * and is named by a suffix, as in `engine+put-does-nothing`. A run on one must report wrong values and
 * exit with code 1.
 */
import type { BenchStore, BenchTarget } from './bench-store.ts';

type Lie = (store: BenchStore) => Partial<BenchStore>;

export const LIES: Readonly<Record<string, Lie>> = {
  /** Single writes are acknowledged and dropped. */
  'put-does-nothing': () => ({ put: () => undefined, putDurable: () => undefined }),
  /** The last record of each batch is dropped. */
  'batch-loses-one': (store) => ({
    write: ({ keys, values, count }, durable) =>
      store.write({ keys, values, count: Math.max(0, count - 1) }, durable),
  }),
  /** Every write of a record after the first is dropped. */
  'value-one-version-old': (store) => {
    const held = new Map<string, Buffer>();
    const previous = (key: Buffer, value: Buffer) => {
      const name = key.toString('latin1');
      const before = held.get(name);
      held.set(name, Buffer.from(value));
      return before;
    };
    return {
      put(key, value) {
        const before = previous(key, value);
        return before === undefined ? undefined : store.put(key, before);
      },
      putDurable(key, value) {
        const before = previous(key, value);
        return before === undefined ? undefined : store.putDurable(key, before);
      },
    };
  },
  /** A scan returns its first record only. */
  'scan-returns-one': (store) => ({
    scan: (from, _limit, reverse, visit) => store.scan(from, 1, reverse, visit),
  }),
  /** A scan skips every tenth record and continues to its limit. */
  'scan-skips': (store) => ({
    scan(from, limit, reverse, visit) {
      let seen = 0;
      return store.scan(from, Math.ceil((limit * 10) / 9), reverse, (key, value) => {
        if (++seen % 10 !== 0 && seen - Math.floor(seen / 10) <= limit) visit(key, value);
      });
    },
  }),
  /** A scan returns each key with the previous record's value. */
  'scan-mixes-values': (store) => ({
    scan(from, limit, reverse, visit) {
      let before: Uint8Array | undefined;
      return store.scan(from, limit, reverse, (key, value) => {
        visit(key, before ?? value);
        before = Buffer.from(value);
      });
    },
  }),
  /** getMany returns its values in another order. */
  'get-many-reorders': (store) => ({
    async getMany(keys) {
      return [...(await store.getMany(keys))].reverse();
    },
  }),
  /** The store has half of the requested cache size, and reports so. */
  'half-the-cache': (store) => ({ cacheCapacity: () => (store.cacheCapacity?.() ?? 0) / 2 }),
  /** Reads of absent keys return a value. */
  'finds-the-absent': (store) => ({
    get: (key) => store.get(key) ?? Buffer.from('absent'),
    view: (key) => store.view?.(key) ?? Buffer.from('absent'),
  }),
};

export function lying(target: BenchTarget, name: string): BenchTarget | undefined {
  const lie = LIES[name];
  if (lie === undefined) return undefined;
  return {
    ...target,
    name: `${target.name}+${name}`,
    open: async (options) => {
      const store = await target.open(options);
      return { ...store, ...lie(store) };
    },
  };
}

/** The workloads that must see each lie. */
export const SEEN_BY: Readonly<Record<string, readonly string[]>> = {
  'put-does-nothing': ['ycsb-a', 'commits-1', 'mixed'],
  'batch-loses-one': ['ingest-random'],
  'value-one-version-old': ['ycsb-f', 'commits-64'],
  'scan-returns-one': ['scans', 'ycsb-e'],
  'scan-skips': ['scans-reverse', 'ycsb-e'],
  'scan-mixes-values': ['scans'],
  'get-many-reorders': ['get-many'],
  'finds-the-absent': ['points-absent'],
};
