/**
 * Lost updates of lists (P4): transactions that read the same version of a key and all appended to
 * it, so that all but one of them did not see what they replaced. Counted by version: its
 * replacers, less one. Each is a cycle or a contradiction between reads too, and is reported there.
 */
import { textOf } from '../../contract/value.ts';
import type { AnomalyLog } from '../graph/anomaly.ts';
import { APPEND, READ } from '../graph/transaction-history.ts';
import type { AppendIndex } from './append-index.ts';

interface Version {
  readonly key: number;
  readonly read: number;
  readonly replacers: number[];
}

export function findLostUpdates(index: AppendIndex, log: AnomalyLog): void {
  const { history } = index;
  const versions = new Map<string, Version>();
  for (let t = 0; t < history.size; t++) {
    if (index.committed[t] === 0) continue;
    for (const read of index.readsOf(t)) {
      const key = history.key.at(read);
      if (isFirstOn(index, t, read) && appends(index, t, key)) note(index, versions, t, read);
    }
  }
  for (const { key, read, replacers } of versions.values()) {
    if (replacers.length < 2) continue;
    const names = replacers.map((t) => history.nameOf(t)).join(', ');
    const name = textOf(history.keys.original(key));
    const shown = textOf(listAt(index, read));
    const text = `${names} all read key ${name} as ${shown} and all appended to it`;
    log.add('lost-update', () => text, replacers.length - 1);
  }
}

function note(index: AppendIndex, versions: Map<string, Version>, t: number, read: number): void {
  const { history } = index;
  const key = history.key.at(read);
  const length = history.length.at(read);
  // Equal lists end with the same element at the same place; the whole decides where reads disagree.
  const whole = index.isContested[key] === 1 ? textOf(listAt(index, read)) : '';
  const name = `${key} ${length} ${whole}`;
  const known = versions.get(name);
  if (known === undefined) versions.set(name, { key, read, replacers: [t] });
  else if (known.replacers.at(-1) !== t) known.replacers.push(t);
}

/** Whether nothing of the same transaction touched the key before. */
function isFirstOn({ history }: AppendIndex, t: number, read: number): boolean {
  for (let at = history.firstOperation.at(t); at < read; at++) {
    if (history.key.at(at) !== history.key.at(read)) continue;
    if (history.kind.at(at) === APPEND || history.kind.at(at) === READ) return false;
  }
  return true;
}

function appends({ history }: AppendIndex, t: number, key: number): boolean {
  const end = history.firstOperation.at(t + 1);
  for (let at = history.firstOperation.at(t); at < end; at++) {
    if (history.kind.at(at) === APPEND && history.key.at(at) === key) return true;
  }
  return false;
}

function listAt({ history }: AppendIndex, read: number): unknown[] {
  const start = history.payload.at(read);
  const elements = history.elements.view().subarray(start, start + history.length.at(read));
  return Array.from(elements, (element) => history.values.original(element));
}
