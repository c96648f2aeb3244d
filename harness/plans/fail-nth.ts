/**
 * Fail-nth: repeats one run of a store, each time with another call into its environment failing in another way. A
 * run without failures lists the calls and their call sites; every call site must fail at least once. Before them
 * come runs that are few and quick: kills amid each sync, which fails, and disks that fill up after each number of
 * bytes. After them come closes at each moment of a flush.
 */

import type { Outcome } from '../cells/outcome.ts';
import type { SimulatedParts } from '../cells/parts.ts';
import type { FailNth } from '../contract/scenario.ts';
import type { Settings } from '../contract/target.ts';
import type { Verdict } from '../contract/verdict.ts';
import { closeProblem } from '../fail-nth/close-run.ts';
import { FailNthRun } from '../fail-nth/fail-nth-run.ts';
import { FullDiskRun } from '../fail-nth/full-disk-run.ts';
import { KilledSyncRun } from '../fail-nth/killed-sync-run.ts';
import { deriveSeed, Prng } from '../random/prng.ts';
import { syncsCommits } from '../simulation/explore/record-run.ts';
import { type Call, canFail, WAYS, type Way } from '../simulation/sim/failing-calls.ts';

/** Larger ones take too long to fill. */
const SEGMENT_MAX_BYTES = 64 * 1024;
const SEGMENTS_FILLED = 8;

interface Chosen {
  readonly call: number;
  readonly site: string;
  readonly way: Way;
}

export async function runFailNth(parts: SimulatedParts<FailNth>): Promise<Outcome> {
  const { target, settings, plan, seed, progress } = parts;
  const figures: Record<string, number> = {
    calls: 0,
    places: 0,
    runs: 0,
    killedSyncs: 0,
    fullDisks: 0,
    closes: 0,
    violations: 0,
  };
  const failedAt = new Map<string, number>();
  const bad: string[] = [];
  for (let i = 0; i < plan.seeds && bad.length === 0; i++) {
    const runSeed = deriveSeed(seed, `run ${i}`);
    const whole = new FailNthRun(target, settings, runSeed);
    const problem = await whole.problem();
    if (problem !== undefined) bad.push(`with no failure: ${problem} — run seed ${runSeed}`);
    const { calls } = whole.calls;
    figures.calls! += calls.length;
    for (const { site } of calls) failedAt.set(site, failedAt.get(site) ?? 0);
    const lost = bad.length === 0 ? await killedSyncProblem(parts, runSeed, figures) : undefined;
    if (lost !== undefined) bad.push(lost);
    for (const roomBytes of chooseRooms(parts, runSeed)) {
      if (bad.length > 0) break;
      const found = await new FullDiskRun(target, settings, runSeed, roomBytes).problem();
      figures.fullDisks!++;
      if (found !== undefined) {
        bad.push(`a disk full after ${roomBytes} bytes: ${found} — run seed ${runSeed}`);
      }
    }
    const chosen = bad.length === 0 ? chooseCalls(calls, plan) : [];
    for (const [done, { call, site, way }] of chosen.entries()) {
      if (bad.length > 0) break;
      const run = new FailNthRun(target, settings, runSeed, { call, way });
      const found = await run.problem();
      figures.runs!++;
      if (run.calls.failed.size > 0) failedAt.set(site, failedAt.get(site)! + 1);
      if (found !== undefined) {
        bad.push(`${site}, call ${call}, ${inWords(way)}: ${found} — run seed ${runSeed}`);
      }
      progress(done + 1, chosen.length, 'calls failed');
    }
  }
  for (let turns = 0; turns < plan.closes && bad.length === 0; turns++) {
    const segmentBytes = smallSegmentOf(settings);
    if (segmentBytes === undefined) break;
    const found = await closeProblem(target, settings, segmentBytes, turns);
    figures.closes!++;
    if (found !== undefined) bad.push(`a close ${turns} turns after a write: ${found}`);
  }
  figures.places = failedAt.size;
  figures.violations = bad.length;
  const missed = [...failedAt].filter(([, times]) => times === 0).map(([site]) => site);
  if (bad.length === 0 && missed.length > 0) bad.push(`never failed: ${missed.join(', ')}`);
  for (const [site, times] of [...failedAt].sort()) figures[`failed at ${site}`] = times;
  const verdict: Verdict = {
    validity: bad.length > 0 ? 'invalid' : figures.runs! > 0 ? 'valid' : 'unknown',
    reasons: bad,
    counts: { 'calls failed': figures.runs! },
  };
  return { verdict, figures, notVerified: [] };
}

/** Kills the store amid each of its syncs, which then fails. */
async function killedSyncProblem(
  { target, settings }: SimulatedParts<FailNth>,
  seed: number,
  figures: Record<string, number>,
): Promise<string | undefined> {
  if (!syncsCommits(settings)) return undefined;
  for (let failing = 1; ; failing++) {
    const run = new KilledSyncRun(target, settings, seed);
    const found = await run.problem(failing);
    if (found !== undefined) return `killed amid sync ${failing}: ${found} — run seed ${seed}`;
    if (!run.hasFailed) return undefined;
    figures.killedSyncs!++;
  }
}

/**
 * Every `everyCall`th call, and of each place the first and the middle one, so that none is left out;
 * each in some ways.
 */
function chooseCalls(calls: readonly Call[], { everyCall, ways }: FailNth): readonly Chosen[] {
  const of = new Map<string, number[]>();
  for (const [call, { site }] of calls.entries()) of.set(site, [...(of.get(site) ?? []), call]);
  const always = new Set([...of.values()].flatMap((all) => [all[0]!, all[all.length >> 1]!]));
  const chosen: Chosen[] = [];
  for (const [call, { name, site }] of calls.entries()) {
    if (call % everyCall !== 0 && !always.has(call)) continue;
    const fitting = WAYS.filter((way) => canFail(name, way));
    for (let i = 0; i < Math.min(ways, fitting.length); i++) {
      chosen.push({ call, site, way: fitting[(call + i) % fitting.length]! });
    }
  }
  return chosen;
}

/** Bytes that a disk has room for, spread over what the log takes at most. Requires: small segments. */
function chooseRooms({ settings, plan }: SimulatedParts<FailNth>, seed: number): readonly number[] {
  const segmentBytes = smallSegmentOf(settings);
  if (segmentBytes === undefined) return [];
  const random = new Prng(seed).derive('full disks');
  const step = (SEGMENTS_FILLED * segmentBytes) / plan.fullDisks;
  return Array.from({ length: plan.fullDisks }, (_, i) =>
    Math.floor((i + random.fraction()) * step),
  );
}

function smallSegmentOf({ segmentBytes }: Settings): number | undefined {
  return typeof segmentBytes === 'number' && segmentBytes <= SEGMENT_MAX_BYTES
    ? segmentBytes
    : undefined;
}

function inWords({ how, error, lasts }: Way): string {
  const until =
    lasts === 'once' ? 'once' : `and ${lasts === 'all' ? 'every call' : 'its like'} after`;
  return `failing ${how === 'late' ? 'after its effect' : `by a ${how}`} (${error}) ${until}`;
}
