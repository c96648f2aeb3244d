/**
 * The view of a list-append history: a read shows the version of the last element that is not the
 * reader's own; version orders are those the longest reads show, where no read disagrees.
 */
import { textOf } from '../../contract/value.ts';
import { APPEND } from '../graph/transaction-history.ts';
import { INITIAL, type View, viewOf } from '../isolation/view.ts';
import type { AppendIndex } from './append-index.ts';

export function appendView(index: AppendIndex): View {
  const { history, committed } = index;
  return viewOf({
    transactions: history.size,
    committed,
    process: history.process.view(),
    hasRealTime: history.hasRealTime,
    invoked: history.invoked.view(),
    completed: history.completed.view(),
    keys: history.keys.size,
    mayReread: false,
    order: ordersOf(index),
    nameOf: (t) => history.nameOf(t),
    nameOfKey: (key) => textOf(history.keys.original(key)),
    valueOf: (t, key) => lastAppend(index, t, key),
    eachRead(t, visit) {
      index.eachRead(t, (read, key, length) => {
        let last = length - 1;
        while (last >= 0 && index.ownerOf[index.appendAt(read, last)] === t) last--;
        if (last < 0) return visit(key, INITIAL);
        const at = index.appendAt(read, last);
        const writer = at < 0 ? -1 : index.ownerOf[at]!;
        if (writer >= 0 && committed[writer] === 1) visit(key, writer);
      });
    },
    eachWrite(t, visit) {
      const end = history.firstOperation.at(t + 1);
      for (let at = history.firstOperation.at(t); at < end; at++) {
        if (history.kind.at(at) === APPEND) visit(history.key.at(at));
      }
    },
  });
}

function ordersOf(index: AppendIndex): Map<number, number[]> {
  const { history, committed } = index;
  const orders = new Map<number, number[]>();
  for (const [key, read] of index.longestRead.entries()) {
    if (read < 0 || index.isContested[key] === 1) continue;
    const writers: number[] = [];
    for (let i = 0; i < history.length.at(read); i++) {
      const at = index.appendAt(read, i);
      const writer = at < 0 ? -1 : index.ownerOf[at]!;
      if (writer >= 0 && committed[writer] === 1 && writers.at(-1) !== writer) writers.push(writer);
    }
    orders.set(key, writers);
  }
  return orders;
}

function lastAppend({ history }: AppendIndex, t: number, key: number): string {
  let value: unknown = '?';
  const end = history.firstOperation.at(t + 1);
  for (let at = history.firstOperation.at(t); at < end; at++) {
    if (history.kind.at(at) === APPEND && history.key.at(at) === key) {
      value = history.values.original(history.payload.at(at));
    }
  }
  return textOf(value);
}
