/**
 * The dependency graph of a list-append history.
 *
 * Versions of a key are the elements of its longest read, in order, and after them the committed
 * appends that no read shows: those came later than every read, in an unknown order. Edges:
 *
 *     ww   writer of an element → writer of the next; writer of the last → each unread writer
 *     wr   writer of the last element of a read → reader
 *     rw   reader → writer of the element after its last; of the last → each unread writer
 *
 * Order among unread appends is left open: any order of them that the other edges allow will do.
 * Where two reads of a key disagree its order is not known, and only the wr edges are drawn.
 */

import { type DependencyGraph, GraphBuilder, RW, WR, WW } from '../graph/dependency-graph.ts';
import { addSessionEdges } from '../graph/session-edges.ts';
import { APPEND } from '../graph/transaction-history.ts';
import type { AppendIndex } from './append-index.ts';

const NOBODY: readonly number[] = [];

export interface AppendGraph {
  readonly isAcyclic: boolean;
  /** Built when first asked for. */
  readonly graph: () => DependencyGraph;
  /** Keys with two or more committed appends that no read shows. */
  readonly keysOfUnknownOrder: number;
}

export function appendGraph(index: AppendIndex): AppendGraph {
  const { history } = index;
  const builder = new GraphBuilder(history.size);
  const unread = unreadAppends(index);
  let keysOfUnknownOrder = 0;
  for (let key = 0; key < history.keys.size; key++) {
    const late = unread.get(key) ?? [];
    if (late.length > 1) keysOfUnknownOrder++;
    addVersionEdges(index, builder, key, late);
  }
  for (let t = 0; t < history.size; t++) {
    if (index.committed[t] === 0) continue;
    index.eachRead(t, (read, key) => {
      addReadEdges(index, builder, t, read, unread.get(key) ?? NOBODY);
    });
  }
  addSessionEdges(
    {
      transactions: history.size,
      committed: index.committed,
      process: history.process.view(),
      invoked: history.invoked.view(),
      completed: history.completed.view(),
      hasRealTime: history.hasRealTime,
    },
    builder,
  );
  let graph: DependencyGraph | undefined;
  return {
    isAcyclic: builder.isAcyclic(),
    graph() {
      graph ??= builder.build();
      return graph;
    },
    keysOfUnknownOrder,
  };
}

/** The writer of element `i` of the list read at `read`, when it is known and committed. */
function writerAt(index: AppendIndex, read: number, i: number): number {
  const at = index.appendAt(read, i);
  if (at < 0) return -1;
  const writer = index.ownerOf[at]!;
  return index.committed[writer] === 1 ? writer : -1;
}

function unreadAppends(index: AppendIndex): Map<number, number[]> {
  const { history, longestRead } = index;
  const shown = new Uint8Array(history.kind.size);
  for (const read of longestRead) {
    if (read < 0) continue;
    for (let i = 0; i < history.length.at(read); i++) {
      const at = index.appendAt(read, i);
      if (at >= 0) shown[at] = 1;
    }
  }
  const unread = new Map<number, number[]>();
  for (let at = 0; at < history.kind.size; at++) {
    if (history.kind.at(at) !== APPEND || shown[at] === 1) continue;
    const writer = index.ownerOf[at]!;
    if (index.committed[writer] === 0) continue;
    const key = history.key.at(at);
    const writers = unread.get(key);
    if (writers === undefined) unread.set(key, [writer]);
    else if (writers.at(-1) !== writer) writers.push(writer);
  }
  return unread;
}

function addVersionEdges(
  index: AppendIndex,
  builder: GraphBuilder,
  key: number,
  late: readonly number[],
): void {
  const read = index.longestRead[key]!;
  if (read < 0 || index.isContested[key] === 1) return;
  let before = -1;
  for (let i = 0; i < index.history.length.at(read); i++) {
    const writer = writerAt(index, read, i);
    if (writer < 0) continue;
    if (before >= 0) builder.add(before, writer, WW);
    before = writer;
  }
  if (before >= 0) for (const writer of late) builder.add(before, writer, WW);
}

function addReadEdges(
  index: AppendIndex,
  builder: GraphBuilder,
  t: number,
  read: number,
  late: readonly number[],
): void {
  const { history, longestRead } = index;
  const key = history.key.at(read);
  const length = history.length.at(read);
  if (length > 0) {
    const writer = writerAt(index, read, length - 1);
    if (writer >= 0) builder.add(writer, t, WR);
  }
  if (index.isContested[key] === 1) return;
  const longest = longestRead[key]!;
  for (let i = length; i < history.length.at(longest); i++) {
    const writer = writerAt(index, longest, i);
    if (writer < 0) continue;
    builder.add(t, writer, RW); // nothing, when the next version is the reader's own
    return;
  }
  for (const writer of late) builder.add(t, writer, RW);
}
