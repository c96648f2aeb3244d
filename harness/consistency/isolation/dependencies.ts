/**
 * Dependency graph of a view, as far as reads or known version orders determine it. A transaction that read a
 * version and replaced it follows that version's writer directly in the version order; the initial version is
 * first. Also finds lost updates: two transactions that read the same version of a key and both replaced it.
 */
import type { AnomalyLog } from '../graph/anomaly.ts';
import { type DependencyGraph, GraphBuilder, RW, WR, WW } from '../graph/dependency-graph.ts';
import { addSessionEdges } from '../graph/session-edges.ts';
import { INITIAL, type View, writes } from './view.ts';

/** Maximum number of pairs (reader of the initial version, writer) per key; further ones are left out. */
const INITIAL_PAIRS_MAX = 4096;

export function dependencies(view: View, log: AnomalyLog): DependencyGraph {
  const builder = new GraphBuilder(view.transactions);
  const versions = new Versions(view);
  versions.each((key, writer, readers) => {
    if (writer !== INITIAL) for (const reader of readers) builder.add(writer, reader, WR);
    const known = view.order.get(key);
    if (known !== undefined) return;
    const replacers = readers.filter((reader) => writes(view, reader, key));
    if (replacers.length > 1) reportLostUpdate(view, log, key, writer, replacers);
    for (const replacer of replacers) {
      for (const reader of readers) {
        if (!replacers.includes(reader)) builder.add(reader, replacer, RW);
      }
    }
  });
  addInitialReads(view, builder, versions);
  addKnownOrders(view, builder, versions);
  addSessionEdges({ ...view, process: view.session }, builder);
  return builder.build();
}

function reportLostUpdate(
  view: View,
  log: AnomalyLog,
  key: number,
  writer: number,
  replacers: readonly number[],
): void {
  const version = writer === INITIAL ? 'nothing' : `${view.nameOf(writer)}'s write`;
  const names = replacers.map((t) => view.nameOf(t)).join(', ');
  log.add(
    'lost-update',
    () => `${names} all read ${version} at key ${view.nameOfKey(key)} and all replaced it`,
    replacers.length - 1,
  );
}

/** The readers of each version. */
class Versions {
  readonly #readers = new Map<number, number[]>();
  readonly #keys: number;

  constructor({ transactions, readStart, readKey, readFrom, keys }: View) {
    this.#keys = keys;
    for (let t = 0; t < transactions; t++) {
      for (let at = readStart[t]!; at < readStart[t + 1]!; at++) {
        const name = (readFrom[at]! + 1) * keys + readKey[at]!;
        const readers = this.#readers.get(name);
        if (readers === undefined) this.#readers.set(name, [t]);
        else if (readers.at(-1) !== t) readers.push(t);
      }
    }
  }

  of(key: number, writer: number): readonly number[] {
    return this.#readers.get((writer + 1) * this.#keys + key) ?? [];
  }

  each(visit: (key: number, writer: number, readers: readonly number[]) => void): void {
    for (const [name, readers] of this.#readers) {
      visit(name % this.#keys, Math.floor(name / this.#keys) - 1, readers);
    }
  }
}

function addInitialReads(view: View, builder: GraphBuilder, versions: Versions): void {
  const pairs = new Int32Array(view.keys);
  for (let t = 0; t < view.transactions; t++) {
    for (let at = view.writeStart[t]!; at < view.writeStart[t + 1]!; at++) {
      const key = view.writeKey[at]!;
      const readers = versions.of(key, INITIAL);
      if (readers.length === 0 || readers.includes(t)) continue; // a replacer has its edges
      pairs[key]! += readers.length;
      if (pairs[key]! > INITIAL_PAIRS_MAX) continue;
      for (const reader of readers) builder.add(reader, t, RW);
    }
  }
}

function addKnownOrders(view: View, builder: GraphBuilder, versions: Versions): void {
  for (const [key, order] of view.order) {
    for (const [i, writer] of order.entries()) {
      const next = order[i + 1];
      if (next === undefined) continue;
      builder.add(writer, next, WW);
      for (const reader of versions.of(key, writer)) builder.add(reader, next, RW);
    }
  }
}
