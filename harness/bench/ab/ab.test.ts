import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { judgeAb } from '../../../reports/ab-model.ts';
import { abRunOf, outcomeOf, PLAN } from '../../../reports/bench-fixtures.ts';
import { runCli } from '../../cli/main.ts';
import type { AbPlan } from '../../contract/ab-record.ts';
import type { BenchWatcher } from '../run-bench.ts';
import { planPairs, runPairs } from './run-ab.ts';
import { knownWorkloads, layOut, resolveSource } from './source-tree.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'assay-ab-test-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const SILENT: BenchWatcher = { started() {}, progressed() {}, finished() {}, failed() {} };

/** A program that answers as the benchmark's child does, as `body` says. */
function fakeChild(name: string, body: string): string {
  const path = join(directory, name);
  const outcome = JSON.stringify({ ...outcomeOf('scans'), repetition: undefined });
  const program = `
    const job = JSON.parse(process.argv[2]);
    const outcome = { ...${outcome}, job };
    const answer = (more) => process.send({ outcome: { ...outcome, ...more } }, () => process.disconnect());
    require('node:fs').appendFileSync(${JSON.stringify(join(directory, 'order'))}, ${JSON.stringify(`${name} `)} + job.workload + ' ' + job.seed + '\\n');
    ${body}`;
  writeFileSync(path, program);
  return path;
}

const planOf = (pairs: number, workloads: string[]): AbPlan => ({
  ...abRunOf([], pairs).plan,
  bench: { ...PLAN, repetitions: pairs, workloads },
});

async function measure(plan: AbPlan, child: { a: string; b: string }, watcher = SILENT) {
  const work = join(directory, 'work');
  const places = {
    saved: join(directory, 'saved'),
    work,
    compiled: join(directory, 'compiled'),
    child,
    machine: '2 × made up',
  };
  const measurements = await runPairs(plan, places, watcher, new AbortController().signal);
  return { plan, measurements };
}
const order = () => readFileSync(join(directory, 'order'), 'utf8').trim().split('\n');

describe('the pairs of a comparison', () => {
  it('take turns in which side goes first, over workloads and rounds, with one seed a pair', () => {
    const child = { a: 'child-a', b: 'child-b' };
    const jobs = planPairs(planOf(2, ['ingest-durable', 'scans']), {
      saved: '',
      work: '/w',
      compiled: '',
      child,
      machine: 'm',
    });
    expect(jobs.map(({ name }) => name.replace('-engine', ''))).toEqual([
      '1-ingest-durable-a',
      '1-ingest-durable-b',
      '1-ingest-random-b',
      '1-ingest-random-a',
      '1-scans-a',
      '1-scans-b',
      '2-ingest-durable-b',
      '2-ingest-durable-a',
      '2-ingest-random-a',
      '2-ingest-random-b',
      '2-scans-b',
      '2-scans-a',
    ]);
    for (const [i, job] of jobs.entries()) {
      expect(job.child).toBe(`child-${job.side}`);
      expect(job.job.directory.startsWith(`/w/${job.side}/`)).toBe(true);
      expect(job.job.seed).toBe(jobs[i ^ 1]!.job.seed);
    }
  });

  it('run the program of each commit, keep outcomes, and go on where they stopped', async () => {
    const child = {
      a: fakeChild('a.cjs', 'answer({ perSecond: 1000 })'),
      b: fakeChild('b.cjs', 'answer({ perSecond: 500 })'),
    };
    const plan = planOf(2, ['ingest-durable']);
    const { measurements } = await measure(plan, child);
    expect(order()).toEqual([
      'a.cjs ingest-durable 2',
      'b.cjs ingest-durable 2',
      'b.cjs ingest-durable 3',
      'a.cjs ingest-durable 3',
    ]);
    expect(
      measurements.map(({ side, round, outcome }) => [side, round, outcome!.perSecond]),
    ).toEqual([
      ['a', 1, 1000],
      ['b', 1, 500],
      ['b', 2, 500],
      ['a', 2, 1000],
    ]);
    expect(measurements.map(({ outcome }) => outcome!.provenance!.commit).join(' ')).toBe(
      'aaaa bbbb bbbb aaaa',
    );
    // One outcome is lost, and the stores are gone: its round is measured again, the other is not.
    rmSync(join(directory, 'saved', '2-ingest-durable-engine-b.json'));
    rmSync(join(directory, 'work'), { recursive: true, force: true });
    const again = await measure(plan, child);
    expect(again.measurements).toHaveLength(4);
    expect(order().slice(4)).toEqual(['b.cjs ingest-durable 3', 'a.cjs ingest-durable 3']);
  }, 300_000);

  it('keep a crash of one side as what it is: a regression when it is B', async () => {
    const good = fakeChild('good.cjs', 'answer({})');
    const bad = fakeChild('bad.cjs', 'process.stderr.write("no such table"); process.exit(7)');
    const judged = async (child: { a: string; b: string }) => {
      rmSync(join(directory, 'saved'), { recursive: true, force: true });
      const { plan, measurements } = await measure(planOf(1, ['ingest-durable']), child);
      return judgeAb({ ...abRunOf(measurements, 1), plan });
    };
    const verdict = await judged({ a: good, b: bad });
    expect(verdict).toMatchObject({ exit: 1 });
    expect(verdict.reason).toContain('in B crashed: it ended with 7: no such table');
    expect(await judged({ a: bad, b: good })).toMatchObject({ exit: 2 });
    // It does not come again, and stays what it was.
    const { plan, measurements } = await measure(planOf(1, ['ingest-durable']), {
      a: good,
      b: good,
    });
    expect(judgeAb({ ...abRunOf(measurements, 1), plan })).toMatchObject({ exit: 2 });
  }, 300_000);
});

describe('the tree of a commit', () => {
  const git = (...words: string[]) =>
    execFileSync('git', words, { cwd: directory, encoding: 'utf8', stdio: 'pipe' }).trim();
  const write = (name: string, text: string) => writeFileSync(join(directory, name), text);

  it('is what was committed; that of the working tree includes uncommitted files', () => {
    expect(() => resolveSource('HEAD', directory)).toThrow(/no git checkout/);
    git('init', '-q');
    git('config', 'user.email', 'a@b');
    git('config', 'user.name', 'a');
    write('package-lock.json', '{}');
    write('kept.txt', 'one');
    write('removed.txt', 'one');
    write('.gitignore', 'trees\nnode_modules\n');
    mkdirSync(join(directory, 'node_modules', 'some-package'), { recursive: true });
    git('add', '.');
    git('commit', '-qm', 'one');
    expect(resolveSource('.', directory).label).toBe(git('rev-parse', '--short', 'HEAD'));
    write('kept.txt', 'two');
    write('new.txt', 'two');
    rmSync(join(directory, 'removed.txt'));
    const [commit, tree] = ['HEAD', '.'].map((asked) => resolveSource(asked, directory));
    expect(tree!.label).toBe(`${commit!.label}+`);
    const [old, now] = [join(directory, 'trees/a'), join(directory, 'trees/b')];
    layOut(commit!, directory, old);
    layOut(tree!, directory, now);
    const read = (root: string, name: string) => readFileSync(join(root, name), 'utf8');
    expect([read(old, 'kept.txt'), read(now, 'kept.txt')]).toEqual(['one', 'two']);
    expect([existsSync(join(old, 'removed.txt')), existsSync(join(now, 'removed.txt'))]).toEqual([
      true,
      false,
    ]);
    expect([existsSync(join(old, 'new.txt')), existsSync(join(now, 'new.txt'))]).toEqual([
      false,
      true,
    ]);
    for (const root of [old, now])
      expect(readdirSync(join(root, 'node_modules'))).toEqual(['some-package']);
    expect(() => knownWorkloads(commit!, old)).toThrow(/no benchmark that could be run/);
    expect(() => resolveSource('no-such-branch', directory)).toThrow(/no commit no-such-branch/);
  }, 300_000);
});

/** A package that was unpacked has no commits to compare. */
const isCheckout = existsSync(new URL('../../../.git', import.meta.url));

describe.skipIf(!isCheckout)('assay bench ab', () => {
  const run = (...words: string[]) =>
    runCli(['bench', 'ab', ...words, '--directory', join(directory, 'work')]);

  it('measures a commit against the working tree, and says that two pairs tell nothing', async () => {
    const out = join(directory, 'out');
    const work = join(directory, 'work');
    mkdirSync(join(work, 'tree-a', '.laid-out'), { recursive: true }); // of another comparison
    writeFileSync(join(work, 'not-of-assay'), '');
    const words = [
      '--workloads',
      'ingest-random',
      '--records',
      '1000',
      '--pairs',
      '2',
      '--out',
      out,
    ];
    expect(await run('HEAD', '.', ...words, '--cache', '4MiB', '--limit', '100')).toBe(2);
    const { plan, measurements } = JSON.parse(readFileSync(join(out, 'ab.json'), 'utf8'));
    expect(plan.bench).toMatchObject({ records: 1000, cacheBytes: 4 * 2 ** 20, limitSeconds: 100 });
    expect(measurements).toHaveLength(4);
    expect(measurements.every(({ failure }: { failure?: string }) => failure === undefined)).toBe(
      true,
    );
    expect(readFileSync(join(out, 'report.md'), 'utf8')).toContain('ingest-random');
    expect(readdirSync(work)).toEqual(['not-of-assay']);
    expect(await run('HEAD', '.', '--out', out)).toBe(254); // it holds a comparison
  }, 600_000);

  it('refuses what it can not compare', async () => {
    for (const words of [
      [],
      ['HEAD'],
      ['no-such-commit', 'HEAD'],
      ['HEAD', 'HEAD', '--workloads', 'no-such-workload'],
      ['HEAD', 'HEAD', '--correction', 'none'],
      ['HEAD', 'HEAD', '--pairs', '0'],
      ['--resume', join(directory, 'nothing')],
    ]) {
      expect([words, await run(...words)]).toEqual([words, 254]);
    }
  }, 300_000);
});
