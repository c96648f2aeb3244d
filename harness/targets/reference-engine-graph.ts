/** The reference engine's graph store over an OrderedStore that counts what it is asked. */
import {
  addEdge,
  addVertex,
  GraphStore,
  type OrderedReader,
  type OrderedStore,
  type OrderedTransaction,
  open,
  orderedStore,
} from '../../engine/index.ts';
import type { OpenCountedGraph } from '../simulation/sim/counted-graph.ts';
import { engineOptions } from './reference-engine-store.ts';

export const openCountedGraph: OpenCountedGraph = async (env, directory, settings) => {
  const database = await open(env, engineOptions(directory, settings));
  const counting = new CountingStore(orderedStore(database));
  const graph = new GraphStore(counting);
  return {
    work: () => ({ ...counting.work }),
    addVertices: (vertices) =>
      counting.transact(async (transaction) => {
        for (const vertex of vertices) await addVertex(transaction, vertex, {});
      }),
    addEdges: (edges) =>
      counting.transact(async (transaction) => {
        for (const edge of edges) await addEdge(transaction, edge, {});
      }),
    addEdge: (edge) => graph.addEdge(edge),
    removeEdge: (edge) => graph.removeEdge(edge),
    setEdge: (edge, properties) => graph.setEdge(edge, properties),
    edge: (edge) => graph.edge(edge),
    degrees: (vertex) => graph.degrees(vertex),
    neighbours: (vertex, direction, options) => graph.neighbours(vertex, direction, options),
    removeVertex: (vertex, options) => graph.removeVertex(vertex, options),
    close: () => database.close(),
  };
};

class CountingStore implements OrderedStore {
  readonly work = { reads: 0, shown: 0, writes: 0, largestTransaction: 0 };
  readonly #inner: OrderedStore;

  constructor(inner: OrderedStore) {
    this.#inner = inner;
  }

  transact<T>(body: (transaction: OrderedTransaction) => Promise<T>): Promise<T> {
    return this.#inner.transact((transaction) => {
      let writes = 0;
      const wrote = () => {
        this.work.writes++;
        this.work.largestTransaction = Math.max(this.work.largestTransaction, ++writes);
      };
      return body({
        ...this.#reader(transaction),
        put(key, value) {
          wrote();
          transaction.put(key, value);
        },
        delete(key) {
          wrote();
          transaction.delete(key);
        },
      });
    });
  }

  read<T>(body: (reader: OrderedReader) => Promise<T>): Promise<T> {
    return this.#inner.read((reader) => body(this.#reader(reader)));
  }

  #reader(inner: OrderedReader): OrderedReader {
    return {
      get: (key) => {
        this.work.reads++;
        return inner.get(key);
      },
      getMany: (keys) => {
        this.work.reads += keys.length;
        return inner.getMany(keys);
      },
      range: async (options) => {
        const page = await inner.range(options);
        this.work.shown += 1 + page.length;
        return page;
      },
      pause: async () => inner.pause?.(),
    };
  }
}
