import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { engineWorld } from '../../../harness/targets/reference-engine-world.ts';
import { checkGraph, GraphStore, isStoreError, open, orderedStore } from '../../index.ts';
import { degreeKey, edgeKey, vertexKey } from './graph-keys.ts';

async function newGraph() {
  const options = { directory: 'store', segmentBytes: 65_536 };
  const database = await open(engineWorld().env, options);
  const store = orderedStore(database);
  return { database, store, graph: new GraphStore(store) };
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'ok',
    (error: unknown) => (isStoreError(error) ? error.code : String(error)),
  );
}

const edge = (source: string, target: string, label = 'l') => ({ source, label, target });

const step = fc.record({
  f: fc.constantFrom('add-vertex', 'remove-vertex', 'cascade', 'add-edge', 'remove-edge'),
  a: fc.constantFrom('a', 'b', 'c', 'd'),
  b: fc.constantFrom('a', 'b', 'c', 'd'),
});

describe('the graph store', () => {
  it('behaves as sets of vertices and edges do, and keeps every invariant', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { graph, store } = await newGraph();
        const vertices = new Set<string>();
        const edges = new Set<string>();
        for (const { f, a, b } of steps) {
          const touching = [...edges].filter((name) => name.split('>').includes(a));
          const name = `${a}>${b}`;
          if (f === 'add-vertex') {
            expect(await codeOf(graph.addVertex(a))).toBe(vertices.has(a) ? 'vertex-exists' : 'ok');
            vertices.add(a);
          } else if (f === 'remove-vertex' || f === 'cascade') {
            const cascade = f === 'cascade';
            const refused = touching.length > 0 && !cascade ? 'vertex-has-edges' : 'ok';
            const expected = vertices.has(a) ? refused : 'vertex-missing';
            expect(await codeOf(graph.removeVertex(a, { cascade }))).toBe(expected);
            if (expected !== 'ok') continue;
            vertices.delete(a);
            for (const gone of touching) edges.delete(gone);
          } else if (f === 'add-edge') {
            const ends = vertices.has(a) && vertices.has(b);
            const expected = edges.has(name) ? 'edge-exists' : ends ? 'ok' : 'vertex-missing';
            expect(await codeOf(graph.addEdge(edge(a, b)))).toBe(expected);
            if (expected === 'ok') edges.add(name);
          } else {
            const expected = edges.has(name) ? 'ok' : 'edge-missing';
            expect(await codeOf(graph.removeEdge(edge(a, b)))).toBe(expected);
            edges.delete(name);
          }
        }
        expect(await store.read(checkGraph)).toEqual([]);
        for (const vertex of vertices) {
          const out = [...edges].filter((name) => name.startsWith(vertex)).length;
          const into = [...edges].filter((name) => name.endsWith(vertex)).length;
          expect(await graph.degrees(vertex)).toEqual({ out, in: into });
        }
      }),
      { numRuns: 100 },
    );
  });

  it('lets only one of "add an edge" and "remove its end" win', async () => {
    for (const cascade of [false, true]) {
      const { graph, store } = await newGraph();
      await graph.addVertex('a');
      await graph.addVertex('b');
      const outcomes = await Promise.all([
        codeOf(graph.addEdge(edge('a', 'b'))),
        codeOf(graph.removeVertex('b', { cascade })),
      ]);
      expect(outcomes.filter((outcome) => outcome === 'ok').length).toBeGreaterThan(0);
      expect(await store.read(checkGraph)).toEqual([]);
    }
  });

  it('pages through neighbours by label', async () => {
    const { graph } = await newGraph();
    for (const vertex of ['hub', 'x', 'y', 'z']) await graph.addVertex(vertex, { vertex });
    for (const target of ['x', 'y', 'z']) await graph.addEdge(edge('hub', target, 'knows'));
    await graph.addEdge(edge('hub', 'x', 'owns'), { since: 2020 });
    const first = await graph.neighbours('hub', 'out', { label: 'knows', limit: 2 });
    expect(first.map(({ target }) => target)).toEqual(['x', 'y']);
    const rest = await graph.neighbours('hub', 'out', { label: 'knows', after: first[1]! });
    expect(rest.map(({ target }) => target)).toEqual(['z']);
    expect(await graph.neighbours('x', 'in')).toHaveLength(2);
    expect(await graph.edge(edge('hub', 'x', 'owns'))).toEqual({ since: 2020 });
    expect(await graph.vertex('hub')).toEqual({ vertex: 'hub' });
    await graph.setVertex('hub', { size: 4 });
    await graph.setEdge(edge('hub', 'x', 'owns'), { since: 2021 });
    expect(await graph.vertex('hub')).toEqual({ size: 4 });
    expect(await graph.edge(edge('hub', 'x', 'owns'))).toEqual({ since: 2021 });
    expect(await codeOf(graph.setVertex('nobody', {}))).toBe('vertex-missing');
    expect(await codeOf(graph.setEdge(edge('x', 'y'), {}))).toBe('edge-missing');
  });

  it('touches as many records per edge on a supernode as on a small vertex', async () => {
    const { graph, database } = await newGraph();
    await graph.addVertex('hub');
    const sizes: number[] = [];
    for (let i = 0; i < 300; i++) {
      await graph.addVertex(`v${String(i).padStart(4, '0')}`);
      const before = database.stats().unflushedBytes;
      await graph.addEdge(edge('hub', `v${String(i).padStart(4, '0')}`));
      sizes.push(database.stats().unflushedBytes - before);
    }
    expect(sizes.at(-1)).toBe(sizes[0]);
  });
});

describe('the graph check', () => {
  const broken: readonly (readonly [string, (key: typeof edgeKey) => Uint8Array])[] = [
    ['is missing its in record', (key) => key('in', edge('a', 'b'))],
    ['is missing its out record', (key) => key('out', edge('a', 'b'))],
    ['dangles', () => vertexKey('b')],
    ['has no degrees', () => degreeKey('b')],
  ];

  it.each(broken)('notices an edge that %s', async (complaint, keyOf) => {
    const { graph, database, store } = await newGraph();
    await graph.addVertex('a');
    await graph.addVertex('b');
    await graph.addEdge(edge('a', 'b'));
    await database.delete(keyOf(edgeKey));
    expect((await store.read(checkGraph)).join('\n')).toContain(complaint);
  });
});
