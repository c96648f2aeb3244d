/**
 * checkGraph: walks every record of a graph and names each broken invariant (see graph-keys.ts).
 * Reads page by page from one snapshot; memory is bounded by the number of vertices.
 */
import type { OrderedReader } from '../ordered-store.ts';
import { eachRecord } from './dump-graph.ts';
import {
  type Degrees,
  type Direction,
  decodeDegrees,
  decodeEdgeKey,
  decodeVertexKey,
  edgeKey,
} from './graph-keys.ts';

const PROBLEMS_MAX = 100;

/** Answers the problems found, at most 100; none means that every invariant holds. */
export async function checkGraph(reader: OrderedReader): Promise<readonly string[]> {
  const problems: string[] = [];
  const report = (problem: string) => {
    if (problems.length < PROBLEMS_MAX) problems.push(problem);
  };
  const counted = new Map<string, { out: number; in: number }>();
  await eachRecord(reader, 'v', async (key) => {
    counted.set(decodeVertexKey(key), { out: 0, in: 0 });
  });
  for (const direction of ['out', 'in'] as const) {
    const mirror: Direction = direction === 'out' ? 'in' : 'out';
    await eachRecord(reader, direction === 'out' ? 'o' : 'i', async (key) => {
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
  await eachRecord(reader, 'd', async (key, value) => {
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
