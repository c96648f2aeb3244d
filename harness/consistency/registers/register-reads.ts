/**
 * What a single read can get wrong:
 *
 * - garbage-read (ThinAirRead): a value that was never written
 * - G1a (AbortedRead): a value of a transaction that failed
 * - G1b (IntermediateRead): a value its transaction replaced later
 * - future-read (FutureRead): a value the transaction itself writes only later
 * - not-own-write (NotMyOwnWrite): another's value although the transaction wrote the key before
 * - not-last-own-write (NotMyLastWrite): its own value, but not its last
 * - non-repeatable-read (NonRepeatableRead): two values of a key the transaction did not write
 */
import { textOf } from '../../contract/value.ts';
import type { AnomalyLog } from '../graph/anomaly.ts';
import { FAIL, OK } from '../graph/transaction-table.ts';
import { NIL, ONE_OF } from './register-history.ts';
import { knownReads, THIN_AIR, type VersionIndex } from './version-index.ts';

export function checkRegisterReads(index: VersionIndex, log: AnomalyLog): void {
  const { history } = index;
  for (let t = 0; t < history.size; t++) {
    if (history.status.at(t) !== OK) continue;
    for (const read of knownReads(history, t)) {
      const own = index.ownWriteBefore(read);
      if (own >= 0) checkOwn(index, log, t, read, own);
      else checkExternal(index, log, t, read);
    }
  }
}

function checkOwn(index: VersionIndex, log: AnomalyLog, t: number, read: number, own: number) {
  const { history } = index;
  const value = history.value.at(read);
  if (value === history.value.at(own)) return;
  if (value === ONE_OF && history.oneOf.get(read)!.includes(history.value.at(own))) return;
  const others = [...index.writesOf(history.key.at(read), value)];
  const isOwn = others.some((write) => index.ownerOf[write] === t && write < read);
  const name = isOwn ? 'not-last-own-write' : 'not-own-write';
  log.add(name, () => `${sentence(index, t, read)} although it had written ${index.named(own)}`);
}

function checkExternal(index: VersionIndex, log: AnomalyLog, t: number, read: number): void {
  const { history } = index;
  const source = index.source[read]!;
  if (source === THIN_AIR) {
    log.add('garbage-read', () => `${sentence(index, t, read)}, a value that was never written`);
  } else if (source >= 0) {
    const writer = index.ownerOf[source]!;
    const by = history.nameOf(writer);
    if (writer === t) {
      log.add('future-read', () => `${sentence(index, t, read)}, which it wrote only later`);
    } else if (history.status.at(writer) === FAIL) {
      log.add('G1a', () => `${sentence(index, t, read)} of ${by}, which failed`);
    } else if (index.isFinal[source] === 0) {
      log.add('G1b', () => `${sentence(index, t, read)} of ${by}, which it replaced later`);
    }
  }
  const before = readBefore(index, t, read);
  const vague = [before, read].some((one) => one >= 0 && history.value.at(one) === ONE_OF);
  if (before >= 0 && !vague && history.value.at(before) !== history.value.at(read)) {
    log.add('non-repeatable-read', () => {
      const earlier = textOf(history.values.original(history.value.at(before)));
      return `${sentence(index, t, read)} after it had read ${earlier}`;
    });
  }
}

/** The read of the same key before, in the same transaction, or -1. */
function readBefore({ history }: VersionIndex, t: number, read: number): number {
  let found = -1;
  for (const other of knownReads(history, t)) {
    if (other === read) return found;
    if (history.key.at(other) === history.key.at(read)) found = other;
  }
  return found;
}

function sentence({ history }: VersionIndex, t: number, read: number): string {
  const key = textOf(history.keys.original(history.key.at(read)));
  const value = history.value.at(read);
  const shown = value === NIL || value === ONE_OF ? 'nil' : textOf(history.values.original(value));
  return `${history.nameOf(t)} read key ${key} as ${shown}`;
}
