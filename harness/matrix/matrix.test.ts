import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MATRICES, matrices, ROOT } from '../cli/places.ts';
import { staleReasons, surfacesOf } from '../coverage/api-coverage.ts';
import { MUTANTS } from '../mutants/catalogue.ts';
import { scenariosOf } from '../mutants/mutant.ts';
import { cellOf, loadMatrix } from './matrix.ts';
import { matrixJsonSchema } from './matrix-schema.ts';
import { loadRegistry, nearest, type Registry } from './registry.ts';
import { configHash, replayCommand } from './replay-command.ts';

const LANES = 2;
let registry: Registry;
const directory = mkdtempSync(join(tmpdir(), 'assay-matrix-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
beforeAll(async () => {
  registry = await loadRegistry();
});

function load(yaml: string) {
  const path = join(directory, 'm.yaml');
  writeFileSync(path, yaml);
  return () => loadMatrix(path, registry);
}

const HEAD = 'name: x\ndoc: y\nbudgetSeconds: 10\nseed: 1\n';

describe('the committed matrices', () => {
  it.each([...matrices()])('%s stays within its budget on two lanes', (_, path) => {
    const { declaredSeconds, budgetSeconds } = loadMatrix(path, registry);
    expect(declaredSeconds / LANES).toBeLessThanOrEqual(budgetSeconds);
  });

  it.each([...matrices()])('%s stays within it with one cluster at a time', (_, path) => {
    const { cells, budgetSeconds } = loadMatrix(path, registry);
    const clusters = cells.filter(
      ({ scenario }) => registry.scenarios.get(scenario)?.plan.kind === 'network',
    );
    const seconds = clusters.reduce((sum, cell) => sum + (cell.limitSeconds ?? 0) / 5, 0);
    expect(seconds).toBeLessThanOrEqual(budgetSeconds);
  });

  it('judge whole interfaces, and give reasons only for what there is', async () => {
    const demands = [...matrices()].flatMap(([name, path]) => {
      const { api } = loadMatrix(path, registry);
      return api === undefined ? [] : [{ name, ...api }];
    });
    expect(demands.map(({ name }) => name)).toContain('ci');
    for (const { targets, unjudged } of demands) {
      expect(staleReasons(await surfacesOf(registry, targets), unjudged)).toEqual([]);
    }
  });

  it('are each run by npm start or by a script of CI, on the schedule of a workflow', () => {
    const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
    const runs = (text: string) => [...text.matchAll(/--matrix ([\w-]+)/g)].map(([, name]) => name);
    const commit = [...runs(read('package.json')), ...runs(read('.ci/run'))];
    const nightly = runs(read('.ci/nightly'));
    expect(new Set([...commit, ...nightly])).toEqual(new Set(matrices().keys()));
    expect(read('.ci/run')).toContain('npm start');
    expect(read('.github/workflows/commit.yaml')).toMatch(/push:.*run: .*\.ci\/run/s);
    expect(read('.github/workflows/nightly.yaml')).toMatch(/schedule:.*run: \.ci\/nightly/s);
    expect(read('.github/workflows/soak.yaml')).toMatch(/schedule:.*assay -- soak/s);
  });

  it('keep ci within three minutes and commit within six', () => {
    const budget = (name: string) => loadMatrix(matrices().get(name)!, registry).budgetSeconds;
    expect(budget('ci')).toBeLessThanOrEqual(180);
    expect(budget('commit')).toBeLessThanOrEqual(360);
  });

  it('plant every bug nightly and a part in ci, on the scenario that must catch it', () => {
    const plantedIn = (name: string) =>
      loadMatrix(matrices().get(name)!, registry).cells.filter(
        ({ mutant }) => mutant !== undefined,
      );
    expect(plantedIn('nightly').map(({ mutant, scenario }) => [mutant, scenario])).toEqual(
      MUTANTS.flatMap((bug) => scenariosOf(bug).map((scenario) => [bug.name, scenario])),
    );
    const planted = plantedIn('ci');
    const { cells } = loadMatrix(matrices().get('ci')!, registry);
    const clean = new Set(cells.filter((one) => !one.mutant).map(({ scenario }) => scenario));
    expect(planted.length).toBeGreaterThan(20);
    for (const { mutant, scenario } of planted) {
      expect(scenariosOf(MUTANTS.find(({ name }) => name === mutant)!)).toContain(scenario);
      // Or its control would be a cell more, of a scenario that is not for this tier.
      expect(clean, mutant).toContain(scenario);
    }
  });
});

describe('a matrix that does not fit', () => {
  it.each([
    ['broken YAML', `${HEAD}cells: [`, /m\.yaml:\d+:\d+: /],
    [
      'a wrong type',
      `${HEAD}cells:\n  - {scenario: 1, target: t, seconds: 1}\n`,
      /:6:16: cells\[0\]\.scenario: .*string/,
    ],
    [
      'a slip in a key',
      `${HEAD}cells:\n  - {scenario: healthy, target: t, secnds: 1, seconds: 1}\n`,
      /:6:36: cells\[0\]\.secnds: Unrecognized key\. Did you mean seconds\?/,
    ],
    [
      'a key that is missing',
      `${HEAD}cells:\n  - {scenario: healthy, target: t}\n`,
      /:6:5: cells\[0\]\.seconds: .*number/,
    ],
    [
      'an unknown planted bug',
      `${HEAD}cells: []\nmutants: {target: engine-sim, seconds: 1, names: [skip-wal-snyc]}\n`,
      /:6:10: mutants: .*Did you mean skip-wal-sync/,
    ],
    [
      'a bug of the engine on another store',
      `${HEAD}cells: []\nmutants: {target: sqlite, seconds: 1, names: [skip-wal-sync]}\n`,
      /:6:10: mutants: .*which sqlite does not run/,
    ],
    ['an unknown field', `${HEAD}cells: []\nextra: 1\n`, /m\.yaml:6:1: extra: Unrecognized key/],
    [
      'an unknown scenario',
      `${HEAD}cells:\n  - {scenario: power-los-set, target: engine-sim, seconds: 1}\n`,
      /:6:16: cells\[0\]\.scenario: .*Did you mean power-loss-set/,
    ],
    [
      'an unknown number of the plan',
      `${HEAD}cells:\n  - {scenario: power-loss-set, target: engine-sim, plan: {loops: 3}, seconds: 1}\n`,
      /has no loops/,
    ],
    [
      'the same cell twice',
      `${HEAD}cells:\n${'  - {scenario: power-loss-set, target: engine-sim, seconds: 1}\n'.repeat(2)}`,
      /is there twice/,
    ],
  ])('is refused with its place: %s', (_, yaml, message) => {
    expect(load(yaml)).toThrow(message);
  });
});

describe('the schema for editors', () => {
  it('is the one that matrices are checked with (npm run assay -- schema writes it)', () => {
    const saved = readFileSync(join(MATRICES, 'matrix.schema.json'), 'utf8');
    expect(JSON.parse(saved)).toEqual(JSON.parse(JSON.stringify(matrixJsonSchema())));
  });

  it('is named in the first line of each matrix', () => {
    for (const path of matrices().values()) {
      const [first] = readFileSync(path, 'utf8').split('\n');
      expect(first).toBe('# yaml-language-server: $schema=./matrix.schema.json');
    }
  });
});

describe('cells', () => {
  it('get their seed from the run’s seed and their id alone', () => {
    const choice = { scenario: 'power-loss-set', target: 'engine-sim' };
    expect(cellOf(registry, 1, choice)).toEqual(cellOf(registry, 1, choice));
    expect(cellOf(registry, 2, choice).seed).not.toBe(cellOf(registry, 1, choice).seed);
  });

  it('print a command that names everything they depend on', () => {
    const scenario = registry.scenarios.get('power-loss-set')!;
    const choice = { scenario: scenario.name, target: 'engine-sim', settings: { fanIn: 3 } };
    const cell = cellOf(registry, 1, { ...choice, mutant: 'skip-wal-sync', plan: { states: 9 } });
    const command = replayCommand(cell, scenario);
    expect(command).toMatch(/^node \/.*\/assay\.mjs run power-loss-set --target engine-sim/);
    expect(command).toContain('--set fanIn=3 --plan states=9 --mutant skip-wal-sync');
    expect(command).toContain(`--seed ${cell.seed} --config ${configHash(cell, scenario)}`);
    const changed = { ...scenario, checkers: [] };
    expect(configHash(cell, changed)).not.toBe(configHash(cell, scenario));
  });
});

describe('the nearest name', () => {
  it('is found for a slip and not for nonsense', () => {
    expect(nearest('durabilty', ['durability', 'recency'])).toBe('durability');
    expect(nearest('xyzzy', ['durability', 'recency'])).toBeUndefined();
  });
});
