/**
 * Graph churn: vertices and edges of a small universe are added and removed concurrently, so that
 * clients meet on the same vertices all the time. Afterwards everything stored is dumped.
 */
import type { VertexInput } from '../contract/operation-values.ts';
import type { GraphEdge } from '../contract/target.ts';
import { defineWorkload } from '../contract/workload.ts';

const LABELS = ['knows', 'owns', 'likes'];

export default defineWorkload({
  name: 'graph-churn',
  doc: 'adds and removes vertices and edges concurrently; dumps the graph at the end',
  needs: ['graph'],
  options: { vertices: 10 },
  create({ vertices = 10 }) {
    return {
      setup: async () => undefined,
      next({ random }) {
        const vertex = () => `v${random.below(vertices)}`;
        const edge = (): GraphEdge => ({
          source: vertex(),
          label: random.pick(LABELS),
          target: vertex(),
        });
        const f = random.pick([
          'add-vertex',
          'add-edge',
          'add-edge',
          'add-edge',
          'remove-edge',
          'remove-vertex',
        ]);
        if (f === 'add-vertex') return { f, value: { vertex: vertex() } };
        if (f === 'remove-vertex') {
          return { f, value: { vertex: vertex(), cascade: random.chance(0.5) } };
        }
        return { f, value: edge() };
      },
      async invoke(session, { f, value }) {
        const { graph } = session;
        if (graph === undefined) throw new Error('the session offers no graph');
        const { vertex, cascade = false } = value as VertexInput;
        if (f === 'dump') return graph.dump();
        if (f === 'add-vertex') await graph.addVertex(vertex);
        else if (f === 'remove-vertex') await graph.removeVertex(vertex, cascade);
        else if (f === 'add-edge') await graph.addEdge(value as GraphEdge);
        else await graph.removeEdge(value as GraphEdge);
        return null;
      },
      finalReads: [{ f: 'dump', value: {} }],
    };
  },
});
