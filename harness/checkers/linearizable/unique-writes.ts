/**
 * Registers of which every value is written once, in O(n log n) (Gibbons and Korach 1997).
 *
 * A write and the reads of its value are a cluster. From the first completion in it to the last
 * invocation its value must be the register's; where the first comes before the last that is a
 * forward zone, and no other forward zone may overlap it. Else all operations of the cluster have
 * an instant in common: a backward zone, which must not lie within a forward one.
 */
import type { Operation } from '../../contract/history.ts';

export interface Misfit {
  /** Operations that can't all be right. */
  readonly operations: readonly Operation[];
  readonly why: string;
}

interface Zone {
  readonly from: number;
  readonly to: number;
  readonly first: Operation;
  readonly last: Operation;
  readonly value: string;
}

/** `undefined` when values are not unique or there is a compare-and-set: another way must be taken. */
export function checkUniqueWrites(
  operations: readonly Operation[],
): { readonly misfit: Misfit | undefined } | undefined {
  const clusters = new Map<string, Operation[]>([['null', [NOBODY]]]);
  const writes = operations.filter(({ f, type }) => f === 'write' && type !== 'fail');
  for (const write of writes) {
    const name = text(write.input);
    if (clusters.has(name)) return undefined;
    clusters.set(name, [write]);
  }
  for (const read of operations) {
    if (read.f === 'write' || read.type === 'fail') continue;
    if (read.f !== 'read') return undefined;
    if (read.type !== 'ok') continue;
    const cluster = clusters.get(text(read.output));
    if (cluster === undefined) {
      return { misfit: { operations: [read], why: 'nobody wrote that value' } };
    }
    cluster.push(read);
  }
  const zones: Zone[] = [];
  for (const [value, cluster] of clusters) {
    const [write, ...reads] = cluster as [Operation, ...Operation[]];
    // A write of unknown outcome that nobody read may never have happened.
    if (reads.length === 0 && write.type !== 'ok') continue;
    const early = reads.find((read) => read.completedIndex < write.invokedIndex);
    if (early !== undefined) {
      return {
        misfit: { operations: [early, write], why: 'the value was read before it was written' },
      };
    }
    zones.push(zoneOf(value, cluster));
  }
  return { misfit: overlap(zones) };
}

const text = (value: unknown) => JSON.stringify(value ?? null);

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

function zoneOf(value: string, cluster: readonly Operation[]): Zone {
  let first = cluster[0]!;
  let last = cluster[0]!;
  for (const one of cluster) {
    if (one.completedIndex < first.completedIndex) first = one;
    if (one.invokedIndex > last.invokedIndex) last = one;
  }
  return { from: first.completedIndex, to: last.invokedIndex, first, last, value };
}

function overlap(zones: readonly Zone[]): Misfit | undefined {
  const forward = zones.filter(({ from, to }) => from < to).sort((a, b) => a.from - b.from);
  for (const [i, zone] of forward.entries()) {
    const next = forward[i + 1];
    if (next !== undefined && next.from < zone.to) {
      return misfit(zone, next, 'both values must have been there at the same time');
    }
  }
  // Forward zones do not overlap now: the one that may hold another begins last before it.
  for (const zone of zones) {
    if (zone.from < zone.to) continue;
    const around = lastBefore(forward, zone.to);
    if (around !== undefined && around.to > zone.from) {
      return misfit(around, zone, 'the other value must have been there all that time');
    }
  }
  return undefined;
}

function lastBefore(forward: readonly Zone[], instant: number): Zone | undefined {
  let low = 0;
  let high = forward.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (forward[middle]!.from < instant) low = middle + 1;
    else high = middle;
  }
  return forward[low - 1];
}

function misfit(a: Zone, b: Zone, why: string): Misfit {
  const all = new Set([a.first, a.last, b.first, b.last]);
  all.delete(NOBODY);
  return { operations: [...all], why };
}
