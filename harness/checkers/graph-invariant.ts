/**
 * Graph. In every dump:
 *
 * - each edge is stored in both directions, and both its ends are vertices (no dangling edge);
 * - each vertex has a degree record that equals the number of its edges;
 * - each vertex and edge whose last change is certain is as that change left it (no acknowledged change lost).
 *   A change is uncertain while another may have followed it.
 */
import { defineChecker, verdictOf } from '../contract/checker.ts';
import type { Operation } from '../contract/history.ts';
import type { VertexInput } from '../contract/operation-values.ts';
import type { GraphDump, GraphEdge } from '../contract/target.ts';

const KINDS = ['one-way-edge', 'dangling-edge', 'wrong-degree', 'lost', 'made-up'] as const;

interface Problem {
  readonly reason: string;
  readonly kind: (typeof KINDS)[number];
}

interface Fault extends Problem {
  readonly index: number;
}

const nameOf = ({ source, label, target }: GraphEdge) => `${source} -${label}-> ${target}`;

export default defineChecker({
  name: 'graph-invariant',
  kinds: KINDS,
  doc: 'both directions agree, no edge dangles, degrees are right, acknowledged changes are present',
  check(operations) {
    const dumps = operations.filter(({ f, type }) => f === 'dump' && type === 'ok');
    const changes = operations.filter(({ f, type }) => f !== 'dump' && type !== 'fail');
    const faults: Fault[] = [];
    for (const dump of dumps) {
      const index = dump.completedIndex;
      const graph = dump.output as GraphDump;
      for (const problem of structureFaults(graph)) faults.push({ ...problem, index });
      for (const one of stateFaults(changes, dump, graph)) faults.push(one);
    }
    const acknowledged = changes.filter(({ type }) => type === 'ok').length;
    return verdictOf(
      'graph-invariant',
      faults,
      { acknowledged, dumps: dumps.length },
      dumps.length,
    );
  },
});

function* structureFaults(graph: GraphDump): Generator<Problem> {
  const vertices = new Set(graph.vertices);
  const outgoing = new Set(graph.outgoing.map(nameOf));
  const incoming = new Set(graph.incoming.map(nameOf));
  const counts = new Map(graph.vertices.map((vertex) => [vertex, { out: 0, in: 0 }]));
  for (const edge of graph.outgoing) {
    const name = nameOf(edge);
    if (!incoming.has(name)) {
      yield { reason: `edge ${name} has no reverse record`, kind: 'one-way-edge' };
    }
    for (const end of [edge.source, edge.target]) {
      if (vertices.has(end)) continue;
      yield { reason: `edge ${name} dangles: ${end} is no vertex`, kind: 'dangling-edge' };
    }
    const source = counts.get(edge.source);
    if (source !== undefined) source.out++;
  }
  for (const edge of graph.incoming) {
    const name = nameOf(edge);
    if (!outgoing.has(name)) {
      yield { reason: `edge ${name} has a reverse record only`, kind: 'one-way-edge' };
    }
    const target = counts.get(edge.target);
    if (target !== undefined) target.in++;
  }
  for (const [vertex, out, into] of graph.degrees) {
    const counted = counts.get(vertex);
    if (counted === undefined) yield degree(`degrees of ${vertex}, which is no vertex`);
    else if (counted.out !== out || counted.in !== into) {
      const { out: ownOut, in: ownIn } = counted;
      yield degree(`${vertex} counts ${out} out, ${into} in; it has ${ownOut}, ${ownIn}`);
    }
    counts.delete(vertex);
  }
  for (const vertex of counts.keys()) yield degree(`${vertex} has no degree record`);
}

const degree = (reason: string): Problem => ({ reason, kind: 'wrong-degree' });

/** What a change leaves of one vertex or edge. */
interface Effect {
  readonly change: Operation;
  readonly present: boolean;
}

function* stateFaults(
  changes: readonly Operation[],
  dump: Operation,
  graph: GraphDump,
): Generator<Fault> {
  const present = new Set([...graph.vertices, ...graph.outgoing.map(nameOf)]);
  const effects = effectsByThing(changes.filter((one) => one.invokedIndex < dump.completedIndex));
  for (const [thing, all] of effects) {
    const last = all.filter(
      ({ change }) =>
        !all.some(
          ({ change: later }) => later.type === 'ok' && later.invokedIndex > change.completedIndex,
        ),
    );
    const settled = all.some(
      ({ change }) => change.type === 'ok' && change.completedIndex < dump.invokedIndex,
    );
    const isPresent = present.has(thing);
    if (!settled || last.some((effect) => effect.present === isPresent)) continue;
    const { change } = last.at(-1)!;
    const reason = `${thing} is ${isPresent ? '' : 'not '}there after ${change.f} was acknowledged`;
    yield { reason, index: change.invokedIndex, kind: 'lost' };
  }
  for (const thing of present) {
    if (effects.get(thing)?.some((effect) => effect.present) === true) continue;
    const reason = `${thing} is present but was never added`;
    yield { reason, index: dump.completedIndex, kind: 'made-up' };
  }
}

/** Changes of each vertex and edge. Removing a vertex with its edges changes those edges too. */
function effectsByThing(changes: readonly Operation[]): Map<string, Effect[]> {
  const effects = new Map<string, Effect[]>();
  const note = (thing: string, change: Operation, present: boolean) => {
    const all = effects.get(thing) ?? [];
    all.push({ change, present });
    effects.set(thing, all);
  };
  const edges = new Map<string, GraphEdge>();
  for (const change of changes) {
    if (change.f !== 'add-edge' && change.f !== 'remove-edge') continue;
    const edge = change.input as GraphEdge;
    edges.set(nameOf(edge), edge);
    note(nameOf(edge), change, change.f === 'add-edge');
  }
  for (const change of changes) {
    if (change.f !== 'add-vertex' && change.f !== 'remove-vertex') continue;
    const { vertex, cascade = false } = change.input as VertexInput;
    note(vertex, change, change.f === 'add-vertex');
    if (!cascade) continue;
    for (const [name, { source, target }] of edges) {
      if (source === vertex || target === vertex) note(name, change, false);
    }
  }
  return effects;
}
