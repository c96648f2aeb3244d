/**
 * `assay mutants`: plants each bug of the catalogue in turn and runs the scenario that must catch it.
 * Prints the kill matrix and writes a report as `assay run` does. Exit code 0 when all are caught.
 */
import { join } from 'node:path';
import type { RunRecord } from '../contract/run-record.ts';
import { MUTANTS } from '../mutants/catalogue.ts';
import type { Mutant } from '../mutants/mutant.ts';
import { cellOf } from '../runner/matrix.ts';
import { loadRegistry, lookUp, UsageError } from '../runner/registry.ts';
import { OUT } from './places.ts';
import { type ExecuteOptions, execute } from './run.ts';
import { alignedTable, pairs, parseSetting, wholeNumber } from './words.ts';

export interface MutantsOptions extends ExecuteOptions {
  readonly area?: string;
  readonly target: string;
  readonly set: readonly string[];
  readonly seed: string;
  readonly list: boolean;
}

/** Small files, so that short runs go through every part of the engine. */
const SMALL = { segmentBytes: 4096, blockBytes: 1024, fanIn: 3 };

export async function mutants(names: readonly string[], options: MutantsOptions): Promise<number> {
  const chosen = choose(names, options.area);
  if (options.list) {
    console.log(
      alignedTable(
        ['bug', 'area', 'scenario', 'what is wrong'],
        chosen.map(({ name, area, scenario, doc }) => [name, area, scenario, doc]),
      ),
    );
    return 0;
  }
  const registry = await loadRegistry(options.plugin);
  const seed = wholeNumber('--seed', options.seed, 0);
  const given = { ...SMALL, ...pairs('--set', options.set, parseSetting) };
  const cells = chosen.map(({ name: mutant, scenario, target = options.target, settings = {} }) =>
    cellOf(registry, seed, { scenario, target, mutant, settings: { ...given, ...settings } }),
  );
  const words = [...names, ...(options.area === undefined ? [] : [`--area ${options.area}`])];
  const command = `npm run assay -- mutants ${words.join(' ')} --seed ${seed}`.replaceAll(
    '  ',
    ' ',
  );
  const doc = `${chosen.length} planted bugs, each in the scenario that must catch it`;
  const out =
    options.out ?? join(OUT, `mutants-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`);
  let records: readonly RunRecord[] = [];
  const code = await execute(
    registry,
    { name: 'planted bugs', doc, seed, cells },
    { ...options, out },
    (ended) => {
      records = ended;
      return command;
    },
  );
  if (!options.json) console.log(`\n${killMatrix(records)}`);
  return code;
}

function choose(names: readonly string[], area: string | undefined): readonly Mutant[] {
  const byName = new Map(MUTANTS.map((mutant) => [mutant.name, mutant] as const));
  const named = names.map((name) => lookUp(byName, 'mutant', name));
  const all = named.length > 0 ? named : MUTANTS;
  const chosen = area === undefined ? all : all.filter((mutant) => mutant.area === area);
  if (chosen.length > 0) return chosen;
  const areas = [...new Set(MUTANTS.map((mutant) => mutant.area))].join(', ');
  throw new UsageError(`There is no planted bug in the area ${area}; there are ${areas}.`);
}

function killMatrix(records: readonly RunRecord[]): string {
  const seconds = records.map(({ durationMs }) => durationMs / 1000).sort((a, b) => a - b);
  const rows = records.map(({ cell, mutant, durationMs, verdict }) => [
    cell.mutant ?? '',
    cell.scenario,
    mutant?.outcome ?? '',
    String(mutant?.seeds ?? ''),
    (durationMs / 1000).toFixed(1),
    mutant?.shrunk?.to ?? '',
    (verdict.reasons[0] ?? '').slice(0, 120),
  ]);
  const table = alignedTable(
    ['bug', 'scenario', 'outcome', 'seeds', 'seconds', 'shrunk to', 'how it showed'],
    rows,
  );
  const quick = seconds.filter((each) => each <= 60).length;
  const median = seconds[Math.floor(seconds.length / 2)] ?? 0;
  return `${table}\n\nmedian ${median.toFixed(1)} s; ${quick} of ${seconds.length} within 60 s`;
}
