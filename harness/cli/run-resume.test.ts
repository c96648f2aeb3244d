import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { JOURNAL } from '../cells/run-journal.ts';
import type { RunRecord } from '../contract/run-record.ts';

const ASSAY = new URL('./assay.mjs', import.meta.url).pathname;
const place = mkdtempSync(join(tmpdir(), 'assay-resume-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

const MATRIX = join(place, 'small.yaml');
const SCENARIOS = ['set', 'register', 'bank', 'append'].map((name) => `power-loss-${name}`);
writeFileSync(
  MATRIX,
  `name: small
doc: four quick cells and a planted bug
budgetSeconds: 100
seed: 7
cells:
${SCENARIOS.map((name) => `  - { scenario: ${name}, target: engine-sim, seconds: 5, plan: { states: 60, operations: 20 } }`).join('\n')}
mutants: { target: engine-sim, seconds: 5, names: [skip-wal-sync] }
`,
);

function start(out: string, ...more: string[]): ChildProcess {
  const args = ['run', '--matrix', MATRIX, '--lanes', '1', '--out', out, ...more];
  return spawn(process.execPath, [ASSAY, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

function assay(...args: string[]) {
  const run = spawnSync(process.execPath, [ASSAY, ...args], { encoding: 'utf8' });
  return { code: run.status, out: run.stdout, complaint: run.stderr };
}

/** Ends a run by a signal when `cells` cells have ended. */
async function endAfter(cells: number, run: ChildProcess, signal: NodeJS.Signals) {
  let out = '';
  let complaint = '';
  run.stdout!.on('data', (chunk: Buffer) => {
    out += chunk;
  });
  run.stderr!.on('data', (chunk: Buffer) => {
    const before = complaint.includes(`[${cells}/`);
    complaint += chunk;
    if (!before && complaint.includes(`[${cells}/`)) run.kill(signal);
  });
  const [code] = await once(run, 'close');
  return { code: code as number | null, out, complaint };
}

/** What must not depend on where a run was stopped. */
function resultsOf(out: string) {
  const { records, headline } = JSON.parse(readFileSync(join(out, 'results.json'), 'utf8'));
  const cells = (records as RunRecord[]).map(
    ({ cell, validity, mutant, historyHash, figures, startedAt }) => ({
      ...{ id: cell.id, seed: cell.seed, validity, outcome: mutant?.outcome, historyHash },
      ...{ states: figures.crashStates, startedAt },
    }),
  );
  return { headline: headline as string, cells };
}

const withoutTimes = (out: string) => resultsOf(out).cells.map(({ startedAt: _, ...rest }) => rest);

describe('a run that was ended', () => {
  const whole = join(place, 'whole');

  it.each<[NodeJS.Signals, number]>([
    ['SIGINT', 2],
    ['SIGKILL', 2],
  ])('by %s continues with --resume and ends like an uninterrupted run', async (signal, cells) => {
    if (!existsSync(whole)) expect(assay('run', '--matrix', MATRIX, '--out', whole).code).toBe(0);
    const out = join(place, signal);
    const ended = await endAfter(cells, start(out), signal);
    const finished = readFileSync(join(out, JOURNAL), 'utf8').trim().split('\n');
    expect(finished.length).toBeGreaterThanOrEqual(cells);
    // On a busy machine the run may be over before it hears of the signal.
    if (signal !== 'SIGKILL' && finished.length < 5) {
      expect(ended.code).toBe(2);
      expect(ended.out).toMatch(/^unknown: \d passed; \d of 5 cells left out: SIG(INT|TERM)\n/);
      expect(ended.complaint).toContain(`run --resume ${out}`);
      expect(resultsOf(out).cells.every(({ validity }) => validity === 'valid')).toBe(true);
    }
    const before = new Map(
      finished.map((line) => {
        const folder = join(out, 'cells', (JSON.parse(line) as string).replaceAll('/', '_'));
        return [JSON.parse(line), readFileSync(join(folder, 'record.json'), 'utf8')] as const;
      }),
    );
    const resumed = assay('run', '--resume', out);
    expect(resumed.complaint).toContain(`5 cells, ${finished.length} of them finished before`);
    expect(resumed.code).toBe(0);
    expect(withoutTimes(out)).toEqual(withoutTimes(whole));
    for (const { id, startedAt } of resultsOf(out).cells) {
      const kept = before.get(id);
      if (kept !== undefined) expect((JSON.parse(kept) as RunRecord).startedAt).toBe(startedAt);
    }
  });

  it('is not resumed on other sources, unless it is told to mix them', async () => {
    const out = join(place, 'other-tree');
    await endAfter(1, start(out), 'SIGTERM');
    const path = join(out, 'plan.json');
    const plan = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...plan, tree: '0123456789abcdef', commit: 'abc1234' }));
    const refused = assay('run', '--resume', out);
    expect(refused.code).toBe(254);
    expect(refused.complaint).toContain('began on other sources (commit abc1234');
    expect(assay('run', '--resume', out, '--force').code).toBe(0);
    const { run } = JSON.parse(readFileSync(join(out, 'results.json'), 'utf8'));
    expect(run).toMatchObject({ tree: 'mixed', commit: expect.stringContaining('abc1234 and ') });
  });

  it('by its time limit says what it left out', () => {
    const out = join(place, 'limited');
    const scenario = ['power-loss-set', '--plan', 'states=100000000', '--plan', 'operations=200'];
    const run = assay('run', ...scenario, '--time-limit', '1', '--out', out);
    expect(run.code).toBe(2);
    expect(run.out).toContain('1 of 1 cells left out: the time limit of 1 s');
    expect(run.complaint).toContain('  power-loss-set/engine-sim');
  });
});

describe('an output directory that cannot be written', () => {
  const quick = ['power-loss-set', '--plan', 'states=20', '--plan', 'operations=5'];

  it('is refused in a line, when it is a file or lies below one', () => {
    const file = join(place, 'file');
    writeFileSync(file, '');
    for (const out of [file, join(file, 'below')]) {
      const run = assay('run', ...quick, '--out', out);
      expect(run).toMatchObject({ code: 254, out: '' });
      expect(run.complaint.trim().split('\n')).toHaveLength(1);
      expect(run.complaint).toContain('is a file');
    }
  });

  it.skipIf(!existsSync('/dev/full'))('loses no verdict when the disk is full', async () => {
    const out = join(place, 'full');
    await endAfter(1, start(out), 'SIGTERM');
    rmSync(join(out, 'run.json.new'), { force: true });
    symlinkSync('/dev/full', join(out, 'run.json.new'));
    const resumed = assay('run', '--resume', out);
    expect(resumed.code).toBe(2);
    expect(resumed.out).toMatch(/^valid: 5 passed/);
    for (const name of SCENARIOS) expect(resumed.out).toContain(`valid       ${name}/engine-sim`);
    expect(resumed.complaint).toContain('the disk is full');
  });

  it('stops the run at the first cell that has no place', () => {
    const out = join(place, 'blocked');
    mkdirSync(join(out, 'cells'), { recursive: true });
    const planned = join(place, 'whole', 'plan.json');
    writeFileSync(join(out, 'plan.json'), readFileSync(planned));
    writeFileSync(join(out, 'cells', `${SCENARIOS[1]}_engine-sim`), 'in the way');
    const run = assay('run', '--resume', out);
    expect(run.code).toBe(2);
    expect(run.out).toContain('cells left out: ');
    expect(run.out).toContain('is a file');
    expect(readdirSync(out)).toContain('report.html');
  });
});
