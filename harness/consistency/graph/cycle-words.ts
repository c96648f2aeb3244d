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

/** `write skew: T1 < T2, because …; T2 < T1, because …` */
export function tell(nodes: readonly string[], edges: NamedCycle['edges']): string {
  const name = commonName(edges.map(({ kind }) => kind));
  const sentences = edges.map(({ why }, i) => `${nodes[i]} < ${nodes[i + 1]}, because ${why}`);
  return `${name === undefined ? '' : `${name}: `}${sentences.join('; ')}`;
}

/** What people call a cycle of this shape (Berenson et al. 1995, Cerone et al. 2015). */
function commonName(kinds: readonly string[]): string | undefined {
  const shape = kinds.join(' ');
  if (shape === 'rw rw') return 'write skew';
  if (shape === 'rw ww' || shape === 'ww rw') return 'lost update';
  if (shape === 'rw wr' || shape === 'wr rw') return 'read skew';
  if (shape === 'rw wr rw wr' || shape === 'wr rw wr rw') return 'long fork';
  return undefined;
}
