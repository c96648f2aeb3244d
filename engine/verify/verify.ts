/**
 * Verify: walks every live byte of a store and names each damaged place. Reads past the cache.
 *
 * Verified: the manifest; of every run all blocks with their padding, both indexes, the footer,
 * the order of records, their lsns, and that the point index finds each key; of the log every
 * frame up to the last durable mark.
 * Not verified: log bytes behind the last mark (they promise nothing), spare files.
 *
 * It takes no lock and writes nothing. `verifyStore` is synchronous, so on a store that is open in the
 * same process it sees one state; `verifySteps` lets others run between any two blocks. A store that
 * is open in another process, or goes on between the steps, may change meanwhile, and look damaged
 * where it is not: nothing is said of runs that were merged away, and what is found counts only once it
 * was found twice, with the same manifest.
 */

import { readLogSteps } from '../checkpoint/read-log.ts';
import type { Disk } from '../env/disk.ts';
import { type ErrorCode, isStoreError, StoreError } from '../errors.ts';
import { readManifest } from '../manifest/manifest.ts';
import type { ManifestState } from '../manifest/manifest-format.ts';
import { runFileName } from '../run/run-format.ts';
import type { Problem } from './problem.ts';
import { verifyRunSteps } from './verify-run.ts';

export interface VerifyReport {
  readonly problems: readonly Problem[];
  readonly runs: number;
  readonly blocks: number;
  readonly records: number;
  readonly logFrames: number;
}

const PASSES_MAX = 20;
const DAMAGE: readonly ErrorCode[] = ['corruption', 'io'];
/** A segment in the place of another one, where the manifest is whole, is damage as well. */
const LOG_DAMAGE: readonly ErrorCode[] = [...DAMAGE, 'format-foreign'];

/**
 * Throws StoreError `format-newer` or `format-foreign`, and `store-locked` when the store is written
 * to all the time; damage is reported.
 */
export function verifyStore(disk: Disk, directory: string): VerifyReport {
  const steps = verifySteps(disk, directory);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** As `verifyStore`, a block or a few milliseconds of the log a step. */
export function* verifySteps(
  disk: Disk,
  directory: string,
): Generator<undefined, VerifyReport, void> {
  let lastFound = '';
  for (let pass = 0; pass < PASSES_MAX; pass++) {
    const manifest = manifestText(disk, directory);
    const report = yield* inspect(disk, directory);
    if (report.problems.length === 0) return report;
    const found = JSON.stringify([report.problems, manifest]);
    if (found === lastFound && manifest === manifestText(disk, directory)) return report;
    lastFound = found;
  }
  const message = `${directory} changes while it is verified; verify it in the process that has it open, or a copy`;
  throw new StoreError('store-locked', message, true, { file: directory });
}

/** What the manifest says, or nothing where it can't be read: that is a problem of its own. */
function manifestText(disk: Disk, directory: string): string {
  try {
    return JSON.stringify(readManifest(disk, directory));
  } catch {
    return '';
  }
}

function* inspect(disk: Disk, directory: string): Generator<undefined, VerifyReport, void> {
  const problems: Problem[] = [];
  const counts = { runs: 0, blocks: 0, records: 0, logFrames: 0 };
  const state = reporting(problems, directory, () => readManifest(disk, directory));
  if (state === undefined) {
    if (problems.length === 0) {
      problems.push({ file: `${directory}/MANIFEST`, offset: 0, what: 'there is no manifest' });
    }
    return { problems, ...counts };
  }
  yield* verifyRuns(disk, directory, state, problems, counts);
  const now = reporting(problems, directory, () => readManifest(disk, directory)) ?? state;
  const log = yield* reportingSteps(
    problems,
    directory,
    readLogSteps(disk, directory, now), // segments may have been flushed meanwhile
    LOG_DAMAGE,
  );
  counts.logFrames = log?.segments.reduce((sum, segment) => sum + segment.frames.length, 0) ?? 0;
  return { problems, ...counts };
}

function* verifyRuns(
  disk: Disk,
  directory: string,
  state: ManifestState,
  problems: Problem[],
  counts: { runs: number; blocks: number; records: number },
): Generator<undefined, void, void> {
  let lastLsn = 0;
  for (const meta of state.runs) {
    const path = `${directory}/${runFileName(meta.number)}`;
    if (meta.minLsn <= lastLsn || meta.maxLsn > state.flushedLsn) {
      problems.push({ file: path, offset: 0, what: 'its lsn range overlaps its neighbours' });
    }
    lastLsn = meta.maxLsn;
    const own: Problem[] = [];
    const steps = verifyRunSteps(disk, path, meta, state, own);
    const found = yield* reportingSteps(own, path, steps);
    if (own.length > 0 && !isNamed(disk, directory, meta.number)) continue;
    problems.push(...own);
    counts.runs++;
    counts.blocks += found?.blocks ?? 0;
    counts.records += found?.records ?? 0;
  }
}

/** Whether the manifest still names the run. One that is damaged by now is reported elsewhere. */
function isNamed(disk: Disk, directory: string, number: number): boolean {
  const state = reporting([], directory, () => readManifest(disk, directory));
  return state === undefined || state.runs.some((run) => run.number === number);
}

/** As `reporting`, of what runs in steps. */
function* reportingSteps<T>(
  problems: Problem[],
  file: string,
  steps: Generator<undefined, T, void>,
  codes: readonly ErrorCode[] = DAMAGE,
): Generator<undefined, T | undefined, void> {
  try {
    for (;;) {
      const step = reporting(problems, file, () => steps.next(), codes);
      if (step === undefined) return undefined;
      if (step.done === true) return step.value;
      yield;
    }
  } finally {
    steps.return(undefined as never);
  }
}

/** Turns damage that is thrown into a problem; every other error passes. */
function reporting<T>(
  problems: Problem[],
  file: string,
  run: () => T,
  codes: readonly ErrorCode[] = DAMAGE,
): T | undefined {
  try {
    return run();
  } catch (error) {
    if (!isStoreError(error) || !codes.includes(error.code)) throw error;
    const { details, message } = error;
    problems.push({ file: details.file ?? file, offset: details.offset ?? 0, what: message });
    return undefined;
  }
}
