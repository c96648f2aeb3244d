/**
 * The records of a graph, one key kind a line. Ids and labels are strings; `out` and `in` are the
 * two directions of the same edge.
 *
 *     v  vertex                 → properties (JSON)
 *     d  vertex                 → degrees: f64 out, f64 in
 *     o  source label target    → properties (JSON)
 *     i  target label source    → empty
 *
 * Invariants (checked by `checkGraph`):
 * 1. `o s l t` exists exactly when `i t l s` does.
 * 2. Both ends of an edge have a `v` record.
 * 3. `d` exists exactly when `v` does, and counts the vertex's `o` and `i` records.
 *
 * Why degrees have a key of their own: an edge change must conflict with the removal of either
 * end, and not with a change of that end's properties. Adding an edge writes `d`; so does removing
 * the vertex. A vertex of a million edges costs the same per edge as one of two.
 */
import { decodeKey, encodeKey } from '../../format/key-encoding.ts';

export type Direction = 'out' | 'in';

const EDGE_PARTS = ['string', 'string', 'string', 'string'] as const;

export interface EdgeId {
  readonly source: string;
  readonly label: string;
  readonly target: string;
}

export const vertexKey = (vertex: string): Uint8Array => encodeKey('v', vertex);
export const degreeKey = (vertex: string): Uint8Array => encodeKey('d', vertex);

export function edgeKey(direction: Direction, edge: EdgeId): Uint8Array {
  const { source, label, target } = edge;
  return direction === 'out'
    ? encodeKey('o', source, label, target)
    : encodeKey('i', target, label, source);
}

/** The prefix of all edges of a vertex in one direction, or only those with `label`. */
export function edgesPrefix(direction: Direction, vertex: string, label?: string): Uint8Array {
  const kind = direction === 'out' ? 'o' : 'i';
  return label === undefined ? encodeKey(kind, vertex) : encodeKey(kind, vertex, label);
}

export function kindPrefix(kind: 'v' | 'd' | 'o' | 'i'): Uint8Array {
  return encodeKey(kind);
}

export function decodeVertexKey(key: Uint8Array): string {
  return decodeKey(key, ['string', 'string'])[1] as string;
}

export function decodeEdgeKey(direction: Direction, key: Uint8Array): EdgeId {
  const [, near, label, far] = decodeKey(key, EDGE_PARTS) as string[];
  return direction === 'out'
    ? { source: near!, label: label!, target: far! }
    : { source: far!, label: label!, target: near! };
}

export interface Degrees {
  readonly out: number;
  readonly in: number;
}

export function encodeDegrees(degrees: Degrees): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setFloat64(0, degrees.out);
  view.setFloat64(8, degrees.in);
  return bytes;
}

export function decodeDegrees(bytes: Uint8Array): Degrees {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { out: view.getFloat64(0), in: view.getFloat64(8) };
}
