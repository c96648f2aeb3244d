/** The reference engine as a benchmark drives it. */
import {
  addEdge,
  addVertex,
  type Database,
  GraphStore,
  nodeEnv,
  open,
  orderedStore,
  WriteBatch,
} from '../../engine/index.ts';
import type { BenchGraph, BenchOptions, BenchStore, BenchTarget } from '../bench/bench-store.ts';

async function engineBenchStore(options: BenchOptions): Promise<BenchStore> {
  const store = await open(nodeEnv(), {
    directory: options.directory,
    durability: options.durable ? 'sync' : 'none',
    ...(options.cacheBytes === undefined ? {} : { cacheBytes: options.cacheBytes }),
  });
  const group = new WriteBatch();
  let view: Uint8Array | undefined;
  const keep = (value: Uint8Array) => {
    view = value;
  };
  const commit = (): void | Promise<void> => {
    if (options.durable || store.writeNow(group) === 0) return wait();
  };
  const wait = async () => {
    await store.write(group);
  };
  return {
    concurrentWriters: true,
    write({ keys, values, count }) {
      group.clear();
      for (let i = 0; i < count; i++) group.put(keys[i]!, values[i]!);
      return commit();
    },
    put(key, value) {
      group.clear();
      group.put(key, value);
      return commit();
    },
    putDurable: async (key, value) => {
      await store.put(key, value);
    },
    get: (key) => store.get(key),
    view(key) {
      view = undefined;
      store.getView(key, keep);
      return view;
    },
    getMany: (keys) => store.getMany(keys),
    begin(isolation) {
      const transaction = store.begin(isolation);
      return {
        get: (key) => transaction.get(key),
        commit: async () => {
          await transaction.commit();
        },
      };
    },
    scan(from, limit, reverse, visit) {
      const range = reverse ? { to: Buffer.concat([from, Buffer.alloc(1)]) } : { from };
      for (const { key, value } of store.range({ ...range, reverse, limit })) visit(key, value);
    },
    transact: (body) => store.transact(body),
    graph: () => engineGraph(store),
    sync: () => store.sync(),
    settle: () => store.compact(),
    checkpoint: async () => {
      await store.checkpoint();
    },
    compact: () => store.compact(),
    close: () => store.close(),
    cacheCapacity: () => store.stats().cacheLimitBytes,
    figures: () => {
      const stats = store.stats();
      return Object.fromEntries(
        Object.entries(stats).filter((entry): entry is [string, number] => {
          return typeof entry[1] === 'number';
        }),
      );
    },
  };
}

const LABEL = 'knows';

function engineGraph(database: Database): BenchGraph {
  const ordered = orderedStore(database);
  const store = new GraphStore(ordered);
  return {
    addVertices: (vertices) =>
      ordered.transact(async (transaction) => {
        for (const vertex of vertices) await addVertex(transaction, vertex, {});
      }),
    addEdges: (edges) =>
      ordered.transact(async (transaction) => {
        for (const edge of edges) await addEdge(transaction, { ...edge, label: LABEL }, {});
      }),
    async neighbours(vertex, limit, after) {
      const from =
        after === undefined ? {} : { after: { source: vertex, label: LABEL, target: after } };
      const page = await store.neighbours(vertex, 'out', { label: LABEL, limit, ...from });
      return page.map(({ target }) => target);
    },
    degree: async (vertex) => (await store.degrees(vertex))?.out ?? 0,
  };
}

export const engine: BenchTarget = {
  name: 'engine',
  tuning: 'the reference engine at its defaults; durability none and one sync, or sync if durable',
  open: engineBenchStore,
};
