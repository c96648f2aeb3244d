/**
 * Update serializability (Adya 1999, PL-3U): with versions in commit order, the dependencies of update
 * transactions have no cycle, alone or together with any single read-only transaction.
 */
import { INITIAL } from './versions.ts';
import type { Context } from './visibility.ts';

/** Describes a cycle, or `undefined`. */
export function updateCycle(context: Context): string | undefined {
  const { versions, sources } = context;
  const { order, recorded } = versions;
  const writes = (t: number) => versions.keysOf(t).length > 0;
  const after = new Map<number, number[]>(order.map((t) => [t, []]));
  const add = (from: number, to: number) => {
    if (from !== INITIAL && to !== INITIAL && from !== to) after.get(from)!.push(to);
  };
  for (const [key, { writers }] of versions.keys) {
    for (const writer of writers) add(writer, versions.replacerOf(key, writer));
  }
  for (const reader of order.filter(writes)) {
    for (const { key, from } of sources.of[reader]!) {
      add(from, reader);
      add(reader, versions.replacerOf(key, from));
    }
  }
  const updates = order.filter(writes);
  if (!isAcyclic(updates, after)) return 'transactions that write depend on one another in a cycle';
  for (const reader of order) {
    if (writes(reader)) continue;
    const read = sources.of[reader]!;
    const seen = reached(
      read.map(({ key, from }) => versions.replacerOf(key, from)).filter((t) => t !== INITIAL),
      after,
    );
    if (!read.some(({ from }) => seen.has(from))) continue;
    return `${recorded.transactions[reader]!.name} reads from what depends on writes that it missed`;
  }
  return undefined;
}

function reached(from: readonly number[], after: ReadonlyMap<number, number[]>): Set<number> {
  const seen = new Set(from);
  for (const t of seen) for (const next of after.get(t)!) seen.add(next);
  return seen;
}

function isAcyclic(all: readonly number[], after: ReadonlyMap<number, number[]>): boolean {
  const waits = new Map<number, number>(all.map((t) => [t, 0]));
  for (const t of all) for (const next of after.get(t)!) waits.set(next, waits.get(next)! + 1);
  const ready = all.filter((t) => waits.get(t) === 0);
  for (const t of ready) {
    for (const next of after.get(t)!) {
      waits.set(next, waits.get(next)! - 1);
      if (waits.get(next) === 0) ready.push(next);
    }
  }
  return ready.length === all.length;
}
