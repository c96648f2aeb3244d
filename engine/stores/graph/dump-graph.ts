/** Everything a graph consists of, as stored, from one snapshot. For checks and small exports. */
import type { OrderedReader } from '../ordered-store.ts';
import {
  decodeDegrees,
  decodeEdgeKey,
  decodeVertexKey,
  type EdgeId,
  kindPrefix,
} from './graph-keys.ts';

const PAGE_RECORDS = 1000;

export interface GraphContent {
  readonly vertices: readonly string[];
  readonly outgoing: readonly EdgeId[];
  readonly incoming: readonly EdgeId[];
  readonly degrees: readonly (readonly [vertex: string, out: number, incoming: number])[];
}

export async function dumpGraph(reader: OrderedReader): Promise<GraphContent> {
  const vertices: string[] = [];
  const outgoing: EdgeId[] = [];
  const incoming: EdgeId[] = [];
  const degrees: [string, number, number][] = [];
  await eachRecord(reader, 'v', (key) => vertices.push(decodeVertexKey(key)));
  await eachRecord(reader, 'o', (key) => outgoing.push(decodeEdgeKey('out', key)));
  await eachRecord(reader, 'i', (key) => incoming.push(decodeEdgeKey('in', key)));
  await eachRecord(reader, 'd', (key, value) => {
    const { out, in: into } = decodeDegrees(value);
    degrees.push([decodeVertexKey(key), out, into]);
  });
  return { vertices, outgoing, incoming, degrees };
}

/** Visits every record of one kind, page by page. */
export async function eachRecord(
  reader: OrderedReader,
  kind: 'v' | 'd' | 'o' | 'i',
  visit: (key: Uint8Array, value: Uint8Array) => unknown,
): Promise<void> {
  const prefix = kindPrefix(kind);
  let from = prefix;
  for (;;) {
    const page = await reader.range({ prefix, from, limit: PAGE_RECORDS });
    for (const { key, value } of page) await visit(key, value);
    if (page.length < PAGE_RECORDS) return;
    await reader.pause?.();
    from = new Uint8Array([...page.at(-1)!.key, 0]);
  }
}
