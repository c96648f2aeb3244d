import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../cli/main.ts';
import type { BenchRun } from '../contract/bench-record.ts';
import { LIES, SEEN_BY } from './liars.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'assay-lies-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Which of the workloads read what was wrong. */
async function bench(store: string, workloads: readonly string[]) {
  const out = join(directory, store);
  const code = await runCli([
    ...['bench', ...workloads, '--stores', store, '--records', '3000', '--cache', '8MiB'],
    ...['--seconds', '1', '--directory', join(directory, 'stores'), '--out', out],
  ]);
  const { outcomes, missing } = JSON.parse(
    readFileSync(join(out, 'bench.json'), 'utf8'),
  ) as BenchRun;
  expect(missing).toEqual([]);
  const wrong = outcomes.filter((one) => one.wrong > 0).map(({ job }) => job.workload);
  return { code, wrong: wrong.filter((workload) => workloads.includes(workload)).sort() };
}

describe('a store that lies', () => {
  it('is tried by at least one workload for every lie', () => {
    expect([...Object.keys(SEEN_BY), 'half-the-cache'].sort()).toEqual(Object.keys(LIES).sort());
  });

  it.each(Object.entries(SEEN_BY))(
    '%s ends with exit code 1: %s',
    async (lie, workloads) => {
      const found = await bench(`engine+${lie}`, workloads);
      expect(found).toEqual({ code: 1, wrong: [...workloads].sort() });
    },
    900_000,
  );

  it('is not measured when it has less cache than it was given', async () => {
    const out = join(directory, 'half');
    const words = ['bench', 'points-uniform', '--stores', 'engine+half-the-cache'];
    const sizes = ['--records', '3000', '--cache', '8MiB', '--out', out];
    const place = ['--directory', join(directory, 'stores')];
    expect(await runCli([...words, ...sizes, ...place])).toBe(2);
    const { missing } = JSON.parse(readFileSync(join(out, 'bench.json'), 'utf8')) as BenchRun;
    expect(missing[0]).toContain('was given a cache of 8388608 bytes and has one of 4194304');
  }, 900_000);
});
