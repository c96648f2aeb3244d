/**
 * Picker: which runs to merge next. Size-tiered: when `fanIn` runs of the same tier stand next to
 * each other at the young end, they become one run of the next tier. A record is then rewritten
 * once per tier, and a read asks at most `fanIn - 1` runs a tier.
 *
 * Only neighbours in age are merged, so lsn ranges stay disjoint and ascending.
 */
import type { RunMeta } from '../run/run-format.ts';

export interface Pick {
  /** Position of the oldest input in the list of runs. */
  readonly start: number;
  readonly inputs: readonly RunMeta[];
  readonly tier: number;
}

/** `runs`: oldest first. Answers `undefined` when nothing is due. */
export function pickCompaction(runs: readonly RunMeta[], fanIn: number): Pick | undefined {
  for (let end = runs.length; end > 0; ) {
    const { tier } = runs[end - 1]!;
    let start = end;
    while (start > 0 && runs[start - 1]!.tier === tier) start--;
    if (end - start >= fanIn) return { start, inputs: runs.slice(start, end), tier: tier + 1 };
    end = start;
  }
  return undefined;
}

/** Everything into one run. Answers `undefined` when that is so already. */
export function pickAll(runs: readonly RunMeta[]): Pick | undefined {
  if (runs.length === 0) return undefined;
  const tier = 1 + Math.max(...runs.map((run) => run.tier));
  return { start: 0, inputs: runs, tier };
}

/**
 * For a store that rests: the youngest runs that together weigh at least `1 / fanIn` of the next
 * older one, so that a read asks few runs and an old one is not rewritten for a handful of records.
 * Answers `undefined` when nothing is worth merging.
 */
export function pickSettled(runs: readonly RunMeta[], fanIn: number): Pick | undefined {
  let start = runs.length - 1;
  let bytes = runs[start]?.bytes ?? 0;
  while (start > 0 && bytes * fanIn >= runs[start - 1]!.bytes) bytes += runs[--start]!.bytes;
  const inputs = runs.slice(Math.max(0, start));
  if (inputs.length < 2) return undefined;
  return { start, inputs, tier: Math.max(...inputs.map((run) => run.tier)) };
}
