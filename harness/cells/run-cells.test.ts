import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import type { Cell, RunRecord } from '../contract/run-record.ts';
import { cellOf } from '../matrix/matrix.ts';
import { loadRegistry } from '../matrix/registry.ts';
import { runCells } from './run-cells.ts';

const directory = mkdtempSync(join(tmpdir(), 'assay-cells-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}.ts`, import.meta.url));
const plugins = [
  'endless-workload',
  'endless-scenario',
  'hungry-workload',
  'hungry-scenario',
  'always-failing-scenario',
].map(fixture);
const registry = await loadRegistry(plugins);
const watcher = {
  started: () => undefined,
  progressed: () => undefined,
  finished: () => undefined,
};

async function run(name: string, cells: readonly Cell[], more: object = {}): Promise<RunRecord[]> {
  const options = { registry, plugins, directory: join(directory, name), lanes: 2, watcher };
  return runCells(cells, { ...options, bail: false, triesMax: 1, ...more });
}

it('takes a wall-clock limit for no evidence, whether or not a bug is planted', async () => {
  const choice = { scenario: 'endless', target: 'engine-sim' };
  const [clean, planted] = await run('endless', [
    cellOf(registry, 1, choice),
    cellOf(registry, 1, { ...choice, mutant: 'skip-wal-sync' }),
  ]);
  expect(clean).toMatchObject({ validity: 'unknown', verdict: { validity: 'unknown' } });
  expect(clean!.verdict.reasons[0]).toContain('ran out of time: stopped at its limit');
  expect(planted!.validity).toBe('unknown');
  expect(['ran-out-of-time', 'not-exercised']).toContain(planted!.mutant!.outcome);
});

it('says so when a cell takes more memory than it may', async () => {
  const [record] = await run(
    'hungry',
    [cellOf(registry, 1, { scenario: 'hungry', target: 'engine-sim' })],
    { memoryBytes: 600 * 2 ** 20 },
  );
  expect(record).toMatchObject({ validity: 'unknown' });
  expect(record!.verdict.reasons[0]).toMatch(/^killed: out of memory at \d+(?:\.\d GiB| MiB)$/);
});

it('does not call a bug caught by a scenario that fails without it', async () => {
  const choice = { scenario: 'always-failing', target: 'engine-sim' };
  const [planted] = await run('always-failing', [
    cellOf(registry, 1, { ...choice, mutant: 'skip-conflict-check' }),
  ]);
  expect(planted).toMatchObject({
    validity: 'unknown',
    verdict: { validity: 'invalid' },
    mutant: { outcome: 'control-failed', control: { validity: 'invalid' } },
  });
  expect(planted!.verdict.reasons[0]).toContain('without the bug the same cell is invalid too');
});

it('calls a bug caught when its clean twin holds with the same seed', async () => {
  const settings = { segmentBytes: 4096, blockBytes: 1024, fanIn: 3 };
  const choice = { scenario: 'bank-isolation', target: 'engine-sim', settings };
  const [planted] = await run('caught', [
    cellOf(registry, 1, { ...choice, mutant: 'skip-conflict-check' }),
  ]);
  expect(planted).toMatchObject({ validity: 'valid', mutant: { outcome: 'caught' } });
  const { control, seeds } = planted!.mutant!;
  expect(control).toEqual({ seed: planted!.cell.seed, validity: 'valid' });
  expect(seeds).toBe(1);
});

it('refuses a planted bug in a scenario that expects to find something', () => {
  const choice = { scenario: 'append-write-skew', target: 'engine-sim', mutant: 'skip-wal-sync' };
  expect(() => cellOf(registry, 1, choice)).toThrow("can't catch a planted bug");
});
