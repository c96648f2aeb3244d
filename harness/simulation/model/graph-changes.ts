/**
 * Changes of a graph, drawn from a seed: what to call on a store, and the same change to the
 * reference graph. `apply` answers the code with which the store must refuse it, if it must.
 */
import type { GraphEdge, GraphProperties, GraphSession } from '../../contract/target.ts';
import type { Prng } from '../../random/prng.ts';
import type { GraphMap } from './graph-map.ts';

export interface GraphChange {
  readonly name: string;
  call(graph: GraphSession): Promise<void>;
  apply(model: GraphMap): string | undefined;
}

/** Names that begin like others, some that have to be escaped, and some that a decoder may drop. */
export const VERTICES = [
  'v',
  'v1',
  'v10',
  'v1\0',
  'v\0',
  'a',
  'ab',
  'abc',
  'é',
  '\ufeffa',
  '字',
  'w1',
  'w2',
] as const;
export const LABELS = ['knows', 'know', 'owns', 'o\0wns'] as const;
/** No UTF-8 is that text. */
const HALVES = ['\ud800', 'a\udc00', '\udbff\ud800'] as const;
const LONG_VALUE = 600;

export class GraphDraws {
  readonly #random: Prng;

  constructor(random: Prng) {
    this.#random = random;
  }

  vertex(): string {
    return this.#random.pick(VERTICES);
  }

  edge(): GraphEdge {
    const label = this.#random.pick(LABELS);
    return { source: this.vertex(), label, target: this.vertex() };
  }

  properties(): GraphProperties {
    const random = this.#random;
    if (random.chance(0.3)) return {};
    const length = random.below(random.chance(0.1) ? LONG_VALUE : 20);
    return { name: `${random.nextUint32()}`.padEnd(length, '.') };
  }

  /** Of one vertex and one edge at it: what may meet when several clients change them at once. */
  rivals(count: number, model: GraphMap): readonly GraphChange[] {
    const { outgoing } = model.dump();
    const isThere = outgoing.length > 0 && this.#random.chance(0.8);
    const edge = isThere ? this.#random.pick(outgoing) : this.edge();
    const vertex = edge[this.#random.pick(['source', 'target'] as const)];
    const kinds = [
      () => addVertex(vertex, this.properties()),
      () => setVertex(vertex, this.properties()),
      () => setVertex(vertex, this.properties()),
      () => removeVertex(vertex, true),
      () => removeVertex(vertex, true),
      () => addEdge(edge, this.properties()),
      () => setEdge(edge, this.properties()),
      () => setEdge(edge, this.properties()),
      () => removeEdge(edge),
    ];
    return Array.from({ length: count }, () => this.#random.pick(kinds)());
  }

  /** A name or a property that can not be kept, and has to be refused wherever it stands. */
  refused(): GraphChange {
    if (this.#random.chance(0.4)) return this.#oddProperties();
    const half = this.#random.pick(HALVES);
    const edge = { ...this.edge(), [this.#random.pick(['source', 'label', 'target'])]: half };
    return this.#random.pick([
      refusedAs('add a vertex', (graph) => graph.addVertex(half)),
      refusedAs('remove a vertex', (graph) => graph.removeVertex(half, true)),
      refusedAs('add an edge', (graph) => graph.addEdge(edge)),
      refusedAs('remove an edge', (graph) => graph.removeEdge(edge)),
    ]);
  }

  #oddProperties(): GraphChange {
    const odd = this.#random.pick(ODD_VALUES)();
    const properties = { kind: this.#random.chance(0.5) ? odd : { deep: [odd] } } as never;
    const { vertex, edge } = { vertex: this.vertex(), edge: this.edge() };
    return this.#random.pick([
      refusedAs('add a vertex', (graph) => graph.addVertex(`${vertex} new`, properties)),
      refusedAs('set a vertex', (graph) => graph.setVertex(vertex, properties)),
      refusedAs('add an edge', (graph) => graph.addEdge(edge, properties)),
      refusedAs('set an edge', (graph) => graph.setEdge(edge, properties)),
    ]);
  }
}

/** Values that JSON would turn into something else, or leave out. */
const ODD_VALUES: readonly (() => unknown)[] = [
  () => new Date(0),
  () => Number.NaN,
  () => [undefined],
  () => ({ toJSON: () => 'other' }),
  () => new Map([['a', 1]]),
  () => 1n,
];

/** What is handed over is the caller's again once the call has returned: it is written over. */
function lend<T extends object>(value: T, call: (own: T) => Promise<void>): Promise<void> {
  const own = { ...value };
  const done = call(own);
  for (const name of Object.keys(own)) Object.assign(own, { [name]: 'overwritten' });
  return done;
}

function refusedAs(name: string, call: GraphChange['call']): GraphChange {
  return { name: `${name} that can not be kept`, call, apply: () => 'invalid-argument' };
}

export function addVertex(vertex: string, properties: GraphProperties): GraphChange {
  return {
    name: `add vertex ${vertex}`,
    call: (graph) => lend(properties, (own) => graph.addVertex(vertex, own)),
    apply(model) {
      if (model.vertex(vertex) !== undefined) return 'vertex-exists';
      model.setVertex(vertex, properties);
      return undefined;
    },
  };
}

export function setVertex(vertex: string, properties: GraphProperties): GraphChange {
  return {
    name: `set vertex ${vertex}`,
    call: (graph) => lend(properties, (own) => graph.setVertex(vertex, own)),
    apply(model) {
      if (model.vertex(vertex) === undefined) return 'vertex-missing';
      model.setVertex(vertex, properties);
      return undefined;
    },
  };
}

export function removeVertex(vertex: string, cascade: boolean): GraphChange {
  return {
    name: `remove vertex ${vertex}`,
    call: (graph) => graph.removeVertex(vertex, cascade),
    apply(model) {
      const degrees = model.degrees(vertex);
      if (degrees === undefined) return 'vertex-missing';
      if (!cascade && degrees.out + degrees.in > 0) return 'vertex-has-edges';
      model.removeVertex(vertex);
      return undefined;
    },
  };
}

export function addEdge(edge: GraphEdge, properties: GraphProperties): GraphChange {
  return {
    name: `add edge ${JSON.stringify(edge)}`,
    call: (graph) => lend(edge, (id) => lend(properties, (own) => graph.addEdge(id, own))),
    apply(model) {
      if (model.edge(edge) !== undefined) return 'edge-exists';
      const ends = [edge.source, edge.target];
      if (ends.some((end) => model.vertex(end) === undefined)) return 'vertex-missing';
      model.setEdge(edge, properties);
      return undefined;
    },
  };
}

export function setEdge(edge: GraphEdge, properties: GraphProperties): GraphChange {
  return {
    name: `set edge ${JSON.stringify(edge)}`,
    call: (graph) => lend(edge, (id) => lend(properties, (own) => graph.setEdge(id, own))),
    apply(model) {
      if (model.edge(edge) === undefined) return 'edge-missing';
      model.setEdge(edge, properties);
      return undefined;
    },
  };
}

export function removeEdge(edge: GraphEdge): GraphChange {
  return {
    name: `remove edge ${JSON.stringify(edge)}`,
    call: (graph) => lend(edge, (id) => graph.removeEdge(id)),
    apply(model) {
      if (model.edge(edge) === undefined) return 'edge-missing';
      model.removeEdge(edge);
      return undefined;
    },
  };
}
