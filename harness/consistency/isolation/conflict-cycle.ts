/**
 * The cycles that explain a violation: one cycle of known edges, or, for two writers in no possible order, one
 * cycle for each order. Steps are transactions; helper nodes are left out.
 */
import { RW, WW } from '../graph/dependency-graph.ts';
import type { Step } from '../graph/paths.ts';
import type { Rows } from './closure.ts';
import type { Polygraph } from './polygraph.ts';
import type { Conflict } from './saturate.ts';

export function cycleThrough(graph: Polygraph, conflict: Conflict, rows: Rows): Step[][] {
  if (conflict.kind === 'cycle') {
    const cycle = anyCycle(graph, rows);
    return cycle === undefined ? [] : [cycle];
  }
  const { key, a, b } = conflict;
  const alternatives =
    a === b ? [] : [alternative(graph, rows, key, a, b), alternative(graph, rows, key, b, a)];
  return alternatives.filter((one) => one !== undefined);
}

/** The cycle that would close if `a` wrote before `b`. */
function alternative(
  graph: Polygraph,
  rows: Rows,
  key: number,
  a: number,
  b: number,
): Step[] | undefined {
  const direct = path(rows, graph.successor(b), graph.end(a));
  if (direct !== undefined) return close(graph, graph.end(a), WW, direct);
  for (const reader of graph.readersOf(key, a)) {
    if (reader === b) continue;
    const back = path(rows, graph.end(b), graph.begin(reader));
    if (back !== undefined) return close(graph, graph.begin(reader), RW, back);
  }
  return undefined;
}

/** A cycle from the node `from`, over an edge of `kind`, and along `back` to it. */
function close(graph: Polygraph, from: number, kind: number, back: readonly Step[]): Step[] {
  const [first, ...rest] = back;
  return asTransactions(graph, [{ node: from, kind: 0 }, { node: first!.node, kind }, ...rest]);
}

function asTransactions(graph: Polygraph, steps: readonly Step[]): Step[] {
  const named: Step[] = [];
  let kind = 0;
  for (const step of steps) {
    const node = graph.transactionOf(step.node);
    if (step.kind !== 0) kind = WEIGHT.has(step.kind) ? step.kind : kind;
    if (node < 0 || named.at(-1)?.node === node) continue;
    named.push({ node, kind: named.length === 0 ? 0 : kind });
  }
  if (named.at(-1)?.node !== named[0]?.node) named.push({ node: named[0]!.node, kind });
  return named;
}

/** Kinds that tell a reason; a step within a transaction does not. */
const WEIGHT: ReadonlySet<number> = new Set([1, 2, 4, 8, 16]);

function path(rows: Rows, from: number, to: number): Step[] | undefined {
  const parent = new Map<number, { node: number; kind: number }>();
  const queue = [from];
  if (from === to) return [{ node: from, kind: 0 }];
  for (const node of queue) {
    for (let at = rows.starts[node]!; at < rows.starts[node + 1]!; at++) {
      const target = rows.targets[at]!;
      if (target === from || parent.has(target)) continue;
      parent.set(target, { node, kind: rows.kinds[at]! });
      if (target === to) return trace(parent, from, to);
      queue.push(target);
    }
  }
  return undefined;
}

function trace(
  parent: ReadonlyMap<number, { node: number; kind: number }>,
  from: number,
  to: number,
): Step[] {
  const steps: Step[] = [];
  for (let node = to; node !== from; ) {
    const { node: before, kind } = parent.get(node)!;
    steps.push({ node, kind });
    node = before;
  }
  steps.push({ node: from, kind: 0 });
  return steps.reverse();
}

/** Follows edges among the nodes that Kahn's algorithm leaves over, then closes the shortest way. */
function anyCycle(graph: Polygraph, rows: Rows): Step[] | undefined {
  const { nodes } = graph.edges;
  const waits = new Int32Array(nodes);
  for (const target of rows.targets) waits[target]! += 1;
  const queue: number[] = [];
  for (let node = 0; node < nodes; node++) if (waits[node] === 0) queue.push(node);
  for (const node of queue) {
    for (let at = rows.starts[node]!; at < rows.starts[node + 1]!; at++) {
      if (--waits[rows.targets[at]!]! === 0) queue.push(rows.targets[at]!);
    }
  }
  for (let node = 0; node < nodes; node++) {
    if (waits[node] === 0 || graph.transactionOf(node) < 0) continue;
    for (let at = rows.starts[node]!; at < rows.starts[node + 1]!; at++) {
      const back = path(rows, rows.targets[at]!, node);
      if (back !== undefined) return close(graph, node, rows.kinds[at]!, back);
    }
  }
  return undefined;
}
