/**
 * GraphStore: vertices and labelled, directed edges with properties, over any OrderedStore.
 *
 * Both directions of an edge change in one transaction, and no edge ever dangles: an edge needs
 * both ends, and a vertex with edges is not removed, or is removed together with them. Under
 * snapshot isolation "add an edge" and "remove its end" can't both win, because both write the
 * vertex's degree record; nor "set properties" and "remove", which write the same record.
 *
 * A vertex with more than 1,000 edges is removed in several transactions: see cascade.ts.
 *
 * Arguments are read before anything waits (graph-arguments.ts).
 */
import { described, invalidArgument, oneOf, readOut } from '../../arguments.ts';
import type { OrderedStore } from '../ordered-store.ts';
import { removeCascading } from './cascade.ts';
import {
  decodeProperties,
  edgeId,
  encodeProperties,
  type NeighbourOptions,
  neighbourOptions,
  type Properties,
  type RemoveOptions,
  removesEdges,
  vertexId,
} from './graph-arguments.ts';
import {
  degreesIn,
  edgesOf,
  putEdge,
  putVertex,
  refuseMissingEdge,
  removeEdge,
  removeVertex,
} from './graph-changes.ts';
import {
  type Degrees,
  type Direction,
  decodeDegrees,
  degreeKey,
  type EdgeId,
  edgeKey,
  vertexKey,
} from './graph-keys.ts';

export class GraphStore {
  readonly #store: OrderedStore;

  /** Throws StoreError `invalid-argument`. */
  constructor(store: OrderedStore) {
    const isStore = () => typeof store?.transact === 'function' && typeof store.read === 'function';
    if (!readOut('store', invalidArgument, isStore))
      throw invalidArgument(`store is ${described(store)}, not an OrderedStore`);
    this.#store = store;
  }

  /** Throws StoreError `vertex-exists`. */
  async addVertex(vertex: string, properties: Properties = {}): Promise<void> {
    const id = vertexId(vertex);
    const encoded = encodeProperties(properties);
    return this.#store.transact((transaction) => putVertex(transaction, id, encoded));
  }

  /**
   * Throws StoreError `vertex-missing`, or `vertex-has-edges` unless `cascade`. Of a vertex with more
   * than 1,000 edges the edges go in pages first; an error in between says `definite: false`.
   */
  async removeVertex(vertex: string, options: RemoveOptions = {}): Promise<void> {
    const id = vertexId(vertex);
    if (removesEdges(options)) return removeCascading(this.#store, id);
    return this.#store.transact((transaction) => removeVertex(transaction, id));
  }

  /** Throws StoreError `vertex-missing` or `edge-exists`. */
  async addEdge(edge: EdgeId, properties: Properties = {}): Promise<void> {
    const id = edgeId(edge);
    const encoded = encodeProperties(properties);
    return this.#store.transact((transaction) => putEdge(transaction, id, encoded));
  }

  /** Throws StoreError `edge-missing`. */
  async removeEdge(edge: EdgeId): Promise<void> {
    const id = edgeId(edge);
    return this.#store.transact((transaction) => removeEdge(transaction, id));
  }

  /** Replaces a vertex's properties. Throws StoreError `vertex-missing`. */
  async setVertex(vertex: string, properties: Properties): Promise<void> {
    const id = vertexId(vertex);
    const encoded = encodeProperties(properties);
    return this.#store.transact(async (transaction) => {
      await degreesIn(transaction, id);
      transaction.put(vertexKey(id), encoded);
    });
  }

  /** Replaces an edge's properties. Throws StoreError `edge-missing`. */
  async setEdge(edge: EdgeId, properties: Properties): Promise<void> {
    const id = edgeId(edge);
    const encoded = encodeProperties(properties);
    return this.#store.transact(async (transaction) => {
      await refuseMissingEdge(transaction, id);
      transaction.put(edgeKey('out', id), encoded);
    });
  }

  /** The vertex's properties, or `undefined`. */
  async vertex(vertex: string): Promise<Properties | undefined> {
    const key = vertexKey(vertexId(vertex));
    return this.#store.read(async (reader) => decodeProperties(await reader.get(key)));
  }

  async edge(edge: EdgeId): Promise<Properties | undefined> {
    const key = edgeKey('out', edgeId(edge));
    return this.#store.read(async (reader) => decodeProperties(await reader.get(key)));
  }

  async degrees(vertex: string): Promise<Degrees | undefined> {
    const key = degreeKey(vertexId(vertex));
    return this.#store.read(async (reader) => {
      const bytes = await reader.get(key);
      return bytes === undefined ? undefined : decodeDegrees(bytes);
    });
  }

  /** A page of edges, ordered by label and then by the other end. */
  async neighbours(
    vertex: string,
    direction: Direction,
    options: NeighbourOptions = {},
  ): Promise<readonly EdgeId[]> {
    const id = vertexId(vertex);
    const along = oneOf('direction', direction, ['out', 'in']);
    const page = neighbourOptions(options);
    return this.#store.read((reader) => edgesOf(reader, id, along, page));
  }
}
