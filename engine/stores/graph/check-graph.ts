/**
 * checkGraph: walks every record of a graph and names each broken invariant (see graph-keys.ts).
 * Reads page by page from one snapshot; memory is bounded by the number of vertices.
 */
import type { OrderedReader } from '../ordered-store.ts';
import {
  type Degrees,
  type Direction,
  decodeDegrees,
  decodeEdgeKey,
  decodeVertexKey,
  edgeKey,
  kindPrefix,
} from './graph-keys.ts';

const PAGE_RECORDS = 1000;
const PROBLEMS_MAX = 100;

/** Answers the problems found, at most 100; none means that every invariant holds. */
export async function checkGraph(reader: OrderedReader): Promise<readonly string[]> {
  const problems: string[] = [];
  const report = (problem: string) => {
    if (problems.length < PROBLEMS_MAX) problems.push(problem);
  };
  const counted = new Map<string, { out: number; in: number }>();
  await eachRecord(reader, kindPrefix('v'), async (key) => {
    counted.set(decodeVertexKey(key), { out: 0, in: 0 });
  });
  for (const direction of ['out', 'in'] as const) {
    const mirror: Direction = direction === 'out' ? 'in' : 'out';
    await eachRecord(reader, kindPrefix(direction === 'out' ? 'o' : 'i'), async (key) => {
      const edge = decodeEdgeKey(direction, key);
      const name = `${edge.source} -${edge.label}-> ${edge.target}`;
      if ((await reader.get(edgeKey(mirror, edge))) === undefined) {
        report(`edge ${name} is missing its ${mirror} record`);
      }
      const near = counted.get(direction === 'out' ? edge.source : edge.target);
      if (near === undefined) report(`edge ${name} dangles: its ${direction} end is no vertex`);
      else near[direction]++;
    });
  }
  await eachRecord(reader, kindPrefix('d'), async (key, value) => {
    const vertex = decodeVertexKey(key);
    const seen: Degrees | undefined = counted.get(vertex);
    const stored = decodeDegrees(value);
    if (seen === undefined) report(`degrees of ${vertex}, which is no vertex`);
    else if (stored.out !== seen.out || stored.in !== seen.in) {
      report(
        `vertex ${vertex} counts ${stored.out} out, ${stored.in} in; it has ${seen.out}, ${seen.in}`,
      );
    }
    counted.delete(vertex);
  });
  for (const vertex of counted.keys()) report(`vertex ${vertex} has no degrees`);
  return problems;
}

async function eachRecord(
  reader: OrderedReader,
  prefix: Uint8Array,
  visit: (key: Uint8Array, value: Uint8Array) => Promise<void>,
): Promise<void> {
  let from = prefix;
  for (;;) {
    const page = await reader.range({ prefix, from, limit: PAGE_RECORDS });
    for (const { key, value } of page) await visit(key, value);
    if (page.length < PAGE_RECORDS) return;
    from = new Uint8Array([...page.at(-1)!.key, 0]);
  }
}
