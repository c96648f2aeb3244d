/** The transactions of an acyclic dependency graph in an order that all its edges agree with. */
import type { DependencyGraph } from './dependency-graph.ts';

export function topologicalOrder(graph: DependencyGraph): Int32Array {
  const { nodes, transactions, starts, targets } = graph;
  const waits = new Int32Array(nodes);
  for (const target of targets) waits[target]! += 1;
  const queue = new Int32Array(nodes);
  let tail = 0;
  for (let node = 0; node < nodes; node++) if (waits[node] === 0) queue[tail++] = node;
  for (let head = 0; head < tail; head++) {
    const node = queue[head]!;
    for (let at = starts[node]!; at < starts[node + 1]!; at++) {
      if (--waits[targets[at]!]! === 0) queue[tail++] = targets[at]!;
    }
  }
  return queue.subarray(0, tail).filter((node) => node < transactions);
}
