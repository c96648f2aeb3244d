import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { engineWorld } from '../../../harness/targets/reference-engine-world.ts';
import {
  addEdge,
  addVertex,
  checkGraph,
  dumpGraph,
  GraphStore,
  isStoreError,
  open,
  orderedStore,
  StoreError,
} from '../../index.ts';
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

describe('removing a vertex with all its edges', () => {
  const spokes = async (edges: number, segmentBytes: number) => {
    const options = { directory: 'store', segmentBytes, durability: 'none' } as const;
    const database = await open(engineWorld().env, options);
    const store = orderedStore(database);
    const graph = new GraphStore(store);
    await graph.addVertex('hub');
    for (let i = 0; i < edges; i += 10) {
      await store.transact(async (t) => {
        for (let j = i; j < i + 10; j++) {
          await addVertex(t, `v${j}`, {});
          const [source, target] = j % 2 === 0 ? ['hub', `v${j}`] : [`v${j}`, 'hub'];
          await addEdge(t, { source, label: 'l', target }, {});
        }
      });
    }
    return { database, store, graph };
  };

  it('works for more than a page of edges, in transactions that are bounded', async () => {
    const { database, store, graph } = await spokes(2500, 1 << 20);
    await graph.addEdge(edge('hub', 'hub'));
    const before = database.stats().lastTimestamp;
    await graph.removeVertex('hub', { cascade: true });
    expect(database.stats().lastTimestamp - before).toBe(3);
    expect(await graph.degrees('hub')).toBeUndefined();
    expect(await graph.degrees('v0')).toEqual({ out: 0, in: 0 });
    expect(await store.read(checkGraph)).toEqual([]);
  });

  it('works where a page of edges fits no segment', async () => {
    const { store, graph } = await spokes(300, 4096);
    await graph.removeVertex('hub', { cascade: true });
    expect(await graph.degrees('hub')).toBeUndefined();
    expect(await store.read(checkGraph)).toEqual([]);
  });

  it('costs as much per edge for many as for few: what was removed is not walked over again', async () => {
    const reads: number[] = [];
    for (const edges of [1000, 4000]) {
      const { store, graph } = await spokes(edges, 1 << 20);
      let walked = 0;
      const counting = new GraphStore({
        read: store.read,
        transact: (body) =>
          store.transact((t) =>
            body({
              ...t,
              range: async (options) => {
                const kept = await t.range(options);
                walked += kept.length;
                return kept;
              },
            }),
          ),
      });
      await counting.removeVertex('hub', { cascade: true });
      expect(await graph.degrees('hub')).toBeUndefined();
      reads.push(walked / edges);
    }
    expect(reads).toEqual([1, 1]);
  });

  it('says that it is not known what happened once a page has gone', async () => {
    const { store } = await spokes(1500, 1 << 20);
    let commits = 0;
    const failing = new GraphStore({
      read: store.read,
      transact: (body) => {
        if (commits++ > 0) throw new StoreError('disk-full', 'no room', true);
        return store.transact(body);
      },
    });
    const refused = await failing.removeVertex('hub', { cascade: true }).catch((error) => error);
    expect(refused).toMatchObject({ code: 'disk-full', definite: false });
    expect(await store.read(checkGraph)).toEqual([]);
  });
});

describe('what a graph is given', () => {
  const halves = ['\ud800', 'a\udc00b', '\udbff\ud800'];
  const notText = fc.oneof(
    fc.constantFrom<unknown>(...halves),
    fc.anything().filter((value) => typeof value !== 'string'),
  );
  const notEdge = fc.oneof(
    fc.anything().filter((value) => typeof value !== 'object' || value === null),
    ...['source', 'label', 'target'].map((part) =>
      notText.map((value) => ({ ...edge('a', 'b'), [part]: value })),
    ),
  );
  const notProperties = fc.oneof(
    fc.constantFrom<unknown>(null, 'text', 7, [1], new Map(), new Date(), new Uint8Array(2)),
    fc
      .constantFrom<unknown>(Number.NaN, 1n, Symbol('s'), () => 1, new Set(), new Uint8Array(1))
      .map((value) => ({ deep: [{ value }] })),
  );
  const calls: readonly (readonly [
    string,
    fc.Arbitrary<unknown>,
    (g: GraphStore, v: never) => unknown,
  ])[] = [
    ['addVertex', notText, (g: GraphStore, v: never) => g.addVertex(v)],
    ['addVertex with properties', notProperties, (g: GraphStore, v: never) => g.addVertex('n', v)],
    ['setVertex', notText, (g: GraphStore, v: never) => g.setVertex(v, {})],
    ['setVertex to properties', notProperties, (g: GraphStore, v: never) => g.setVertex('a', v)],
    ['removeVertex', notText, (g: GraphStore, v: never) => g.removeVertex(v, { cascade: true })],
    [
      'removeVertex with options',
      fc.constantFrom<unknown>(null, { cascade: 1 }, { cascaded: true }),
      (g: GraphStore, v: never) => g.removeVertex('a', v),
    ],
    ['addEdge', notEdge, (g: GraphStore, v: never) => g.addEdge(v)],
    [
      'addEdge with properties',
      notProperties,
      (g: GraphStore, v: never) => g.addEdge(edge('b', 'b'), v),
    ],
    ['setEdge', notEdge, (g: GraphStore, v: never) => g.setEdge(v, {})],
    [
      'setEdge to properties',
      notProperties,
      (g: GraphStore, v: never) => g.setEdge(edge('a', 'b'), v),
    ],
    ['removeEdge', notEdge, (g: GraphStore, v: never) => g.removeEdge(v)],
    ['vertex', notText, (g: GraphStore, v: never) => g.vertex(v)],
    ['edge', notEdge, (g: GraphStore, v: never) => g.edge(v)],
    ['degrees', notText, (g: GraphStore, v: never) => g.degrees(v)],
    ['neighbours', notText, (g: GraphStore, v: never) => g.neighbours(v, 'out')],
    [
      'neighbours in a direction',
      fc.constantFrom<unknown>('both', null, 1, undefined),
      (g: GraphStore, v: never) => g.neighbours('a', v),
    ],
    [
      'neighbours with options',
      fc.oneof(
        fc.constantFrom<unknown>(null, { limit: -1 }, { limit: '3' }, { form: 1 }, { label: 7 }),
        notEdge.filter((value) => value !== undefined).map((after) => ({ after })),
      ),
      (g: GraphStore, v: never) => g.neighbours('a', 'out', v),
    ],
  ];

  it('is checked in every method of the store', () => {
    const methods = Object.getOwnPropertyNames(GraphStore.prototype);
    const named = new Set(calls.map(([name]) => name.split(' ')[0]));
    expect(methods.filter((method) => method !== 'constructor' && !named.has(method))).toEqual([]);
  });

  it.each(calls)('%s refuses what it can not keep', async (_, values, call) => {
    const { graph, store } = await newGraph();
    for (const vertex of ['a', 'b']) await graph.addVertex(vertex);
    await graph.addEdge(edge('a', 'b'));
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        const code = await codeOf(Promise.resolve(call(graph, value as never)));
        expect(code).toMatch(/^invalid-(argument|options)$/);
      }),
      { numRuns: 50 },
    );
    expect(await store.read(checkGraph)).toEqual([]);
    expect(await graph.degrees('a')).toEqual({ out: 1, in: 0 });
    expect(await graph.edge(edge('a', 'b'))).toEqual({});
  });

  it('is kept exactly where it can be', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }).filter((one) => one.isWellFormed()),
      fc.constantFrom('\ufeff', '\ufeffa', '\ufffd', '', '\0', 'a\0'),
    );
    await fc.assert(
      fc.asyncProperty(text, text, fc.json(), async (one, label, json) => {
        const { graph, store } = await newGraph();
        const properties = { json: JSON.parse(json), half: '\ud800' };
        await graph.addVertex(one, properties);
        await graph.addEdge({ source: one, label, target: one }, properties);
        expect(await graph.vertex(one)).toEqual(JSON.parse(JSON.stringify(properties)));
        expect(await graph.neighbours(one, 'out')).toEqual([{ source: one, label, target: one }]);
        expect(await store.read(checkGraph)).toEqual([]);
        await graph.removeVertex(one, { cascade: true });
        expect((await store.read(dumpGraph)).outgoing).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it("is the caller's again at once", async () => {
    const { graph } = await newGraph();
    await graph.addVertex('a');
    const [id, properties] = [{ ...edge('a', 'a') }, { since: 2020 }];
    const added = graph.addEdge(id, properties);
    Object.assign(id, edge('x', 'y', 'z'));
    properties.since = 1;
    await added;
    expect(await graph.edge(edge('a', 'a'))).toEqual({ since: 2020 });
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
