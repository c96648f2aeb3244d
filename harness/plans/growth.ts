/**
 * Growth: a process fills a store to its full size and closes it. A second process opens it, commits single
 * records and is killed. A third process opens it again. Wrong values, a replay after the clean close
 * and a wrong clean-shutdown flag are violations. The longest write pause, start times, replayed
 * commits and peak memory are figures, which the checklists compare with their bars.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Outcome, Progress } from '../cells/outcome.ts';
import type { Growth } from '../contract/scenario.ts';
import type { Settings } from '../contract/target.ts';
import type { Verdict } from '../contract/verdict.ts';
import type { GrowthLife, GrowthReport, GrowthTask } from '../real/growth/task.ts';

const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
const PROCESS = fileURLToPath(
  new URL(`../real/growth/growth-process${EXTENSION}`, import.meta.url),
);
const BATCH = 1000;

export interface GrowthParts {
  readonly plan: Growth;
  readonly targetUrl: string;
  readonly settings: Settings;
  readonly seed: number;
  readonly directory: string;
  readonly progress: Progress;
}

export async function runGrowth(parts: GrowthParts): Promise<Outcome> {
  try {
    return await runLives(parts);
  } catch (error) {
    if (!(error instanceof StoreFailed)) throw error;
    return {
      verdict: { validity: 'invalid', reasons: [error.message], counts: {} },
      figures: {},
      notVerified: [],
    };
  }
}

/** The store threw. A full disk is no fault of the store's, and becomes an ordinary error. */
class StoreFailed extends Error {}
const FULL_DISK = /ENOSPC|no space left|disk-full/i;

async function runLives(parts: GrowthParts): Promise<Outcome> {
  const { plan, targetUrl, settings, seed, directory } = parts;
  const { records, commits } = plan;
  const common = { targetUrl, settings, seed, directory };
  const total = records + commits;
  const live = (task: Pick<GrowthTask, 'held' | 'adds' | 'batch' | 'end'>) =>
    runLife({ ...common, ...task }, (written) =>
      parts.progress(task.held + written, total, 'records'),
    );
  const grown = await live({ held: 0, adds: records, batch: BATCH, end: 'close' });
  const clean = await live({ held: records, adds: commits, batch: 1, end: 'kill' });
  const killed = await live({ held: total, adds: 0, batch: 1, end: 'close' });
  const problems = [
    ...named('while it grew', grown.problems),
    ...named('after a clean close', [...clean.problems, ...notClean(clean)]),
    ...named('after a kill', [...killed.problems, ...notKilled(killed)]),
  ];
  const verdict: Verdict = {
    validity: problems.length === 0 ? 'valid' : 'invalid',
    reasons: problems,
    counts: { records: total },
  };
  const lives = [grown, clean, killed];
  return {
    verdict,
    figures: {
      records,
      commits,
      'records/s': records / grown.writeSeconds,
      'commits/s': commits / clean.writeSeconds,
      longestPauseMs: Math.max(grown.longestPauseMs, clean.longestPauseMs),
      cleanOpenMs: clean.openMs,
      killedOpenMs: killed.openMs,
      replayedCommits: killed.recovered.replayedCommits,
      peakRssBytes: Math.max(...lives.map(({ peakRssBytes }) => peakRssBytes)),
    },
    notVerified: ['growth: no time is a verdict; bars of the checklists are held against them'],
  };
}

function named(when: string, problems: readonly string[]): string[] {
  return problems.map((problem) => `${when}: ${problem}`);
}

function notClean({ recovered }: GrowthLife): string[] {
  const problems: string[] = [];
  if (!recovered.cleanShutdown) problems.push('the start says that the store was not closed');
  if (recovered.replayedCommits > 0) {
    problems.push(`the start replayed ${recovered.replayedCommits} commits of its log`);
  }
  return problems;
}

function notKilled({ recovered }: GrowthLife): string[] {
  return recovered.cleanShutdown ? ['the start says that the store was closed'] : [];
}

async function runLife(task: GrowthTask, written: (count: number) => void): Promise<GrowthLife> {
  return new Promise((resolve, reject) => {
    const child = fork(PROCESS, [JSON.stringify(task)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    let life: GrowthLife | undefined;
    let error: string | undefined;
    child.on('message', (report: GrowthReport) => {
      if ('written' in report) written(report.written);
      else if ('life' in report) life = report.life;
      else error = report.error;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (life !== undefined) return resolve(life);
      const why = `the process of the store ended with ${signal ?? code}: ${error}`;
      const isStores = error !== undefined && !FULL_DISK.test(error);
      reject(isStores ? new StoreFailed(why) : new Error(why));
    });
  });
}
