import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../cli/main.ts';
import type { BenchPlan, BenchRun } from '../contract/bench-record.ts';
import { STORES, WORKLOADS } from './catalogue.ts';
import { planJobs } from './jobs.ts';
import { Latencies } from './latencies.ts';
import { SEEN_BY } from './liars.ts';
import { Records } from './records.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'assay-bench-test-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const run = (...words: string[]) =>
  runCli(['bench', ...words, '--directory', join(directory, 'stores'), '--seconds', '0.2']);
const saved = (out: string) =>
  JSON.parse(readFileSync(join(out, 'bench.json'), 'utf8')) as BenchRun;

/** Run by the tests of stores that lie, and side by side below. */
const RUN_ELSEWHERE = new Set([...Object.values(SEEN_BY).flat(), 'points-uniform', 'readers-8']);

describe('assay bench', () => {
  it('measures every workload on the engine, reads nothing wrong, and leaves no store', async () => {
    const out = join(directory, 'out');
    const wanted = WORKLOADS.filter(({ onRequest }) => onRequest !== true)
      .map(({ name }) => name)
      .filter((name) => process.env.ASSAY_TEST_LONG !== undefined || !RUN_ELSEWHERE.has(name));
    expect(await run(...wanted, '--records', '20k', '--cache', '8MiB', '--out', out)).toBe(0);
    const { outcomes, missing } = saved(out);
    expect(missing).toEqual([]);
    expect(outcomes.map(({ job }) => job.workload)).toEqual(expect.arrayContaining(wanted));
    for (const { count, wrong, latency } of outcomes) {
      expect(count).toBeGreaterThan(0);
      expect(wrong).toBe(0);
      for (const { exceeds } of Object.values(latency)) expect(exceeds).toBe(0);
    }
    expect(existsSync(join(directory, 'stores'))).toBe(false);
    for (const name of ['report.html', 'report.md']) expect(existsSync(join(out, name))).toBe(true);
  }, 900_000);

  it('runs the peers side by side, goes on where it stopped, and compares runs', async () => {
    const [one, two] = [join(directory, 'one'), join(directory, 'two')];
    const words = ['points-uniform', 'scans', '--peers', '--records', '3000', '--cache', '4MiB'];
    expect(await run(...words, '--out', one)).toBe(0);
    const { outcomes } = saved(one);
    expect(new Set(outcomes.map(({ job }) => job.store))).toEqual(new Set(Object.keys(STORES)));
    expect(outcomes.every(({ wrong }) => wrong === 0)).toBe(true);

    // Values of several sizes, several readers, one a second for each of two stores.
    const sized = ['readers-8', 'ycsb-a', '--stores', 'engine,lmdb', '--records', '3000'];
    const varied = join(directory, 'varied');
    const sizes = ['--value-sizes', 'two', '--cache', '4MiB', '--rate', '5k', '--out', varied];
    expect(await run(...sized, ...sizes)).toBe(0);
    for (const { job, count, wrong } of saved(varied).outcomes) {
      expect([job.workload, wrong]).toEqual([job.workload, 0]);
      expect(count).toBeLessThanOrEqual(job.workload === 'readers-8' ? 5008 : Infinity);
    }
    // All but the loads are lost: they are run again, on stores that have to be there.
    const few = ['points-uniform', 'scans', '--stores', 'engine,sqlite', '--records', '3000'];
    expect(await run(...few, '--cache', '4MiB', '--keep', '--out', two)).toBe(0);
    const { outcomes: kept } = saved(two);
    rmSync(join(two, 'outcomes', '1-scans-engine.json'));
    const crossed = ['--thresholds', 'points-uniform: p(50)<1ns', '--keep'];
    expect(await runCli(['bench', '--resume', two, ...crossed])).toBe(3);
    expect(await runCli(['bench', '--resume', two, '--thresholds', 'p(50)<9s'])).toBe(0);
    expect(saved(two).outcomes).toHaveLength(kept.length);
    expect(await runCli(['bench', 'compare', one, two])).toBe(2); // one run each tells nothing
    writeFileSync(
      join(two, 'bench.json'),
      JSON.stringify({ ...saved(two), plan: { ...saved(two).plan, records: 5 } }),
    );
    expect(await runCli(['bench', 'compare', one, two])).toBe(2); // other settings

    // A store that returns values that were never written makes the run fail.
    const path = join(two, 'outcomes', '1-points-uniform-engine.json');
    const outcome = JSON.parse(readFileSync(path, 'utf8')) as object;
    writeFileSync(path, JSON.stringify({ ...outcome, wrong: 3 }));
    expect(await runCli(['bench', '--resume', two])).toBe(1);
    expect(readFileSync(join(two, 'report.html'), 'utf8')).toContain('3 values were not what');
    expect(await run(...few, '--out', two)).toBe(254); // it holds a run
  }, 900_000);

  it('refuses what it does not know, and what does not fit the disk', async () => {
    for (const [name, text] of [
      ['cut', '{"plan":'],
      ['nothing', 'null'],
      ['other', '{"cells":[]}'],
    ] as const) {
      const path = join(directory, `${name}.json`);
      writeFileSync(path, text);
      expect([name, await runCli(['bench', 'compare', path, path])]).toEqual([name, 254]);
    }
    for (const words of [
      ['no-such-workload'],
      ['--stores', 'engine,nothing'],
      ['--records', 'many'],
      ['--records', '1000G'],
      ['--keys', 'odd'],
      ['--value-sizes', 'odd'],
      ['--stores', 'engine+no-such-lie'],
      ['--stores', 'rocksdb', '--cache', '14GiB'], // its package holds less
      ['--memory', '1MiB'],
      ['--thresholds', 'p(98)<1ms'],
      ['--resume', join(directory, 'nothing')],
      ['compare', directory, 'nowhere'],
    ]) {
      expect([words, await runCli(['bench', ...words])]).toEqual([words, 254]);
    }
  });
});

describe('what a benchmark is made of', () => {
  it('plans loads first, then reads, then what changes stores, store by store', () => {
    const plan: BenchPlan = {
      records: 1000,
      valueBytes: 100,
      keyOrder: 'random',
      cacheBytes: 1,
      seed: 1,
      seconds: 1,
      limitSeconds: 1,
      repetitions: 2,
      hugePages: false,
      stores: ['engine', 'sqlite'],
      workloads: ['ycsb-a', 'scans', 'ingest-durable', 'bank'],
    };
    const jobs = planJobs(plan, '/d');
    expect(jobs.filter(({ repetition }) => repetition === 1).map(({ name }) => name)).toEqual([
      '1-ingest-durable-engine',
      '1-ingest-durable-sqlite',
      '1-bank-engine',
      '1-ingest-random-engine',
      '1-ingest-random-sqlite',
      '1-scans-engine',
      '1-scans-sqlite',
      '1-ycsb-a-engine',
      '1-ycsb-a-sqlite',
    ]);
    expect(new Set(jobs.map(({ name }) => name)).size).toBe(jobs.length);
  });

  it('tells a value of its own from every other', () => {
    for (const valueBytes of [12, 100, 1024]) {
      const records = new Records(1, valueBytes);
      const value = records.value(5, 3);
      for (let i = 0; i < 32; i++) expect(records.isValue(5, value)).toBe(true);
      expect(records.isValue(6, value)).toBe(false);
      expect(records.isValue(5, value.subarray(1))).toBe(false);
      expect(records.isValue(5, undefined)).toBe(false);
      let found = 0;
      for (let i = 0; i < 32; i++) {
        const damaged = Buffer.from(value);
        damaged[Math.floor(valueBytes / 2)]! ^= 1;
        if (!records.isValue(5, damaged)) found++;
      }
      expect(found).toBeGreaterThan(0);
    }
    expect(() => new Records(1, 11)).toThrow(RangeError);
  });

  it('makes values of several sizes whose mean is the one asked for', () => {
    for (const [sizes, least, most] of [
      ['one', 100, 100],
      ['even', 12, 188],
      ['two', 50, 850],
    ] as const) {
      const records = new Records(1, 100, 'random', sizes);
      const cell = records.cell();
      const lengths = Array.from({ length: 20_000 }, (_, i) => {
        records.valueInto(i, 7, cell);
        expect(records.isValue(i, Buffer.from(cell.bytes), 7)).toBe(true);
        expect(records.isValue(i, cell.all.subarray(0, cell.bytes.length - 1), 7)).toBe(false);
        return cell.bytes.length;
      });
      expect([sizes, Math.min(...lengths), Math.max(...lengths)]).toEqual([sizes, least, most]);
      const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
      expect(Math.abs(mean - 100)).toBeLessThan(5);
    }
    expect(() => new Records(1, 20, 'random', 'two')).toThrow(RangeError);
  });

  it('makes values longer than its pool of random bytes', () => {
    const records = new Records(1, 300_000);
    for (let i = 0; i < 32; i++) expect(records.isValue(i, records.value(i, 2), 2)).toBe(true);
    const [a, b] = [records.value(1), records.value(2)];
    expect(a.subarray(8, 100).equals(b.subarray(8, 100))).toBe(false);
    expect(new Set(a.subarray(200_000, 200_200)).size).toBeGreaterThan(50);
  });

  it('gives all keys of an order different bytes', () => {
    for (const order of ['random', 'sequential', 'prefixed'] as const) {
      const records = new Records(1, 12, order);
      const keys = new Set(Array.from({ length: 5000 }, (_, i) => records.key(i).toString('hex')));
      expect(keys.size).toBe(5000);
    }
  });

  it('measures latencies to three digits', () => {
    const latencies = new Latencies();
    for (let i = 1; i <= 1000; i++) latencies.add(0, i / 1000);
    const { p50, p99, max, count } = latencies.summary;
    expect(count).toBe(1000);
    expect(Math.abs(p50 / 500 - 1)).toBeLessThan(0.01);
    expect(Math.abs(p99 / 990 - 1)).toBeLessThan(0.01);
    expect(Math.abs(max / 1000 - 1)).toBeLessThan(0.01);
    expect(new Latencies().summary.count).toBe(0);
  });
});
