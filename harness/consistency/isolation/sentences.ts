/** Renders cycles as text: a sentence for each edge, with its key and value. */

import type { NamedCycle } from '../graph/anomaly.ts';
import { KINDS, tell } from '../graph/cycle-words.ts';
import { PROCESS, REALTIME, RW, VISIBLE, WR, WW } from '../graph/dependency-graph.ts';
import type { Step } from '../graph/paths.ts';
import { INITIAL, type View, writes } from './view.ts';
import type { Offence } from './weak-levels.ts';

/** As "T1 < T2, because T2 read T1's write of 3 to key 7; …". Helper nodes are left out. */
export function nameCycle(view: View, cycle: readonly Step[]): { text: string; cycle: NamedCycle } {
  const nodes: string[] = [];
  const edges: { kind: string; why: string }[] = [];
  let last: Step | undefined;
  for (const step of cycle) {
    if (step.node >= view.transactions) continue;
    if (last !== undefined) {
      edges.push({
        kind: KINDS.get(step.kind) ?? '',
        why: why(view, last.node, step.node, step.kind),
      });
    }
    nodes.push(view.nameOf(step.node));
    last = step;
  }
  return { text: tell(nodes, edges), cycle: { nodes, edges } };
}

export function tellOffence(view: View, { reader, key, read, visible }: Offence): string {
  const name = view.nameOfKey(key);
  const of = read === INITIAL ? 'nothing' : `${view.nameOf(read)}'s ${view.valueOf(read, key)}`;
  return `${view.nameOf(reader)} read ${of} at key ${name} although it sees ${view.nameOf(visible)}, which wrote ${view.valueOf(visible, key)} there`;
}

function why(view: View, a: number, b: number, kind: number): string {
  return WHY.get(kind)?.(view, a, b) ?? 'that follows from the rest';
}

const WHY: ReadonlyMap<number, (view: View, a: number, b: number) => string> = new Map([
  [
    WR,
    (view, a, b) => {
      const key = keyReadFrom(view, b, a);
      return `${view.nameOf(b)} read ${view.nameOf(a)}'s write of ${view.valueOf(a, key)} to key ${view.nameOfKey(key)}`;
    },
  ],
  [
    WW,
    (view, a, b) => {
      const key = commonKey(view, a, b);
      return `${view.nameOf(b)}'s write of ${view.valueOf(b, key)} to key ${view.nameOfKey(key)} must have replaced ${view.nameOf(a)}'s`;
    },
  ],
  [
    RW,
    (view, a, b) => {
      const key = overwrittenKey(view, a, b);
      return `${view.nameOf(a)} did not see ${view.nameOf(b)}'s write of ${view.valueOf(b, key)} to key ${view.nameOfKey(key)}`;
    },
  ],
  [PROCESS, (view, a, b) => `the same client did ${view.nameOf(a)} before ${view.nameOf(b)}`],
  [REALTIME, (view, a, b) => `${view.nameOf(a)} was over before ${view.nameOf(b)} began`],
  [
    VISIBLE,
    (view, a, b) => {
      const key = commonKey(view, a, b);
      return `a transaction that sees ${view.nameOf(a)} read ${view.nameOf(b)}'s ${view.valueOf(b, key)} at key ${view.nameOfKey(key)}`;
    },
  ],
]);

function keyReadFrom({ readStart, readFrom, readKey }: View, reader: number, from: number): number {
  for (let at = readStart[reader]!; at < readStart[reader + 1]!; at++) {
    if (readFrom[at] === from) return readKey[at]!;
  }
  return 0;
}

function commonKey(view: View, a: number, b: number): number {
  for (let at = view.writeStart[a]!; at < view.writeStart[a + 1]!; at++) {
    if (writes(view, b, view.writeKey[at]!)) return view.writeKey[at]!;
  }
  return 0;
}

function overwrittenKey(view: View, reader: number, writer: number): number {
  const { readStart, readKey, readFrom } = view;
  for (let at = readStart[reader]!; at < readStart[reader + 1]!; at++) {
    if (readFrom[at] !== writer && writes(view, writer, readKey[at]!)) return readKey[at]!;
  }
  return 0;
}
