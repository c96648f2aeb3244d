/**
 * What a single read can get wrong, without looking at any other transaction's order:
 *
 * - garbage-read: an element that was never appended
 * - G1a: an element of a transaction that failed
 * - G1b: a list that ends with an append which its transaction followed by another to that key
 * - duplicate-elements: the same element twice
 * - future-read: an element that the transaction itself appends only later
 * - internal: a read that disagrees with what the same transaction did before
 * - incompatible-order: two reads of a key of which neither is a prefix of the other
 * - dirty-update: a committed append that stands on one of a failed transaction
 */
import { textOf } from '../../contract/value.ts';
import type { AnomalyLog } from '../graph/anomaly.ts';
import { APPEND, READ } from '../graph/transaction-history.ts';
import { OK } from '../graph/transaction-table.ts';
import type { AppendIndex } from './append-index.ts';

/** Answers whether every read shows the transaction's own appends before it. */
export function checkReads(index: AppendIndex, log: AnomalyLog): boolean {
  const { history } = index;
  let seesItself = true;
  for (let t = 0; t < history.size; t++) {
    if (history.status.at(t) !== OK) continue;
    index.eachRead(t, (read, key, length) => {
      const orderly = index.isOutOfOrder[read] === 0 && index.isSound[key] === 1;
      if (!orderly) checkElements(index, log, t, read);
      else if (length > 0) checkLast(index, log, t, read);
    });
    if (!checkFuture(index, log, t)) seesItself = checkInternal(index, log, t) && seesItself;
  }
  return seesItself;
}

/** Answers whether a read shows what the same transaction appends only later. */
function checkFuture(index: AppendIndex, log: AnomalyLog, t: number): boolean {
  const { history } = index;
  const end = history.firstOperation.at(t + 1);
  let found = false;
  index.eachRead(t, (read, key) => {
    for (let later = read + 1; later < end; later++) {
      if (history.kind.at(later) !== APPEND || history.key.at(later) !== key) continue;
      if (!index.shows(read, later)) continue;
      found = true;
      const name = textOf(history.keys.original(key));
      const value = textOf(history.values.original(history.payload.at(later)));
      const reader = `${history.nameOf(t)} read key ${name}`;
      log.add('future-read', () => `${reader} with ${value}, which it appended only later`);
      return;
    }
  });
  return found;
}

function checkElements(index: AppendIndex, log: AnomalyLog, t: number, read: number): void {
  const { history } = index;
  const key = history.key.at(read);
  const start = history.payload.at(read);
  const length = history.length.at(read);
  const reader = () => `${history.nameOf(t)} read key ${textOf(history.keys.original(key))}`;
  const seen = length > 1 ? new Set<number>() : undefined;
  let failedBefore = -1;
  let isTorn = false;
  for (let i = start; i < start + length; i++) {
    const value = history.elements.at(i);
    const shown = () => textOf(history.values.original(value));
    if (seen?.has(value)) log.add('duplicate-elements', () => `${reader()} with ${shown()} twice`);
    seen?.add(value);
    const at = index.writer(key, value);
    if (at < 0) {
      log.add('garbage-read', () => `${reader()} with ${shown()}, which was never appended`);
      continue;
    }
    const writer = index.ownerOf[at]!;
    const before = index.appendBefore[at]!;
    if (writer !== t && before >= 0 && !seen?.has(history.payload.at(before))) isTorn = true;
    const by = () => history.nameOf(writer);
    if (index.isFailed(at)) {
      log.add('G1a', () => `${reader()} with ${shown()} of ${by()}, which failed`);
      failedBefore = writer;
    } else if (failedBefore >= 0) {
      const failed = history.nameOf(failedBefore);
      log.add(
        'dirty-update',
        () => `${reader()}: ${by()} appended ${shown()} on top of ${failed}, which failed`,
      );
      failedBefore = -1;
    }
  }
  if (length > 0) checkLast(index, log, t, read);
  if (index.isOutOfOrder[read] === 1) reportOrder(index, log, t, read);
  else if (isTorn) {
    const text = `${reader()} without, or before, what the same transaction had appended earlier`;
    log.add('incompatible-order', () => text);
  }
}

function checkLast(index: AppendIndex, log: AnomalyLog, t: number, read: number): void {
  const { history } = index;
  const last = history.length.at(read) - 1;
  const at = index.appendAt(read, last);
  if (at < 0 || index.ownerOf[at] === t || index.isFinalAppend[at] === 1) return;
  log.add('G1b', () => {
    const value = index.named(history.key.at(read), history.payload.at(at));
    return `${history.nameOf(t)} read up to ${value}, in the middle of ${history.nameOf(index.ownerOf[at]!)}`;
  });
}

function reportOrder(index: AppendIndex, log: AnomalyLog, t: number, read: number): void {
  const { history, longestRead } = index;
  const key = history.key.at(read);
  const longest = longestRead[key]!;
  log.add('incompatible-order', () => {
    const names = `${history.nameOf(t)} and ${history.nameOf(index.ownerOf[longest]!)}`;
    const start = history.payload.at(read);
    const other = history.payload.at(longest);
    let i = 0;
    while (history.elements.at(start + i) === history.elements.at(other + i)) i++;
    return `${names} read key ${textOf(history.keys.original(key))} in orders that disagree at element ${i}`;
  });
}

/**
 * Replays the transaction: each read must show what its own operations before left. Answers
 * whether every read shows the appends, be the list before them another than it was.
 */
function checkInternal(index: AppendIndex, log: AnomalyLog, t: number): boolean {
  const { history } = index;
  const first = history.firstOperation.at(t);
  const end = history.firstOperation.at(t + 1);
  if (end - first < 2) return true;
  let seesItself = true;
  /** Per key: the last read, and what was appended since it, or since the begin. */
  const known = new Map<number, { base: number; own: number[] }>();
  for (let at = first; at < end; at++) {
    const key = history.key.at(at);
    const before = known.get(key);
    if (history.kind.at(at) === APPEND) {
      if (before === undefined) known.set(key, { base: -1, own: [history.payload.at(at)] });
      else before.own.push(history.payload.at(at));
      continue;
    }
    if (history.kind.at(at) !== READ || history.length.at(at) < 0) continue;
    if (before !== undefined && !agrees(index, at, before.base, before.own)) {
      const name = textOf(history.keys.original(key));
      log.add('internal', () => `${history.nameOf(t)} disagrees with itself on key ${name}`);
      seesItself &&= endsWithOwn(index, t, at);
    }
    known.set(key, { base: at, own: [] });
  }
  return seesItself;
}

/** Whether a list ends with all that its transaction appended before, in that order. */
function endsWithOwn(index: AppendIndex, t: number, read: number): boolean {
  const { history } = index;
  const key = history.key.at(read);
  let place = history.payload.at(read) + history.length.at(read);
  for (let at = read - 1; at >= history.firstOperation.at(t); at--) {
    if (history.kind.at(at) !== APPEND || history.key.at(at) !== key) continue;
    if (--place < history.payload.at(read)) return false;
    if (history.elements.at(place) !== history.payload.at(at)) return false;
  }
  return true;
}

/** Whether the list read at `at` is the list read at `base`, if any, and then `own`. */
function agrees(index: AppendIndex, at: number, base: number, own: readonly number[]): boolean {
  const { history } = index;
  const start = history.payload.at(at);
  const length = history.length.at(at);
  const tail = length - own.length;
  if (tail < 0) return false;
  for (const [i, value] of own.entries()) {
    if (history.elements.at(start + tail + i) !== value) return false;
  }
  if (base < 0) return true;
  if (tail !== history.length.at(base)) return false;
  const other = history.payload.at(base);
  for (let i = 0; i < tail; i++) {
    if (history.elements.at(start + i) !== history.elements.at(other + i)) return false;
  }
  return true;
}
