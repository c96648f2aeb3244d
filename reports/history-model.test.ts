import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../harness/cli/main.ts';
import type { BenchRun } from '../harness/contract/bench-record.ts';
import { Prng } from '../harness/random/prng.ts';
import { latencyOf, outcomeOf, runOf } from './bench-fixtures.ts';
import { benchHistory } from './history-model.ts';
import { historyHtml } from './history-report.ts';

/** Runs of three workloads, one a day, that vary by 2 %. */
function daily(
  count: number,
  scanTime: (day: number) => number = () => 1,
  more: (day: number) => Partial<BenchRun> = () => ({}),
): BenchRun[] {
  const random = new Prng(7).derive('daily');
  const noise = () => 1 + 0.02 * (random.nextUint32() / 2 ** 31 - 1);
  return Array.from({ length: count }, (_, day) => {
    const outcomes = ['scans', 'points-uniform', 'graph'].map((workload) => {
      const time = noise() * (workload === 'scans' ? scanTime(day) : 1);
      const latency = latencyOf({ p50: time, p95: time, p99: time * noise(), p999: noise() });
      return outcomeOf(workload, { perSecond: 1000 / time, latency: { operation: latency } });
    });
    const startedAt = new Date(Date.UTC(2026, 0, 1 + day)).toISOString();
    return runOf(outcomes, { startedAt, commit: `commit${day}`, ...more(day) });
  });
}

const OPTIONS = { threshold: 0.05, recent: 5, seed: 1 };
const judged = (runs: readonly BenchRun[], options = {}) =>
  benchHistory(runs, { ...OPTIONS, ...options });

describe('benchmarks over time', () => {
  it('have no steps where nothing changed', () => {
    const history = judged(daily(25));
    expect(history.rows.flatMap(({ steps }) => steps)).toEqual([]);
    expect(history).toMatchObject({ exit: 0, rows: { length: 24 } });
  });

  it('show the run at which a figure became worse, three runs after it', () => {
    const runs = daily(23, (day) => (day >= 20 ? 1.25 : 1));
    const history = judged(runs.toReversed()); // by time, in whatever order they are given
    expect(history).toMatchObject({ exit: 1 });
    expect(history.reason).toContain('scans on engine: scans/s');
    const [rate] = history.rows;
    expect(rate!.steps).toMatchObject([{ run: 20, isWorse: true }]);
    expect(rate!.steps[0]!.change).toBeCloseTo(-0.2, 1);
    const changed = history.rows.filter(({ steps }) => steps.length > 0);
    expect(changed.every(({ workload }) => workload === 'scans')).toBe(true);
    expect(historyHtml(history)).toContain('at commit20');
  });

  it('take an old step, and one for the better, for no news', () => {
    const old = judged(daily(30, (day) => (day >= 12 ? 1.3 : 1)));
    expect(old).toMatchObject({ exit: 0 });
    expect(old.rows[0]!.steps).toHaveLength(1);
    const better = judged(daily(23, (day) => (day >= 20 ? 0.75 : 1)));
    expect(better).toMatchObject({ exit: 0 });
    expect(better.rows[0]!.steps[0]!.isWorse).toBe(false);
  });

  it('leave out runs of other machines and settings, and say so', () => {
    const runs = daily(
      20,
      (day) => (day < 10 ? 2 : 1),
      (day) => (day < 10 ? { machine: 'slow' } : {}),
    );
    const history = judged(runs);
    expect(history.runs).toHaveLength(10);
    expect(history.leftOut).toHaveLength(10);
    expect(history.leftOut[0]).toContain('machine slow');
    expect(judged(runs, { force: true }).runs).toHaveLength(20);
    expect(judged(daily(4))).toMatchObject({ exit: 2 });
    expect(judged([])).toMatchObject({ exit: 2 });
  });

  it('are read from directories by the command line', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'assay-history-test-'));
    try {
      for (const run of daily(23, (day) => (day >= 20 ? 1.25 : 1))) {
        const place = join(directory, 'runs', run.commit);
        mkdirSync(place, { recursive: true });
        writeFileSync(join(place, 'bench.json'), JSON.stringify(run));
      }
      const out = join(directory, 'history.html');
      const words = ['bench', 'history', join(directory, 'runs'), '--out', out];
      expect(await runCli(words)).toBe(1);
      expect(readFileSync(out, 'utf8').match(/<svg/g)).toHaveLength(24);
      expect(await runCli([...words, '--threshold', '40', '--all'])).toBe(0);
      expect(await runCli(['bench', 'history', directory])).toBe(254); // no run in it
      expect(await runCli(['bench', 'history', join(directory, 'nowhere')])).toBe(254);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
