/** Transactions in an order that edges of a dependency graph agree with: witnesses of levels. */
import { type DependencyGraph, RW } from './dependency-graph.ts';

type Successors = (node: number, visit: (target: number) => void) => void;

/** An order that agrees with the edges of `kinds`. Requires: they have no cycle. */
export function topologicalOrder(graph: DependencyGraph, kinds: number): Int32Array {
  const { starts, targets } = graph;
  const successors: Successors = (node, visit) => {
    for (let at = starts[node]!; at < starts[node + 1]!; at++) {
      if ((graph.kinds[at]! & kinds) !== 0) visit(targets[at]!);
    }
  };
  return kahn(graph.nodes, successors).filter((node) => node < graph.transactions);
}

/**
 * An order of commits for transactions that read at one instant and commit at a later one: an
 * anti-dependency leads from the begin of a reader to the end of a writer, any other edge from an
 * end to a begin. Requires: the edges of `kinds` have no cycle without two rw edges in a row.
 */
export function snapshotOrder(graph: DependencyGraph, kinds: number): Int32Array {
  const { nodes, transactions, starts, targets } = graph;
  const end = (node: number) => (node < transactions ? nodes + node : node);
  const successors: Successors = (from, visit) => {
    const isEnd = from >= nodes;
    const node = isEnd ? from - nodes : from;
    if (!isEnd && node < transactions) visit(end(node));
    for (let at = starts[node]!; at < starts[node + 1]!; at++) {
      const kind = graph.kinds[at]!;
      if ((kind & kinds) === 0) continue;
      if (kind === RW) {
        if (!isEnd) visit(end(targets[at]!));
      } else if (isEnd || node >= transactions) visit(targets[at]!);
    }
  };
  return kahn(nodes + transactions, successors)
    .filter((node) => node >= nodes)
    .map((node) => node - nodes);
}

function kahn(nodes: number, successors: Successors): Int32Array {
  const waits = new Int32Array(nodes);
  for (let node = 0; node < nodes; node++) {
    successors(node, (target) => {
      waits[target]! += 1;
    });
  }
  const queue = new Int32Array(nodes);
  let tail = 0;
  for (let node = 0; node < nodes; node++) if (waits[node] === 0) queue[tail++] = node;
  for (let head = 0; head < tail; head++) {
    successors(queue[head]!, (target) => {
      if (--waits[target]! === 0) queue[tail++] = target;
    });
  }
  return queue.subarray(0, tail);
}
