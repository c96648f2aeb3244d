/**
 * A graph over the store: one edge added per transaction, neighbours, two hops, and a supernode with up
 * to a million edges, whose cost per edge should equal that of any other vertex.
 */
import { performance } from 'node:perf_hooks';
import { Prng } from '../../random/prng.ts';
import type { BenchEdge } from '../bench-store.ts';
import { Latencies } from '../latencies.ts';
import { Meter } from '../meter.ts';
import type { BenchWorkload } from '../workload.ts';

const SUPERNODE_EDGES_MAX = 1_000_000;
const VERTICES_MAX = 100_000;
const EDGES = 50_000;
const READS = 20_000;
const BATCH = 1000;
const PAGE = 100;
const SUPERNODE = 'supernode';

const vertexName = (number: number) => `vertex-${String(number).padStart(8, '0')}`;

export const graph: BenchWorkload = {
  name: 'graph',
  doc: 'add edges, neighbours, two hops, a supernode with up to 1,000,000 edges',
  store: 'fresh',
  only: 'engine',
  async run(place) {
    const { job } = place;
    const store = await place.open();
    const graphStore = store.graph!();
    const random = new Prng(job.seed).derive('graph');
    const superEdges = Math.min(SUPERNODE_EDGES_MAX, Math.floor(job.records / 10));
    const edgesWanted = Math.min(EDGES, superEdges);
    const readsWanted = Math.min(READS, superEdges);
    const vertices = Math.max(1000, Math.min(VERTICES_MAX, Math.floor(superEdges / 10)));
    const any = () => vertexName(random.below(vertices));
    const latency: Record<string, Latencies> = {};
    const timed = async <T>(kind: string, run: () => Promise<T>): Promise<T> => {
      latency[kind] ??= new Latencies();
      const began = performance.now();
      const result = await run();
      latency[kind].add(began, performance.now());
      return result;
    };
    let wrong = 0;
    const meter = new Meter();
    await graphStore.addVertices([SUPERNODE]);
    for (let first = 0; first < vertices; first += BATCH) {
      const count = Math.min(BATCH, vertices - first);
      await graphStore.addVertices(Array.from({ length: count }, (_, i) => vertexName(first + i)));
    }
    const seen = new Set<string>();
    while (seen.size < edgesWanted) {
      const edge = { source: any(), target: any() };
      const name = `${edge.source} ${edge.target}`;
      if (seen.has(name)) continue;
      seen.add(name);
      await timed('add an edge', () => graphStore.addEdges([edge]));
    }
    place.progress(0.2);
    const loadBegan = performance.now();
    // Edges need distinct targets, so more edges need more vertices.
    for (let first = vertices; first < superEdges; first += BATCH) {
      const count = Math.min(BATCH, superEdges - first);
      await graphStore.addVertices(Array.from({ length: count }, (_, i) => vertexName(first + i)));
    }
    for (let first = 0; first < superEdges; first += BATCH) {
      const count = Math.min(BATCH, superEdges - first);
      const edges = Array.from(
        { length: count },
        (_, i): BenchEdge => ({ source: SUPERNODE, target: vertexName(first + i) }),
      );
      await timed('add 1,000 edges to the supernode', () => graphStore.addEdges(edges));
      place.progress(0.2 + (0.7 * first) / superEdges);
    }
    const loadSeconds = (performance.now() - loadBegan) / 1000;
    for (let i = 0; i < readsWanted; i++) {
      const vertex = any();
      const near = await timed('neighbours', () => graphStore.neighbours(vertex, PAGE));
      if (near.some((other) => !seen.has(`${vertex} ${other}`))) wrong++;
      if (i % 10 === 0) {
        await timed('two hops', async () => {
          for (const one of near) await graphStore.neighbours(one, PAGE);
        });
      }
      const start = random.below(Math.max(1, superEdges - PAGE - 1));
      const page = await timed('100 edges of the supernode', () =>
        graphStore.neighbours(SUPERNODE, PAGE, vertexName(start)),
      );
      if (page[0] !== vertexName(start + 1) || page.length !== PAGE) wrong++;
    }
    if ((await graphStore.degree(SUPERNODE)) !== superEdges) wrong++;
    const { usage } = meter;
    const figures = { vertices, superEdges, superEdgesPerSecond: superEdges / loadSeconds };
    await store.close();
    const again = await place.open();
    if ((await again.graph!().degree(SUPERNODE)) !== superEdges) wrong++;
    for (const name of [...seen].slice(0, READS)) {
      const [source, target] = name.split(' ') as [string, string];
      const near = await again.graph!().neighbours(source, edgesWanted);
      if (!near.includes(target)) wrong++;
    }
    await again.close();
    return {
      unit: 'edges',
      count: edgesWanted + superEdges,
      usage,
      latency: Object.fromEntries(
        Object.entries(latency).map(([kind, { summary }]) => [kind, summary] as const),
      ),
      wrong,
      figures,
    };
  },
};
