/** `assay list`: everything that has a name. */
import { readFileSync } from 'node:fs';
import type { Scenario } from '../contract/scenario.ts';
import { whyUnfit } from '../matrix/applicability.ts';
import { loadRegistry, lookUp, type Registry, UsageError } from '../matrix/registry.ts';
import { scenariosOf } from '../mutants/mutant.ts';
import { ABILITIES } from '../real/abilities.ts';
import { matrices } from './places.ts';
import { columns, described } from './words.ts';

/** Where the text behind a name begins; below it where there is little room. */
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
  const kinds = new Map<string, readonly (readonly [name: string, doc: string])[]>([
    ['scenarios', scenariosFor(registry, options.target).map(({ name, why }) => [name, why])],
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
    for (const [entry, doc] of entries) console.log(described(entry, doc, indent));
  }
  return 0;
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
