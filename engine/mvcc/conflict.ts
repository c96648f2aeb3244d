/**
 * Conflicts: what a commit may not find newer than its snapshot, whether that is durable yet or
 * not. Both throw StoreError `conflict` (definite), with the commit that stood in the way.
 */
import { StoreError, withoutStack } from '../errors.ts';
import type { Lookup } from '../run/lookup.ts';
import type { Tree } from '../tree.ts';
import type { ReadSet } from './read-set.ts';

/** Throws if a key has a version newer than the snapshot. */
export function refuseConflicts(
  tree: Tree,
  lookup: Lookup,
  keys: Iterable<Uint8Array>,
  snapshot: number,
): void {
  for (const key of keys) {
    lookup.begin(key, 0);
    const blocking = tree.newestSince(lookup, snapshot);
    if (blocking !== 0) throw conflict('a key was written', blocking, snapshot);
  }
}

/** Throws if a key or range that was read has changed since the snapshot. */
export function refuseStaleReads(
  tree: Tree,
  lookup: Lookup,
  reads: ReadSet,
  snapshot: number,
): void {
  refuseConflicts(tree, lookup, reads.keys(), snapshot);
  for (const range of reads.ranges()) {
    const blocking = tree.newestWithin(range, snapshot);
    if (blocking !== 0) throw conflict('a range that was read was written to', blocking, snapshot);
  }
}

function conflict(what: string, blockingTimestamp: number, snapshot: number): StoreError {
  const message = `${what} by commit ${blockingTimestamp}, after the snapshot at ${snapshot}`;
  return withoutStack(() => new StoreError('conflict', message, true, { blockingTimestamp }));
}
