/**
 * Strongly connected components (Tarjan 1972), without recursion, over the edges of the given
 * kinds. Only components of two nodes or more matter: no node has an edge to itself.
 */
import type { DependencyGraph } from './dependency-graph.ts';

export interface Components {
  /** The component of each node; -1 for a node that is alone in its own. */
  readonly of: Int32Array;
  readonly count: number;
  /** A reverse topological rank: an edge leads to the same rank or a lower one. */
  readonly rank: Int32Array;
}

export function components(graph: DependencyGraph, kindMask: number): Components {
  const { nodes, starts, targets, kinds } = graph;
  const of = new Int32Array(nodes).fill(-1);
  const rank = new Int32Array(nodes);
  let ranks = 0;
  const order = new Int32Array(nodes);
  const low = new Int32Array(nodes);
  const edge = new Int32Array(nodes);
  const onStack = new Uint8Array(nodes);
  const stack = new Int32Array(nodes);
  const path = new Int32Array(nodes);
  let clock = 0;
  let count = 0;
  let stackSize = 0;
  for (let root = 0; root < nodes; root++) {
    if (order[root] !== 0) continue;
    let depth = 0;
    path[0] = root;
    order[root] = low[root] = ++clock;
    edge[root] = starts[root]!;
    stack[stackSize++] = root;
    onStack[root] = 1;
    while (depth >= 0) {
      const node = path[depth]!;
      const at = edge[node]!;
      if (at < starts[node + 1]!) {
        edge[node] = at + 1;
        if ((kinds[at]! & kindMask) === 0) continue;
        const target = targets[at]!;
        if (order[target] === 0) {
          order[target] = low[target] = ++clock;
          edge[target] = starts[target]!;
          stack[stackSize++] = target;
          onStack[target] = 1;
          path[++depth] = target;
        } else if (onStack[target] === 1 && order[target]! < low[node]!) {
          low[node] = order[target]!;
        }
        continue;
      }
      depth--;
      if (depth >= 0 && low[node]! < low[path[depth]!]!) low[path[depth]!] = low[node]!;
      if (low[node] !== order[node]) continue;
      const alone = stack[stackSize - 1] === node;
      for (;;) {
        const member = stack[--stackSize]!;
        onStack[member] = 0;
        if (!alone) of[member] = count;
        rank[member] = ranks;
        if (member === node) break;
      }
      if (!alone) count++;
      ranks++;
    }
  }
  return { of, count, rank };
}
