/**
 * `assay mutants`: plants each bug of the catalogue in turn and runs the scenarios that must catch
 * it. Prints the kill matrix and writes a report as `assay run` does. Exit code 0 when all are
 * caught. With `--where-seen` each bug is planted in every scenario that fits its target.
 */
import type { Cell, RunRecord } from '../contract/run-record.ts';
import { whyUnfit } from '../matrix/applicability.ts';
import { cellOf } from '../matrix/matrix.ts';
import { loadRegistry, lookUp, type Registry, UsageError } from '../matrix/registry.ts';
import { assayCommand, pluginWords } from '../matrix/replay-command.ts';
import { type Mutant, scenariosOf } from '../mutants/mutant.ts';
import { type ExecuteOptions, execute } from './execute.ts';
import { alignedTable, pairs, parseSetting, wholeNumber } from './words.ts';

export interface MutantsOptions extends ExecuteOptions {
  readonly area?: string;
  readonly target: string;
  readonly set: readonly string[];
  readonly seed: string;
  readonly list: boolean;
  readonly whereSeen: boolean;
}

/** Small files, so that short runs go through every part of the engine. */
const SMALL = { segmentBytes: 4096, blockBytes: 1024, fanIn: 3 };

export async function mutants(names: readonly string[], options: MutantsOptions): Promise<number> {
  const registry = await loadRegistry(options.plugin);
  const chosen = choose(registry, names, options.area);
  if (options.list) {
    console.log(
      alignedTable(
        ['bug', 'area', 'scenario', 'what is wrong'],
        chosen.map((one) => [one.name, one.area, scenariosOf(one).join(', '), one.doc]),
      ),
    );
    return 0;
  }
  const seed = wholeNumber('--seed', options.seed, 0);
  const cells = plantedCells(registry, chosen, seed, options);
  const words = [
    ...names,
    ...(options.area === undefined ? [] : ['--area', options.area]),
    ...['--target', options.target],
    ...options.set.flatMap((setting) => ['--set', setting]),
    ...(options.tries === undefined ? [] : ['--tries', options.tries]),
    ...(options.limit === undefined ? [] : ['--limit', options.limit]),
    ...(options.whereSeen ? ['--where-seen'] : []),
    ...pluginWords(options.plugin),
  ];
  const command = assayCommand('mutants', ...words, '--seed', String(seed));
  const doc = `${chosen.length} planted bugs, each in the scenarios that must catch it`;
  const planned = { name: 'planted bugs', doc, seed, cells, command };
  const { code, records } = await execute(registry, planned, options, 'mutants-');
  if (!options.whereSeen) {
    if (!options.json) console.log(`\n${killMatrix(records)}`);
    return code;
  }
  const seen = seenBy(records);
  if (!options.json) console.log(`\n${whereSeen(seen)}`);
  return [...seen.values()].every(({ caught }) => caught.length > 0) ? 0 : 2;
}

function plantedCells(
  registry: Registry,
  chosen: readonly Mutant[],
  seed: number,
  options: MutantsOptions,
): Cell[] {
  const given = { ...SMALL, ...pairs('--set', options.set, parseSetting) };
  return chosen.flatMap((mutant) => {
    const target = mutant.target ?? options.target;
    const settings = { ...given, ...mutant.settings };
    const scenarios = options.whereSeen ? fitting(registry, target) : scenariosOf(mutant);
    return scenarios.map((scenario) =>
      cellOf(registry, seed, { scenario, target, mutant: mutant.name, settings }),
    );
  });
}

/** Scenarios that may catch a bug of the target: they expect `holds`, and can be run on it. */
function fitting(registry: Registry, name: string): string[] {
  const { target } = lookUp(registry.targets, 'target', name);
  return [...registry.scenarios.values()]
    .filter((scenario) => scenario.expect === 'holds')
    .filter((scenario) => whyUnfit(registry, scenario, target) === undefined)
    .map((scenario) => scenario.name);
}

function choose(
  registry: Registry,
  names: readonly string[],
  area: string | undefined,
): readonly Mutant[] {
  const named = names.map((name) => lookUp(registry.mutants, 'mutant', name));
  const all = named.length > 0 ? named : [...registry.mutants.values()];
  const chosen = area === undefined ? all : all.filter((mutant) => mutant.area === area);
  if (chosen.length > 0) return chosen;
  const areas = [...new Set([...registry.mutants.values()].map((one) => one.area))].join(', ');
  throw new UsageError(`There is no planted bug in the area ${area}; there are ${areas}.`);
}

interface Seen {
  readonly caught: readonly string[];
  readonly missed: readonly string[];
}

function seenBy(records: readonly RunRecord[]): ReadonlyMap<string, Seen> {
  const seen = new Map<string, Seen>();
  for (const { cell, mutant } of records) {
    const { caught, missed } = seen.get(cell.mutant!) ?? { caught: [], missed: [] };
    const own = mutant?.outcome === 'caught';
    seen.set(cell.mutant!, {
      caught: own ? [...caught, cell.scenario] : caught,
      missed: own ? missed : [...missed, cell.scenario],
    });
  }
  return seen;
}

function whereSeen(seen: ReadonlyMap<string, Seen>): string {
  const rows = [...seen].map(([bug, { caught, missed }]) => [
    bug,
    String(caught.length),
    caught.join(' '),
    missed.join(' '),
  ]);
  return alignedTable(['bug', 'seen by', 'scenarios that see it', 'scenarios that do not'], rows);
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
