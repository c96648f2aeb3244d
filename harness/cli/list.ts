/** `assay list`: everything that has a name. */
import { MUTANTS } from '../mutants/catalogue.ts';
import { loadRegistry, lookUp } from '../runner/registry.ts';
import { matrices } from './places.ts';

export async function list(kind: string | undefined, plugins: readonly string[]): Promise<number> {
  const registry = await loadRegistry(plugins);
  const kinds = new Map<string, readonly (readonly [name: string, doc: string])[]>([
    ['scenarios', [...registry.scenarios.values()].map(({ name, why }) => [name, why])],
    ['targets', [...registry.targets.values()].map(({ target }) => [target.name, target.doc])],
    ['workloads', [...registry.workloads.values()].map(({ name, doc }) => [name, doc])],
    ['checkers', [...registry.checkers.values()].map(({ name, doc }) => [name, doc])],
    ['faults', [...registry.faults.values()].map(({ name, doc }) => [name, doc])],
    ['mutants', MUTANTS.map(({ name, doc, scenario }) => [name, `${doc} (${scenario})`])],
    ['matrices', [...matrices()].map(([name, path]) => [name, path])],
  ]);
  if (kind !== undefined) lookUp(kinds, 'kind', kind);
  for (const [name, entries] of kinds) {
    if (kind !== undefined && kind !== name) continue;
    if (kind === undefined) console.log(`${name}:`);
    for (const [entry, doc] of entries) console.log(`  ${entry.padEnd(34)} ${doc}`);
  }
  return 0;
}
