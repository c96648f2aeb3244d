/**
 * Picker: which runs to merge next. Size-tiered: when `fanIn` levels of the same tier stand next to
 * each other at the young end, they become one run of the next tier. A record is then rewritten
 * once per tier, and a read asks at most `fanIn - 1` levels a tier.
 *
 * A level is one run, or several runs with disjoint key spans that a merge would not change
 * (run-span.ts). A store that is loaded in key order therefore rewrites nothing: `fanIn` disjoint runs
 * count as one level of the next tier without a merge. Their mean size is at least `runBytesMin`, which
 * bounds the number of files; a run that would lower it below starts a level of its own.
 *
 * Only neighbours in age are merged, so lsn ranges stay disjoint and ascending.
 */
import type { RunMeta } from '../run/run-format.ts';
import { disjointGroups } from '../run/run-span.ts';

export interface Pick {
  /** Position of the oldest input in the list of runs. */
  readonly start: number;
  readonly inputs: readonly RunMeta[];
  readonly tier: number;
}

export interface PickerOptions {
  readonly fanIn: number;
  /** Lower bound of the mean size of a level's runs, in bytes. */
  readonly runBytesMin: number;
  /** Whether a merge would leave a run's blocks as they are. */
  isFinal(run: RunMeta): boolean;
}

interface Level {
  /** Position of the oldest run in the list of runs. */
  readonly start: number;
  readonly runs: readonly RunMeta[];
  readonly tier: number;
  readonly bytes: number;
}

/** `runs`: oldest first. So are the levels. */
export function levelsOf(runs: readonly RunMeta[], options: PickerOptions): Level[] {
  const { fanIn, runBytesMin, isFinal } = options;
  let bytes = 0;
  const mayJoin = (group: readonly RunMeta[], run: RunMeta) => {
    bytes = run.bytes + (group.length === 1 ? group[0]!.bytes : bytes);
    return bytes >= runBytesMin * (group.length + 1);
  };
  const spanOf = (run: RunMeta) => (isFinal(run) ? run.span : undefined);
  const groups = disjointGroups(runs, spanOf, mayJoin);
  let next = 0;
  return groups.map((group) => {
    const start = next;
    next += group.length;
    const tiers = Math.floor(Math.log(group.length) / Math.log(fanIn) + ROUNDING);
    return {
      start,
      runs: group,
      tier: Math.max(...group.map(({ tier }) => tier)) + tiers,
      bytes: group.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  });
}

/** `log(1000) / log(10)` is less than 3. */
const ROUNDING = 1e-9;

/** `runs`: oldest first. Answers `undefined` when nothing is due. */
export function pickCompaction(runs: readonly RunMeta[], options: PickerOptions): Pick | undefined {
  const levels = levelsOf(runs, options);
  for (let end = levels.length; end > 0; ) {
    const { tier } = levels[end - 1]!;
    let start = end;
    while (start > 0 && levels[start - 1]!.tier === tier) start--;
    if (end - start >= options.fanIn) return picked(levels.slice(start, end), tier + 1);
    end = start;
  }
  return undefined;
}

/** Merges everything into one level. Returns `undefined` if there is one already. */
export function pickAll(runs: readonly RunMeta[], options: PickerOptions): Pick | undefined {
  if (runs.length === 0) return undefined;
  const levels = levelsOf(runs, options);
  if (levels.length === 1 && runs.length > 1) return undefined;
  return picked(levels, 1 + Math.max(...runs.map((run) => run.tier)));
}

/**
 * For a store that rests: the youngest levels that together weigh at least `1 / fanIn` of the next
 * older one, so that a read asks few runs and an old one is not rewritten for a handful of records.
 * Answers `undefined` when nothing is worth merging.
 */
export function pickSettled(runs: readonly RunMeta[], options: PickerOptions): Pick | undefined {
  const levels = levelsOf(runs, options);
  let start = levels.length - 1;
  let bytes = levels[start]?.bytes ?? 0;
  while (start > 0 && bytes * options.fanIn >= levels[start - 1]!.bytes) {
    bytes += levels[--start]!.bytes;
  }
  const young = levels.slice(Math.max(0, start));
  if (young.length < 2) return undefined;
  return picked(young, Math.max(...young.flatMap((level) => level.runs.map(({ tier }) => tier))));
}

function picked(levels: readonly Level[], tier: number): Pick {
  return { start: levels[0]!.start, inputs: levels.flatMap(({ runs }) => runs), tier };
}
