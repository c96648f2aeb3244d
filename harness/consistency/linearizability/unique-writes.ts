/**
 * Linearizability of registers whose values are written once each, in O(n log n): Gibbons and Korach (1997),
 * extended by swaps and compare-and-sets.
 *
 * A cluster is a write and the reads of its value. A swap reads one value and writes another at one point, so it
 * joins two clusters into a chain with a known order. Within a chain, no operation may complete before an
 * earlier one of the chain was invoked.
 *
 *     write 1 · read → 1 · swap 1 → 2 · read → 2 · swap 2 → 3          a chain of three clusters
 *
 * Each chain has a zone, between its first completion and its last invocation. If the first completion comes
 * first, the zone is forward: the chain holds the register throughout, and no other forward zone may overlap
 * it. Otherwise all its operations share an instant: a backward zone, which must not lie within a forward one.
 * Checking pairs suffices: in a cycle of chains that must each precede the next, two must precede each other,
 * namely the one invoked last and its successor.
 */
import type { Operation } from '../../contract/history.ts';
import { keyOf, type ValueKey } from '../../contract/value.ts';
import type { Model } from './model.ts';
import { type Chain, findContradiction, UNWRITTEN, type Violation } from './zones.ts';

type Name = ValueKey;

interface Cluster {
  readonly write: Operation;
  /** The value that the write replaced, where that is known. */
  readonly replaced: Name | undefined;
  reads: Operation[];
  /** What a swap made of the value. */
  next: Cluster | undefined;
  /** Whether the write surely took place: it was acknowledged, or somebody read its value. */
  isKnown: boolean;
}

/**
 * `undefined` when the model is no register, values are not unique, or an operation is more than an
 * access: another way must be taken.
 */
export function checkUniqueWrites<State>(
  model: Model<State>,
  operations: readonly Operation[],
): { readonly violation: Violation | undefined } | undefined {
  if (model.accessOf === undefined) return undefined;
  const clusters = new Map<Name, Cluster>([[null, clusterOf(NOBODY, undefined)]]);
  const reads: Operation[] = [];
  const namesRead: Name[] = [];
  for (const operation of operations) {
    const { f, input, output, type } = operation;
    if (type === 'fail') continue;
    const access = model.accessOf({ f, input, output, known: type === 'ok' });
    if (access === undefined) return undefined;
    const read = 'reads' in access ? keyOf(access.reads) : undefined;
    if ('writes' in access) {
      const name = keyOf(access.writes);
      if (clusters.has(name)) return undefined;
      clusters.set(name, clusterOf(operation, read));
    } else if (read !== undefined) {
      namesRead.push(read);
      reads.push(operation);
    }
  }
  for (let i = 0; i < reads.length; i++) {
    const read = reads[i]!;
    const cluster = clusters.get(namesRead[i]!);
    if (cluster === undefined) return { violation: unwritten(read) };
    if (cluster.reads === NONE) cluster.reads = [read];
    else cluster.reads.push(read);
    cluster.isKnown = true;
  }
  return { violation: join(clusters) ?? ordered(clusters) };
}

/** Links values that swaps replaced to what they made of them. */
function join(clusters: ReadonlyMap<Name, Cluster>): Violation | undefined {
  // An indeterminate write that no read returned may never have happened; one that was seen has
  // seen the write before it.
  const known = [...clusters.values()].filter(({ isKnown }) => isKnown);
  for (const cluster of known) {
    const { replaced, write } = cluster;
    if (replaced === undefined) continue;
    const before = clusters.get(replaced);
    if (before === undefined) return unwritten(write);
    if (before.next !== undefined) {
      return {
        operations: [before.next.write, write],
        why: 'each comes right after the same value',
      };
    }
    before.next = cluster;
    if (before.isKnown) continue;
    before.isKnown = true;
    known.push(before);
  }
  return undefined;
}

/** Chains from their first values on. */
function ordered(clusters: ReadonlyMap<Name, Cluster>): Violation | undefined {
  let known = 0;
  for (const { isKnown } of clusters.values()) if (isKnown) known++;
  for (const cluster of inChains(clusters)) if (cluster.isKnown) known--;
  if (known === 0) return findContradiction(chainsOf(clusters));
  const left = new Set([...clusters.values()].filter(({ isKnown }) => isKnown));
  for (const cluster of inChains(clusters)) left.delete(cluster);
  const operations = [...left].map(({ write }) => write);
  return { operations, why: 'each comes after the others' };
}

/** One after the other: a history of millions has as many chains. */
function* chainsOf(clusters: ReadonlyMap<Name, Cluster>): Generator<Chain> {
  for (const first of clusters.values()) {
    if (!isFirst(first)) continue;
    const chain: (readonly Operation[])[] = [];
    for (let one: Cluster | undefined = first; one !== undefined; one = one.next) {
      chain.push([one.write]);
      if (one.reads !== NONE) chain.push(one.reads);
    }
    yield chain;
  }
}

function* inChains(clusters: ReadonlyMap<Name, Cluster>): Generator<Cluster> {
  for (const first of clusters.values()) {
    if (!isFirst(first)) continue;
    for (let one: Cluster | undefined = first; one !== undefined; one = one.next) yield one;
  }
}

const isFirst = ({ isKnown, replaced }: Cluster) => isKnown && replaced === undefined;

const unwritten = (reader: Operation): Violation => ({
  operations: [reader],
  why: UNWRITTEN,
});

/** Nobody read it, so far. */
const NONE: Operation[] = [];

const clusterOf = (write: Operation, replaced: Name | undefined): Cluster => ({
  write,
  replaced,
  reads: NONE,
  next: undefined,
  isKnown: write.type === 'ok',
});

/** Who wrote the initial value: over before everything. */
const NOBODY: Operation = {
  process: -1,
  f: 'write',
  input: null,
  output: null,
  type: 'ok',
  invokedIndex: Number.NEGATIVE_INFINITY,
  completedIndex: Number.NEGATIVE_INFINITY,
};
