/** Describes a cycle: a sentence for each edge, with the key and the values that prove it. */

import type { AppendIndex } from '../list-append/append-index.ts';
import type { Example } from './anomaly.ts';
import { KINDS, tell } from './cycle-words.ts';
import { PROCESS, REALTIME, RW, WR, WW } from './dependency-graph.ts';
import type { Step } from './paths.ts';
import { APPEND } from './transaction-history.ts';

/** As `T1 < T2, because T2 read T1's append of 3 to key 7; …`. Instants are left out. */
export function explainCycle(index: AppendIndex, cycle: readonly Step[]): Example {
  const transactions = index.history.size;
  const nodes = [index.history.nameOf(cycle[0]!.node)];
  const edges: { kind: string; why: string }[] = [];
  let from = cycle[0]!.node;
  let throughTime = false;
  for (const step of cycle.slice(1)) {
    if (step.node >= transactions) {
      throughTime = true;
      continue;
    }
    const kind = throughTime ? REALTIME : step.kind;
    edges.push({ kind: KINDS.get(kind) ?? '', why: explainEdge(index, from, step.node, kind) });
    nodes.push(index.history.nameOf(step.node));
    from = step.node;
    throughTime = false;
  }
  return { text: tell(nodes, edges), cycle: { nodes, edges } };
}

function explainEdge(index: AppendIndex, a: number, b: number, kind: number): string {
  const [from, to] = [index.history.nameOf(a), index.history.nameOf(b)];
  if (kind === PROCESS) return `process ${index.history.process.at(a)} did ${from} before ${to}`;
  if (kind === REALTIME) return `${from} completed before ${to} was invoked`;
  if (kind === WR) return `${to} read ${from}'s append of ${lastReadFrom(index, a, b)}`;
  if (kind === RW) return `${from} did not see ${to}'s append of ${firstUnseen(index, a, b)}`;
  if (kind === WW) return `${to} appended ${appendedAfter(index, a, b)} after ${from} had appended`;
  return 'of an edge of unknown kind';
}

/** The last element of a read of `b` that `a` appended. */
function lastReadFrom(index: AppendIndex, a: number, b: number): string {
  const { history } = index;
  for (const read of index.readsOf(b)) {
    const length = history.length.at(read);
    if (length === 0) continue;
    const key = history.key.at(read);
    const value = history.elements.at(history.payload.at(read) + length - 1);
    const at = index.writer(key, value);
    if (at >= 0 && index.ownerOf[at] === a) return index.named(key, value);
  }
  return 'something';
}

/** An append of `b` to a key that `a` read without it. */
function firstUnseen(index: AppendIndex, a: number, b: number): string {
  const { history } = index;
  for (const read of index.readsOf(a)) {
    const key = history.key.at(read);
    const start = history.payload.at(read);
    const seen = new Set<number>();
    for (let i = start; i < start + history.length.at(read); i++) seen.add(history.elements.at(i));
    for (const value of appendsOf(index, b, key)) {
      if (!seen.has(value)) return index.named(key, value);
    }
  }
  return 'something';
}

/** An append of `b` to a key that `a` appended to as well. */
function appendedAfter(index: AppendIndex, a: number, b: number): string {
  const { history } = index;
  const end = history.firstOperation.at(a + 1);
  for (let at = history.firstOperation.at(a); at < end; at++) {
    if (history.kind.at(at) !== APPEND) continue;
    const key = history.key.at(at);
    for (const value of appendsOf(index, b, key)) return index.named(key, value);
  }
  return 'something';
}

function* appendsOf(index: AppendIndex, t: number, key: number): Generator<number> {
  const { history } = index;
  const end = history.firstOperation.at(t + 1);
  for (let at = history.firstOperation.at(t); at < end; at++) {
    if (history.kind.at(at) === APPEND && history.key.at(at) === key) yield history.payload.at(at);
  }
}
