/** What all explanations of cycles share: the names of kinds of edges, and the sentence. */
import type { NamedCycle } from './anomaly.ts';
import { PROCESS, REALTIME, RW, VISIBLE, WR, WW } from './dependency-graph.ts';

export const KINDS: ReadonlyMap<number, string> = new Map([
  [WW, 'ww'],
  [WR, 'wr'],
  [RW, 'rw'],
  [PROCESS, 'process'],
  [REALTIME, 'realtime'],
  [VISIBLE, 'visible'],
]);

/** `T1 < T2, because …; T2 < T1, because …` */
export function tell(nodes: readonly string[], edges: NamedCycle['edges']): string {
  return edges.map(({ why }, i) => `${nodes[i]} < ${nodes[i + 1]}, because ${why}`).join('; ');
}
