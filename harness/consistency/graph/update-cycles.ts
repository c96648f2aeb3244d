/**
 * G-update (Adya 1999, PL-3U): a cycle among transactions that write, or one that needs a single
 * transaction that only reads. Without it every reader sees a state that some serial order of the
 * writers leads to.
 */
import type { AppendIndex } from '../list-append/append-index.ts';
import { components } from './components.ts';
import { type DependencyGraph, GraphBuilder, RW, WR, WW } from './dependency-graph.ts';
import { PathFinder } from './paths.ts';
import { topologicalOrder } from './topological-order.ts';
import { APPEND } from './transaction-history.ts';

const STEPS_MAX = 100_000_000;

export function findUpdateCycles(index: AppendIndex, graph: DependencyGraph): boolean {
  const plain = components(graph, WW | WR | RW);
  if (plain.count === 0) return false;
  const writes = writers(index);
  const builder = new GraphBuilder(graph.nodes);
  const readers: number[] = [];
  for (let node = 0; node < graph.transactions; node++) {
    if (plain.of[node]! < 0) continue;
    if (writes[node] === 0) readers.push(node);
    else
      eachPlainEdge(graph, plain.of, node, (to, kind) => writes[to] && builder.add(node, to, kind));
  }
  const updates = builder.build();
  if (components(updates, -1).count > 0) return true;
  const into = predecessors(graph, plain.of, readers);
  const finder = new PathFinder(updates, STEPS_MAX);
  for (const reader of readers) {
    const out: number[] = [];
    eachPlainEdge(graph, plain.of, reader, (to) => out.push(to));
    for (const from of out) {
      for (const to of into.get(reader) ?? []) {
        if (from === to || finder.path(from, to, -1) !== undefined) return true;
      }
    }
  }
  return false;
}

/** An order that proves update serializability: writers by what they depend on, then the readers. */
export function updateOrder(index: AppendIndex, graph: DependencyGraph): Int32Array {
  const writes = writers(index);
  const builder = new GraphBuilder(graph.transactions);
  const isOn = new Int32Array(graph.nodes);
  for (let t = 0; t < graph.transactions; t++) {
    if (writes[t] === 0) continue;
    eachPlainEdge(graph, isOn, t, (to, kind) => writes[to] && builder.add(t, to, kind));
  }
  const order = topologicalOrder(builder.build(), -1).filter((t) => index.committed[t] === 1);
  return Int32Array.from([
    ...order.filter((t) => writes[t] === 1),
    ...order.filter((t) => writes[t] === 0),
  ]);
}

function writers({ history }: AppendIndex): Uint8Array {
  const found = new Uint8Array(history.size);
  for (let t = 0; t < history.size; t++) {
    const end = history.firstOperation.at(t + 1);
    for (let at = history.firstOperation.at(t); at < end; at++) {
      if (history.kind.at(at) === APPEND) found[t] = 1;
    }
  }
  return found;
}

function eachPlainEdge(
  { starts, targets, kinds }: DependencyGraph,
  of: Int32Array,
  node: number,
  visit: (to: number, kind: number) => void,
): void {
  for (let at = starts[node]!; at < starts[node + 1]!; at++) {
    const isPlain = (kinds[at]! & (WW | WR | RW)) !== 0;
    if (isPlain && of[targets[at]!] === of[node]) visit(targets[at]!, kinds[at]!);
  }
}

function predecessors(
  graph: DependencyGraph,
  of: Int32Array,
  wanted: readonly number[],
): Map<number, number[]> {
  const into = new Map<number, number[]>(wanted.map((node) => [node, []]));
  for (let node = 0; node < graph.transactions; node++) {
    if (of[node]! >= 0) eachPlainEdge(graph, of, node, (to) => into.get(to)?.push(node));
  }
  return into;
}
