/**
 * View: for each committed transaction, the writers it read from and the keys it wrote, for any workload. The
 * procedures of this folder judge isolation levels from views alone.
 *
 *     reads    key, the transaction read from (INITIAL: the initial version), in program order
 *     writes   keys, ascending, each once
 *
 * Only reads of other transactions' versions are included; reads of own writes are judged before. Transactions
 * that do not count as committed have no session and no entries.
 */
import { GrowingInts } from '../graph/columns.ts';

/** The version before all writes. */
export const INITIAL = -1;

export interface View {
  readonly transactions: number;
  readonly committed: Uint8Array;
  /** Dense numbers; -1 for what is not committed. A session's transactions come in its order. */
  readonly session: Int32Array;
  readonly sessions: number;
  /** Position of a transaction in its session. */
  readonly position: Int32Array;
  readonly hasRealTime: boolean;
  readonly invoked: Float64Array;
  /** Infinity if indeterminate. */
  readonly completed: Float64Array;
  readonly readStart: Int32Array;
  readonly readKey: Int32Array;
  readonly readFrom: Int32Array;
  readonly writeStart: Int32Array;
  readonly writeKey: Int32Array;
  readonly keys: number;
  /** Whether a transaction may read two versions of a key without that being reported before. */
  readonly mayReread: boolean;
  /** For a key whose version order is known: its writers, first version first. */
  readonly order: ReadonlyMap<number, readonly number[]>;
  nameOf(transaction: number): string;
  nameOfKey(key: number): string;
  /** What a transaction left at a key, for people. */
  valueOf(transaction: number, key: number): string;
}

export interface ViewSource {
  readonly transactions: number;
  readonly committed: Uint8Array;
  readonly process: Int32Array;
  readonly hasRealTime: boolean;
  readonly invoked: Float64Array;
  readonly completed: Float64Array;
  readonly keys: number;
  readonly mayReread: boolean;
  readonly order: ReadonlyMap<number, readonly number[]>;
  nameOf(transaction: number): string;
  nameOfKey(key: number): string;
  valueOf(transaction: number, key: number): string;
  /** Visits the reads of others' versions, in program order. */
  eachRead(transaction: number, visit: (key: number, from: number) => void): void;
  /** Visits the keys written; a key may come twice. */
  eachWrite(transaction: number, visit: (key: number) => void): void;
}

export function viewOf(source: ViewSource): View {
  const { transactions, committed, process } = source;
  const readStart = new Int32Array(transactions + 1);
  const writeStart = new Int32Array(transactions + 1);
  const readKey = new GrowingInts();
  const readFrom = new GrowingInts();
  const writeKey = new GrowingInts();
  const session = new Int32Array(transactions).fill(-1);
  const position = new Int32Array(transactions);
  const numbers = new Map<number, number>();
  const lengths: number[] = [];
  const addRead = (key: number, from: number) => {
    readKey.push(key);
    readFrom.push(from);
  };
  const own: number[] = [];
  const addWrite = (key: number) => {
    if (!own.includes(key)) own.push(key);
  };
  const ascending = (a: number, b: number) => a - b;
  for (const t of inSessionOrder(source)) {
    if (committed[t] === 0) continue;
    let number = numbers.get(process[t]!);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(process[t]!, number);
      lengths.push(0);
    }
    session[t] = number;
    position[t] = lengths[number]!++;
  }
  for (let t = 0; t < transactions; t++) {
    if (committed[t] === 1) {
      source.eachRead(t, addRead);
      own.length = 0;
      source.eachWrite(t, addWrite);
      if (own.length > 1) own.sort(ascending);
      for (const key of own) writeKey.push(key);
    }
    readStart[t + 1] = readKey.size;
    writeStart[t + 1] = writeKey.size;
  }
  return {
    transactions,
    committed,
    session,
    sessions: numbers.size,
    position,
    hasRealTime: source.hasRealTime,
    invoked: source.invoked,
    completed: source.completed,
    readStart,
    readKey: readKey.view(),
    readFrom: readFrom.view(),
    writeStart,
    writeKey: writeKey.view(),
    keys: source.keys,
    mayReread: source.mayReread,
    order: source.order,
    nameOf: (t) => source.nameOf(t),
    nameOfKey: (key) => source.nameOfKey(key),
    valueOf: (t, key) => source.valueOf(t, key),
  };
}

/** A client's transactions in the order it began them. */
function inSessionOrder({ invoked, transactions }: ViewSource): Int32Array {
  const order = Int32Array.from({ length: transactions }, (_, t) => t);
  let sorted = true;
  for (let t = 1; t < transactions && sorted; t++) sorted = invoked[t - 1]! <= invoked[t]!;
  return sorted ? order : order.sort((a, b) => invoked[a]! - invoked[b]!);
}

/** Whether `t` writes `key`. */
export function writes({ writeStart, writeKey }: View, t: number, key: number): boolean {
  let low = writeStart[t]!;
  let high = writeStart[t + 1]!;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (writeKey[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low < writeStart[t + 1]! && writeKey[low] === key;
}
