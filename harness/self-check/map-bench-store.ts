/** A benchmarked store that is a map in memory: right by being simple, for trials of the benchmark's checks. */
import type { BenchStore, BenchTarget } from '../bench/bench-store.ts';

/** Every opening has the records of the one before. */
export function mapBenchTarget(): BenchTarget {
  const values = new Map<string, Buffer>();
  return { name: 'map', tuning: 'a map in memory', open: async () => mapStore(values) };
}

function mapStore(values: Map<string, Buffer>): BenchStore {
  let sorted: string[] | undefined;
  const nameOf = (key: Uint8Array) => Buffer.from(key).toString('latin1');
  const put = (key: Buffer, value: Buffer) => {
    const name = nameOf(key);
    if (!values.has(name)) sorted = undefined;
    values.set(name, Buffer.from(value));
  };
  const get = (key: Buffer) => values.get(nameOf(key));
  return {
    concurrentWriters: true,
    write({ keys, values: all, count }) {
      for (let i = 0; i < count; i++) put(keys[i]!, all[i]!);
    },
    put,
    putDurable: put,
    get,
    getMany: (keys) => keys.map(get),
    scan(from, limit, reverse, visit) {
      sorted ??= [...values.keys()].sort();
      const start = firstAtLeast(sorted, nameOf(from));
      for (let i = 0; i < limit; i++) {
        const isThere = sorted[start] === nameOf(from);
        const name = sorted[reverse ? start - i - (isThere ? 0 : 1) : start + i];
        if (name === undefined) return;
        visit(Buffer.from(name, 'latin1'), values.get(name)!);
      }
    },
    sync() {},
    async settle() {},
    async close() {},
    figures: () => ({}),
  };
}

function firstAtLeast(sorted: readonly string[], name: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < name) low = middle + 1;
    else high = middle;
  }
  return low;
}
