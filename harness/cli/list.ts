/** `assay list`: everything that has a name. */
import type { Scenario } from '../contract/scenario.ts';
import { scenariosOf } from '../mutants/mutant.ts';
import { whyUnfit } from '../runner/applicability.ts';
import { loadRegistry, lookUp, type Registry, UsageError } from '../runner/registry.ts';
import { matrices } from './places.ts';

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
    ['matrices', [...matrices()].map(([name, path]) => [name, path])],
  ]);
  if (kind !== undefined) lookUp(kinds, 'kind', kind);
  if (options.target !== undefined && kind !== 'scenarios') {
    throw new UsageError('--target goes with scenarios: assay list scenarios --target engine.');
  }
  for (const [name, entries] of kinds) {
    if (kind !== undefined && kind !== name) continue;
    if (kind === undefined) console.log(`${name}:`);
    for (const [entry, doc] of entries) console.log(`  ${entry.padEnd(34)} ${doc}`);
  }
  return 0;
}

function scenariosFor(registry: Registry, target: string | undefined): readonly Scenario[] {
  const all = [...registry.scenarios.values()];
  if (target === undefined) return all;
  const found = lookUp(registry.targets, 'target', target).target;
  return all.filter((scenario) => whyUnfit(registry, scenario, found) === undefined);
}
