import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { engineWorld } from '../../../harness/targets/reference-engine-world.ts';
import { addEdge, addVertex, GraphStore, isStoreError, open, orderedStore } from '../../index.ts';

/** Values of every type: what is refused must be refused with a typed error, and change nothing. */
const EDGE = { source: 'a', label: 'l', target: 'b' };
const HALF = 'half \ud800';

const isText = (value: unknown) => typeof value === 'string' && value.isWellFormed();
const notText = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, 0, HALF, ['a'], { toString: () => 'a' }, Symbol('a')),
  fc.constant(new String('a')),
  fc.anything().filter((value) => !isText(value)),
);
const notEdge = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    'a',
    1,
    [],
    {},
    { source: 'a', label: 'l' },
    () => EDGE,
  ),
  ...['source', 'label', 'target'].map((part) =>
    notText.map((value) => ({ ...EDGE, [part]: value })),
  ),
);
const thrown = Object.defineProperty({}, 'a', {
  enumerable: true,
  get: () => {
    throw new Error('not for you');
  },
});
const round: { self?: unknown } = {};
round.self = round;
const notPlain = fc.constantFrom<unknown>(
  ...[
    null,
    0,
    5,
    'text',
    true,
    1n,
    Symbol('p'),
    () => 1,
    new Map(),
    new Date(0),
    new Uint8Array(1),
  ],
  ...[{ a: 1n }, { a: Symbol('a') }, { a: () => 1 }, { a: Number.NaN }, { a: new Map() }, thrown],
  ...[{ a: [Number.POSITIVE_INFINITY] }, { a: { b: new Date(0) } }, round, [1, 2]],
);

/** Objects that JSON.stringify would call, or leave parts of out. */
const withToJson = { toJSON: () => 'something else' };
const notJson = fc.constantFrom<unknown>(
  ...[withToJson, { a: withToJson }, { a: [withToJson] }, { a: [undefined] }, { a: new Array(2) }],
  ...[
    { [Symbol('a')]: 1 },
    { a: { [Symbol('a')]: 1 } },
    { a: [new Date(0)] },
    { a: new String('a') },
  ],
);
const notProperties = fc.oneof(notPlain, notJson);
const notCascade = fc.constantFrom<unknown>(
  ...[null, 1, 'yes', { cascade: 1 }, { cascade: null }, { cascading: true }],
);
const notDirection = fc.constantFrom<unknown>(undefined, null, 'OUT', 'both', 0, {}, ['out']);
const notNeighbours = fc.oneof(
  fc.constantFrom<unknown>(null, 1, 'x', { unknown: 1 }, { after: 'a' }, { after: 5 }),
  fc.constantFrom<unknown>(-1, 1.5, Number.NaN, '3', null, 2n).map((limit) => ({ limit })),
  notText.filter((label) => label !== undefined).map((label) => ({ label })),
);

type Entry = readonly [right: readonly unknown[], ...wrong: fc.Arbitrary<unknown>[]];
const ENTRIES: Readonly<Record<string, Entry>> = {
  addVertex: [['new', {}], notText, notProperties],
  removeVertex: [['b', { cascade: true }], notText, notCascade],
  addEdge: [[{ ...EDGE, label: 'new' }, {}], notEdge, notProperties],
  removeEdge: [[EDGE], notEdge],
  setVertex: [['a', { p: 1 }], notText, notProperties],
  setEdge: [[EDGE, { p: 1 }], notEdge, notProperties],
  vertex: [['a'], notText],
  edge: [[EDGE], notEdge],
  degrees: [['a'], notText],
  neighbours: [['a', 'out', {}], notText, notDirection, notNeighbours],
};
const FUNCTIONS: Readonly<Record<string, Entry>> = {
  addVertex: [['new', {}], notText, notProperties],
  addEdge: [[{ ...EDGE, label: 'new' }, {}], notEdge, notProperties],
};

async function graphOf() {
  const database = await open(engineWorld().env, { directory: 'store', durability: 'none' });
  const graph = new GraphStore(orderedStore(database));
  await graph.addVertex('a', { kind: 'first' });
  await graph.addVertex('b');
  await graph.addEdge(EDGE, { since: 1 });
  const content = () =>
    [...database.range()].map(({ key, value }) => [[...key].join(), [...value].join()]);
  return { database, graph, content };
}

async function refusalOf(act: () => unknown): Promise<unknown> {
  try {
    return { answered: await act() };
  } catch (error) {
    return isStoreError(error) ? { code: error.code, definite: error.definite } : error;
  }
}

const REFUSED = { code: expect.stringMatching(/^invalid-(argument|options)$/), definite: true };

describe('the entries of the graph store', () => {
  it('are all in the table', () => {
    const methods = Object.getOwnPropertyNames(GraphStore.prototype);
    expect(methods.filter((name) => name !== 'constructor').sort()).toEqual(
      Object.keys(ENTRIES).sort(),
    );
  });

  for (const [method, [right, ...wrongs]] of Object.entries(ENTRIES)) {
    for (const [at, values] of wrongs.entries()) {
      it(`${method} refuses what argument ${at + 1} may not be, and changes nothing`, async () => {
        const { graph, content } = await graphOf();
        const before = content();
        await fc.assert(
          fc.asyncProperty(values, async (value) => {
            const call = () =>
              Reflect.apply(Reflect.get(graph, method), graph, right.with(at, value));
            expect(await refusalOf(call)).toEqual(REFUSED);
          }),
        );
        expect(content()).toEqual(before);
        const good = () => Reflect.apply(Reflect.get(graph, method), graph, right);
        expect(await refusalOf(good)).toHaveProperty('answered');
      });
    }
  }

  for (const [name, [right, ...wrongs]] of Object.entries(FUNCTIONS)) {
    for (const [at, values] of wrongs.entries()) {
      it(`${name}() of a transaction refuses what argument ${at + 1} may not be`, async () => {
        const { database, content } = await graphOf();
        const before = content();
        const add = { addVertex, addEdge }[name] as (...args: unknown[]) => Promise<void>;
        await fc.assert(
          fc.asyncProperty(values, async (value) => {
            const run = () =>
              orderedStore(database).transact((transaction) =>
                add(transaction, ...right.with(at, value)),
              );
            expect(await refusalOf(run)).toEqual(REFUSED);
          }),
        );
        expect(content()).toEqual(before);
      });
    }
  }

  it('keep properties exactly, and read each once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (properties) => {
        const { graph } = await graphOf();
        const reads: string[] = [];
        const counted = Object.create(null) as Record<string, unknown>;
        for (const [name, value] of Object.entries(properties)) {
          const get = () => {
            reads.push(name);
            return value;
          };
          Object.defineProperty(counted, name, { enumerable: true, get });
        }
        await graph.addVertex('c', counted as never);
        const withoutMinusZero = JSON.parse(JSON.stringify(properties)) as unknown;
        expect(await graph.vertex('c')).toEqual(withoutMinusZero);
        expect(reads).toEqual(Object.keys(counted));
      }),
    );
    const { graph } = await graphOf();
    await graph.setVertex('a', { gone: undefined as never, stays: 'half \ud800' });
    expect(await graph.vertex('a')).toEqual({ stays: 'half \ud800' });
  });

  it('refuse a store that is none', async () => {
    await fc.assert(
      fc.asyncProperty(fc.anything(), async (value) => {
        const refused = await refusalOf(() => new GraphStore(value as never));
        expect(refused).toEqual(REFUSED);
      }),
    );
  });
});
