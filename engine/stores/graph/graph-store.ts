/**
 * GraphStore: vertices and labelled, directed edges with properties, over any OrderedStore.
 *
 * Both directions of an edge change in one transaction, and no edge ever dangles: an edge needs
 * both ends, and a vertex with edges is not removed, or is removed together with them. Under
 * snapshot isolation "add an edge" and "remove its end" can't both win, because both write the
 * vertex's degree record.
 */
import { assert, StoreError } from '../../errors.ts';
import { utf8 } from '../../format/bytes.ts';
import type { OrderedReader, OrderedStore, OrderedTransaction } from '../ordered-store.ts';
import {
  type Degrees,
  type Direction,
  decodeDegrees,
  decodeEdgeKey,
  degreeKey,
  type EdgeId,
  edgeKey,
  edgesPrefix,
  encodeDegrees,
  vertexKey,
} from './graph-keys.ts';

export type Properties = Readonly<Record<string, unknown>>;

export interface NeighbourOptions {
  readonly label?: string;
  /** Edges at most; default 1,000. */
  readonly limit?: number;
  /** The last edge of the page before. */
  readonly after?: EdgeId;
}

const PAGE_EDGES = 1000;
const EMPTY = new Uint8Array(0);

export class GraphStore {
  readonly #store: OrderedStore;

  constructor(store: OrderedStore) {
    this.#store = store;
  }

  /** Throws StoreError `vertex-exists`. */
  addVertex(vertex: string, properties: Properties = {}): Promise<void> {
    return this.#store.transact((transaction) => addVertex(transaction, vertex, properties));
  }

  /** Throws StoreError `vertex-missing`, or `vertex-has-edges` unless `cascade`. */
  removeVertex(vertex: string, options: { readonly cascade?: boolean } = {}): Promise<void> {
    const { cascade = false } = options;
    return this.#store.transact((transaction) => removeVertex(transaction, vertex, cascade));
  }

  /** Throws StoreError `vertex-missing` or `edge-exists`. */
  addEdge(edge: EdgeId, properties: Properties = {}): Promise<void> {
    return this.#store.transact((transaction) => addEdge(transaction, edge, properties));
  }

  /** Throws StoreError `edge-missing`. */
  removeEdge(edge: EdgeId): Promise<void> {
    return this.#store.transact((transaction) => removeEdge(transaction, edge));
  }

  /** Replaces a vertex's properties. Throws StoreError `vertex-missing`. */
  setVertex(vertex: string, properties: Properties): Promise<void> {
    return this.#store.transact(async (transaction) => {
      await degreesIn(transaction, vertex);
      transaction.put(vertexKey(vertex), utf8.encode(JSON.stringify(properties)));
    });
  }

  /** Replaces an edge's properties. Throws StoreError `edge-missing`. */
  setEdge(edge: EdgeId, properties: Properties): Promise<void> {
    return this.#store.transact(async (transaction) => {
      await refuseMissingEdge(transaction, edge);
      transaction.put(edgeKey('out', edge), utf8.encode(JSON.stringify(properties)));
    });
  }

  /** The vertex's properties, or `undefined`. */
  vertex(vertex: string): Promise<Properties | undefined> {
    return this.#store.read(async (reader) => decode(await reader.get(vertexKey(vertex))));
  }

  edge(edge: EdgeId): Promise<Properties | undefined> {
    return this.#store.read(async (reader) => decode(await reader.get(edgeKey('out', edge))));
  }

  degrees(vertex: string): Promise<Degrees | undefined> {
    return this.#store.read(async (reader) => {
      const bytes = await reader.get(degreeKey(vertex));
      return bytes === undefined ? undefined : decodeDegrees(bytes);
    });
  }

  /** A page of edges, ordered by label and then by the other end. */
  neighbours(
    vertex: string,
    direction: Direction,
    options: NeighbourOptions = {},
  ): Promise<readonly EdgeId[]> {
    return this.#store.read((reader) => edgesOf(reader, vertex, direction, options));
  }
}

export async function addVertex(
  transaction: OrderedTransaction,
  vertex: string,
  properties: Properties,
): Promise<void> {
  if ((await transaction.get(vertexKey(vertex))) !== undefined) {
    throw new StoreError('vertex-exists', `vertex ${vertex} exists already`, true);
  }
  transaction.put(vertexKey(vertex), utf8.encode(JSON.stringify(properties)));
  transaction.put(degreeKey(vertex), encodeDegrees({ out: 0, in: 0 }));
}

export async function addEdge(
  transaction: OrderedTransaction,
  edge: EdgeId,
  properties: Properties,
): Promise<void> {
  if ((await transaction.get(edgeKey('out', edge))) !== undefined) {
    const { source, label, target } = edge;
    throw new StoreError('edge-exists', `edge ${source} -${label}-> ${target} exists`, true);
  }
  await changeDegree(transaction, edge.source, { out: 1, in: 0 });
  await changeDegree(transaction, edge.target, { out: 0, in: 1 });
  transaction.put(edgeKey('out', edge), utf8.encode(JSON.stringify(properties)));
  transaction.put(edgeKey('in', edge), EMPTY);
}

export async function removeEdge(transaction: OrderedTransaction, edge: EdgeId): Promise<void> {
  await refuseMissingEdge(transaction, edge);
  await changeDegree(transaction, edge.source, { out: -1, in: 0 });
  await changeDegree(transaction, edge.target, { out: 0, in: -1 });
  transaction.delete(edgeKey('out', edge));
  transaction.delete(edgeKey('in', edge));
}

export async function removeVertex(
  transaction: OrderedTransaction,
  vertex: string,
  cascade: boolean,
): Promise<void> {
  const degrees = await degreesIn(transaction, vertex);
  if (degrees.out + degrees.in > 0) {
    if (!cascade) {
      const message = `vertex ${vertex} has ${degrees.out} outgoing and ${degrees.in} incoming edges`;
      throw new StoreError('vertex-has-edges', message, true);
    }
    for (const direction of ['out', 'in'] as const) {
      for (;;) {
        const page = await edgesOf(transaction, vertex, direction, {});
        if (page.length === 0) break;
        for (const edge of page) await removeEdge(transaction, edge);
      }
    }
  }
  transaction.delete(vertexKey(vertex));
  transaction.delete(degreeKey(vertex));
}

export async function edgesOf(
  reader: OrderedReader,
  vertex: string,
  direction: Direction,
  options: NeighbourOptions,
): Promise<readonly EdgeId[]> {
  const { after, label, limit = PAGE_EDGES } = options;
  const prefix = edgesPrefix(direction, vertex, label);
  // The first key behind `after` is `after` with one zero byte more.
  const from = after === undefined ? prefix : new Uint8Array([...edgeKey(direction, after), 0]);
  const page = await reader.range({ prefix, from, limit });
  return page.map(({ key }) => decodeEdgeKey(direction, key));
}

async function refuseMissingEdge(transaction: OrderedTransaction, edge: EdgeId): Promise<void> {
  if ((await transaction.get(edgeKey('out', edge))) !== undefined) return;
  const { source, label, target } = edge;
  throw new StoreError('edge-missing', `no edge ${source} -${label}-> ${target}`, true);
}

async function degreesIn(transaction: OrderedTransaction, vertex: string): Promise<Degrees> {
  const bytes = await transaction.get(degreeKey(vertex));
  if (bytes !== undefined) return decodeDegrees(bytes);
  throw new StoreError('vertex-missing', `there is no vertex ${vertex}`, true);
}

async function changeDegree(
  transaction: OrderedTransaction,
  vertex: string,
  by: Degrees,
): Promise<void> {
  const degrees = await degreesIn(transaction, vertex);
  const next = { out: degrees.out + by.out, in: degrees.in + by.in };
  assert(next.out >= 0 && next.in >= 0, 'a degree is never negative');
  transaction.put(degreeKey(vertex), encodeDegrees(next));
}

function decode(bytes: Uint8Array | undefined): Properties | undefined {
  return bytes === undefined ? undefined : (JSON.parse(utf8.decode(bytes)) as Properties);
}
