/** The view of a register history: who read from whom, under a choice for each ambiguous read. */
import { textOf } from '../../contract/value.ts';
import { FormatError } from '../../history/format-error.ts';
import { FAIL } from '../graph/transaction-table.ts';
import { type View, viewOf } from '../isolation/view.ts';
import { READ, UNKNOWN, WRITE } from './register-history.ts';
import { AMBIGUOUS, OF_NOBODY, type VersionIndex } from './version-index.ts';

/** Version orders given as evidence: per key its values, first version first. */
export type VersionOrders = ReadonlyMap<unknown, readonly unknown[]>;

export function registerView(
  index: VersionIndex,
  choice: ReadonlyMap<number, number> = new Map(),
  orders: VersionOrders = new Map(),
): View {
  const { history } = index;
  const committed = index.committed.slice();
  for (const write of choice.values()) if (write >= 0) committed[index.ownerOf[write]!] = 1;
  const sourceOf = (read: number) => {
    const source = index.source[read]!;
    return source === AMBIGUOUS ? (choice.get(read) ?? AMBIGUOUS) : source;
  };
  return viewOf({
    transactions: history.size,
    committed,
    process: history.process.view(),
    hasRealTime: history.hasRealTime,
    invoked: history.invoked.view(),
    completed: history.completed.view(),
    keys: history.keys.size,
    mayReread: history.oneOf.size > 0,
    order: writersInOrder(index, orders, committed),
    nameOf: (t) => history.nameOf(t),
    nameOfKey: (key) => textOf(history.keys.original(key)),
    valueOf: (t, key) => lastValue(index, t, key),
    eachRead(t, visit) {
      const end = history.firstOperation.at(t + 1);
      for (let at = history.firstOperation.at(t); at < end; at++) {
        if (history.kind.at(at) !== READ || history.value.at(at) === UNKNOWN) continue;
        const source = sourceOf(at);
        if (source === OF_NOBODY) visit(history.key.at(at), OF_NOBODY);
        if (source < 0) continue;
        const writer = index.ownerOf[source]!;
        if (writer === t || history.status.at(writer) === FAIL) continue;
        visit(history.key.at(at), writer);
      }
    },
    eachWrite(t, visit) {
      const end = history.firstOperation.at(t + 1);
      for (let at = history.firstOperation.at(t); at < end; at++) {
        if (history.kind.at(at) === WRITE && index.isFinal[at] === 1) visit(history.key.at(at));
      }
    },
  });
}

function lastValue({ history, isFinal }: VersionIndex, t: number, key: number): string {
  const end = history.firstOperation.at(t + 1);
  for (let at = history.firstOperation.at(t); at < end; at++) {
    if (isFinal[at] === 1 && history.key.at(at) === key) {
      return textOf(history.values.original(history.value.at(at)));
    }
  }
  return '?';
}

function writersInOrder(
  index: VersionIndex,
  orders: VersionOrders,
  committed: Uint8Array,
): Map<number, number[]> {
  const { history } = index;
  const found = new Map<number, number[]>();
  for (const [name, values] of orders) {
    const key = history.keys.numberOf(name);
    const writers: number[] = [];
    for (const value of values) {
      for (const write of index.writesOf(key, history.values.numberOf(value))) {
        const owner = index.ownerOf[write]!;
        if (committed[owner] === 1 && index.isFinal[write] === 1) writers.push(owner);
      }
    }
    if (writers.length === 0 && values.length > 0) {
      throw new FormatError(`version orders name the key ${textOf(name)}, which was never written`);
    }
    found.set(key, writers);
  }
  return found;
}
