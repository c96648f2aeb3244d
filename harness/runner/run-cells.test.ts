import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { cellOf } from './matrix.ts';
import { loadRegistry } from './registry.ts';
import { runCells } from './run-cells.ts';

const directory = mkdtempSync(join(tmpdir(), 'assay-cells-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('stops a cell at its limit: nobody knows, but a planted bug that spins is caught', async () => {
  const plugins = ['workload', 'scenario'].map((what) =>
    fileURLToPath(new URL(`./fixtures/endless-${what}.ts`, import.meta.url)),
  );
  const registry = await loadRegistry(plugins);
  const choice = { scenario: 'endless', target: 'engine-sim' };
  const cells = [
    cellOf(registry, 1, choice),
    cellOf(registry, 1, { ...choice, mutant: 'skip-wal-sync' }),
  ];
  const watcher = {
    started: () => undefined,
    progressed: () => undefined,
    finished: () => undefined,
  };
  const options = { registry, plugins, directory, lanes: 2, watcher, bail: false };
  const [clean, planted] = await runCells(cells, options);
  expect(clean).toMatchObject({ validity: 'unknown', verdict: { validity: 'unknown' } });
  expect(clean!.verdict.reasons[0]).toContain('its limit of 3 s');
  expect(planted).toMatchObject({ validity: 'valid', mutant: { outcome: 'caught' } });
});
