/**
 * Changes of a graph within one transaction, and the reads that they share. Each keeps the
 * invariants of graph-keys.ts: both directions of an edge, its ends, and their degrees together.
 */
import { assert, StoreError } from '../../errors.ts';
import type { OrderedReader, OrderedTransaction } from '../ordered-store.ts';
import {
  edgeId,
  encodeProperties,
  type NeighbourOptions,
  type Properties,
  vertexId,
} from './graph-arguments.ts';
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

export const PAGE_EDGES = 1000;
const EMPTY = new Uint8Array(0);

/** Throws StoreError `vertex-exists` or `invalid-argument`. */
export async function addVertex(
  transaction: OrderedTransaction,
  vertex: string,
  properties: Properties,
): Promise<void> {
  return putVertex(transaction, vertexId(vertex), encodeProperties(properties));
}

/** Throws StoreError `vertex-missing`, `edge-exists` or `invalid-argument`. */
export async function addEdge(
  transaction: OrderedTransaction,
  edge: EdgeId,
  properties: Properties,
): Promise<void> {
  return putEdge(transaction, edgeId(edge), encodeProperties(properties));
}

/** `properties`: encoded. */
export async function putVertex(
  transaction: OrderedTransaction,
  vertex: string,
  properties: Uint8Array,
): Promise<void> {
  if ((await transaction.get(vertexKey(vertex))) !== undefined) {
    throw new StoreError('vertex-exists', `vertex ${vertex} exists already`, true);
  }
  transaction.put(vertexKey(vertex), properties);
  transaction.put(degreeKey(vertex), encodeDegrees({ out: 0, in: 0 }));
}

/** `properties`: encoded. */
export async function putEdge(
  transaction: OrderedTransaction,
  edge: EdgeId,
  properties: Uint8Array,
): Promise<void> {
  if ((await transaction.get(edgeKey('out', edge))) !== undefined) {
    const { source, label, target } = edge;
    throw new StoreError('edge-exists', `edge ${source} -${label}-> ${target} exists`, true);
  }
  await changeDegree(transaction, edge.source, { out: 1, in: 0 });
  await changeDegree(transaction, edge.target, { out: 0, in: 1 });
  transaction.put(edgeKey('out', edge), properties);
  transaction.put(edgeKey('in', edge), EMPTY);
}

export async function removeEdge(transaction: OrderedTransaction, edge: EdgeId): Promise<void> {
  await refuseMissingEdge(transaction, edge);
  await changeDegree(transaction, edge.source, { out: -1, in: 0 });
  await changeDegree(transaction, edge.target, { out: 0, in: -1 });
  transaction.delete(edgeKey('out', edge));
  transaction.delete(edgeKey('in', edge));
}

/** Throws StoreError `vertex-missing` or `vertex-has-edges`. */
export async function removeVertex(transaction: OrderedTransaction, vertex: string): Promise<void> {
  const degrees = await degreesIn(transaction, vertex);
  if (degrees.out + degrees.in > 0) {
    const message = `vertex ${vertex} has ${degrees.out} outgoing and ${degrees.in} incoming edges`;
    throw new StoreError('vertex-has-edges', message, true);
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

export async function refuseMissingEdge(
  transaction: OrderedTransaction,
  edge: EdgeId,
): Promise<void> {
  if ((await transaction.get(edgeKey('out', edge))) !== undefined) return;
  const { source, label, target } = edge;
  throw new StoreError('edge-missing', `no edge ${source} -${label}-> ${target}`, true);
}

export async function degreesIn(transaction: OrderedTransaction, vertex: string): Promise<Degrees> {
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
