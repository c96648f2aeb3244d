/** `assay list`: names and descriptions of scenarios, targets and all other plug-ins. */
import { readFileSync } from 'node:fs';
import type { Scenario } from '../contract/scenario.ts';
import { whyUnfit } from '../matrix/applicability.ts';
import { loadRegistry, lookUp, type Registry, UsageError } from '../matrix/registry.ts';
import { scenariosOf } from '../mutants/mutant.ts';
import { ABILITIES } from '../real/abilities.ts';
import { matrices } from './places.ts';
import { columns, described } from './words.ts';

/** Column of the descriptions; on narrow terminals they go below the names. */
const INDENT = 36;
const NARROW_INDENT = 6;
const NARROW_COLUMNS = 80;

export interface ListOptions {
  readonly plugin: readonly string[];
  /** Scenarios: only those that can be run on this target. */
  readonly target?: string;
}

export async function list(kind: string | undefined, options: ListOptions): Promise<number> {
  const registry = await loadRegistry(options.plugin);
  const kinds = new Map<string, readonly Entry[]>([
    ['scenarios', scenariosFor(registry, options.target).map((one) => entryOf(registry, one))],
    ['targets', [...registry.targets.values()].map(({ target }) => [target.name, target.doc])],
    ['workloads', [...registry.workloads.values()].map(({ name, doc }) => [name, doc])],
    ['checkers', [...registry.checkers.values()].map(({ name, doc }) => [name, doc])],
    ['faults', [...registry.faults.values()].map(({ name, doc }) => [name, doc])],
    [
      'mutants',
      [...registry.mutants.values()].map((one) => [
        one.name,
        `${one.doc} (${scenariosOf(one).join(', ')})`,
      ]),
    ],
    ['matrices', [...matrices()].map(([name, path]) => [name, docOf(path)])],
    ['requirements', [...ABILITIES].map(([name, { doc }]) => [name, doc])],
  ]);
  if (kind === 'kinds') {
    for (const [name, entries] of kinds) console.log(described(name, `${entries.length}`, INDENT));
    return 0;
  }
  if (kind !== undefined) lookUp(kinds, 'kind', kind);
  if (options.target !== undefined && kind !== 'scenarios') {
    throw new UsageError('--target goes with scenarios: assay list scenarios --target engine.');
  }
  const indent = columns() < NARROW_COLUMNS ? NARROW_INDENT : INDENT;
  for (const [name, entries] of kinds) {
    if (kind !== undefined && kind !== name) continue;
    if (kind === undefined) console.log(`${name}:`);
    printEntries(entries, indent);
  }
  return 0;
}

type Entry = readonly [name: string, doc: string, group?: string];

/** A scenario in the group of its folder: of a plug-in, its own. */
function entryOf(registry: Registry, scenario: Scenario): Entry {
  const url = registry.modules.get(scenario);
  return [scenario.name, scenario.why, url?.split('/').at(-2) ?? 'plug-ins'];
}

/** Group by group, in the order of their names. */
function printEntries(entries: readonly Entry[], indent: number): void {
  const groups = Map.groupBy(entries, ([, , group]) => group);
  const inOrder = [...groups].sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  for (const [group, members] of inOrder) {
    if (group !== undefined) console.log(`${group}:`);
    for (const [name, doc] of members) console.log(described(name, doc, indent));
  }
}

function docOf(matrix: string): string {
  return /^doc: *(.*)$/m.exec(readFileSync(matrix, 'utf8'))?.[1] ?? matrix;
}

function scenariosFor(registry: Registry, target: string | undefined): readonly Scenario[] {
  const all = [...registry.scenarios.values()];
  if (target === undefined) return all;
  const found = lookUp(registry.targets, 'target', target).target;
  return all.filter((scenario) => whyUnfit(registry, scenario, found) === undefined);
}
