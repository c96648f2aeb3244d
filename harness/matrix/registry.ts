/**
 * Registry: finds plugins by name. Built-in ones are the files of their folders; more come from
 * modules named with `--plugin`. No list to keep.
 */
import { readdirSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Checker } from '../contract/checker.ts';
import type { ClusterTarget } from '../contract/cluster.ts';
import type { Fault } from '../contract/fault.ts';
import type { Scenario } from '../contract/scenario.ts';
import type { EmbeddedTarget } from '../contract/target.ts';
import type { Workload } from '../contract/workload.ts';
import type { Mutant } from '../mutants/mutant.ts';
import type { SimulatedTarget } from '../simulation/sim/simulated-target.ts';

export type Target = EmbeddedTarget | SimulatedTarget | ClusterTarget;

export interface FoundTarget {
  readonly target: Target;
  readonly url: string;
  /** From `--plugin`: its adapter is untested. */
  readonly isPlugin: boolean;
}

export interface Registry {
  readonly targets: ReadonlyMap<string, FoundTarget>;
  readonly workloads: ReadonlyMap<string, Workload>;
  readonly checkers: ReadonlyMap<string, Checker>;
  readonly faults: ReadonlyMap<string, Fault>;
  readonly scenarios: ReadonlyMap<string, Scenario>;
  readonly mutants: ReadonlyMap<string, Mutant>;
  /** The module that each built-in plugin came from. */
  readonly modules: ReadonlyMap<Named, string>;
}

interface Named {
  readonly name: string;
}

const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'));

/**
 * With `only`, URLs out of `Registry.modules`, the rest of the built-in plugins and the planted bugs
 * are left out: a process that runs one cell starts three times as fast.
 */
export async function loadRegistry(
  plugins: readonly string[] = [],
  only?: ReadonlySet<string>,
): Promise<Registry> {
  const modules = new Map<Named, string>();
  const load = async <T extends Named>(
    folder: string,
    isNested = false,
  ): Promise<Map<string, T>> => {
    const found = await loadFolder<T>(folder, only, isNested);
    for (const { plugin, url } of found) modules.set(plugin, url);
    return new Map(found.map(({ plugin }) => [plugin.name, plugin]));
  };
  const checkers = await load<Checker>('../checkers/');
  const faults = await load<Fault>('../faults/');
  const workloads = await load<Workload>('../workloads/');
  const scenarios = await load<Scenario>('../../scenarios/', true);
  const targets = new Map<string, FoundTarget>();
  for (const [name, target] of await load<Target>('../targets/')) {
    targets.set(name, { target, url: modules.get(target)!, isPlugin: false });
  }
  const planted = only === undefined ? (await import('../mutants/catalogue.ts')).MUTANTS : [];
  const mutants = new Map(planted.map((mutant) => [mutant.name, mutant] as const));
  for (const path of plugins) {
    const url = pathToFileURL(resolve(path)).href;
    const plugin = await importDefault<Target | Checker | Fault | Workload | Scenario | Mutant>(
      url,
    );
    if (plugin === undefined) throw new UsageError(`${path} has no default export with a name.`);
    if ('replace' in plugin) mutants.set(plugin.name, besidePlugin(plugin, path));
    else if ('inject' in plugin || 'mode' in plugin) faults.set(plugin.name, plugin);
    else if ('open' in plugin || 'start' in plugin)
      targets.set(plugin.name, { target: plugin, url, isPlugin: true });
    else if ('check' in plugin) checkers.set(plugin.name, plugin);
    else if ('create' in plugin) workloads.set(plugin.name, plugin);
    else scenarios.set(plugin.name, plugin);
  }
  return { targets, workloads, checkers, faults, scenarios, mutants, modules };
}

/** A planted bug of a plug-in edits a file that it names relative to itself. */
function besidePlugin(mutant: Mutant, path: string): Mutant {
  return { ...mutant, file: resolve(dirname(path), mutant.file) };
}

async function loadFolder<T extends Named>(
  folder: string,
  only: ReadonlySet<string> | undefined,
  isNested: boolean,
): Promise<{ plugin: T; url: string }[]> {
  const directory = new URL(folder, import.meta.url);
  const found: { plugin: T; url: string }[] = [];
  for (const name of pluginFiles(directory, isNested)) {
    const url = new URL(name, directory).href;
    if (only !== undefined && !only.has(url)) continue;
    const plugin = await importDefault<T>(url);
    if (plugin !== undefined) found.push({ plugin, url });
  }
  return found;
}

/** Modules of a folder, with `isNested` also of the folders directly in it, by their file names. */
function pluginFiles(directory: URL, isNested: boolean): string[] {
  const isPlugin = (name: string) =>
    name.endsWith(EXTENSION) && !name.includes('.test.') && !name.endsWith('.d.ts');
  return readdirSync(directory, { withFileTypes: true })
    .flatMap((entry) => {
      if (!entry.isDirectory()) return [entry.name];
      if (!isNested) return [];
      const inside = readdirSync(new URL(`${entry.name}/`, directory));
      return inside.map((name) => `${entry.name}/${name}`);
    })
    .filter(isPlugin)
    .sort((a, b) => (basename(a) < basename(b) ? -1 : 1));
}

async function importDefault<T extends Named>(url: string): Promise<T | undefined> {
  let module: { default?: T };
  try {
    module = (await import(url)) as { default?: T };
  } catch (error) {
    throw new UsageError(`${url} can not be loaded: ${(error as Error).message}`);
  }
  return typeof module.default?.name === 'string' ? module.default : undefined;
}

/** Kinds of names that `assay list` shows. */
const LISTED = 'scenario target workload checker fault mutant matrix requirement kind'.split(' ');

/** Looks up `name`; throws with the nearest known name, and says where all are listed. */
export function lookUp<T>(
  map: ReadonlyMap<string, T>,
  kind: string,
  name: string,
  names: Iterable<string> | undefined = LISTED.includes(kind) ? undefined : map.keys(),
): T {
  const found = map.get(name);
  if (found !== undefined) return found;
  const near = nearest(name, [...map.keys()]);
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  const plural = kind === 'matrix' ? 'matrices' : `${kind}s`;
  const all = names === undefined ? `assay list ${plural} shows all.` : allOf(names);
  throw new UsageError(`There is no ${kind} ${name}.${hint} (${all})`);
}

function allOf(names: Iterable<string>): string {
  return `All: ${[...names].join(', ')}.`;
}

/** The user asked for something that does not exist or makes no sense: exit code 254. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The candidate with the smallest edit distance, if that is small enough to be a slip. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(3, Math.ceil(word.length / 2));
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(change, previous[j]! + 1, row[j - 1]! + 1));
    }
    previous = row;
  }
  return previous[b.length]!;
}
