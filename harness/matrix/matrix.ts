/**
 * Matrix: which scenarios run on which targets with which settings, as YAML. Errors name the file,
 * line, column and key.
 */
import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { Cell } from '../contract/run-record.ts';
import { type Mutant, scenariosOf } from '../mutants/mutant.ts';
import { planOf } from '../plans/run-plan.ts';
import { deriveSeed } from '../random/prng.ts';
import { ownSettings } from '../real/site/via.ts';
import { keyText, matrixSchema, problemOf } from './matrix-schema.ts';
import { lookUp, type Registry, type Target, UsageError } from './registry.ts';

/** A cell is stopped after this multiple of its declared `seconds`. */
const LIMIT_FACTOR = 5;

export interface Matrix {
  readonly name: string;
  readonly doc: string;
  readonly budgetSeconds: number;
  readonly seed: number;
  readonly cells: readonly Cell[];
  /** Seconds of all cells together, as declared. */
  readonly declaredSeconds: number;
  readonly api?: ApiDemand;
}

/** Whose interface has to be judged, and why some of it need not be. */
export interface ApiDemand {
  readonly targets: readonly string[];
  readonly unjudged: Readonly<Record<string, string>>;
}

/** Throws UsageError with file:line:column, and the key, for YAML or content that does not fit. */
export function loadMatrix(path: string, registry: Registry, seedOverride?: number): Matrix {
  const lines = new LineCounter();
  const document = parseDocument(readText(path), { lineCounter: lines });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  const broken = document.errors[0];
  if (broken !== undefined) throw new UsageError(`${at(broken.pos[0])}: ${broken.message}`);
  const placeOf = (keys: readonly PropertyKey[]): string => {
    for (let length = keys.length; length >= 0; length--) {
      const node = document.getIn(keys.slice(0, length), true);
      if (isNode(node) && node.range != null) return at(node.range[0]);
    }
    return path;
  };
  const placeOfKey = (keys: readonly PropertyKey[]): string => {
    const parent = document.getIn(keys.slice(0, -1), true);
    const pairs = isMap(parent) ? parent.items : [];
    const key = pairs
      .map((pair) => pair.key)
      .find((one) => isScalar(one) && one.value === keys.at(-1));
    return isScalar(key) && key.range != null ? at(key.range[0]) : placeOf(keys);
  };
  /** An error in there names the place and the key. */
  const within = <T>(keys: readonly PropertyKey[], action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw new UsageError(`${placeOf(keys)}: ${keyText(keys)}: ${(error as Error).message}`);
    }
  };
  const parsed = matrixSchema.safeParse(document.toJS());
  if (!parsed.success) {
    const { path: keys, isKey, text } = problemOf(parsed.error);
    throw new UsageError(`${isKey ? placeOfKey(keys) : placeOf(keys)}: ${text}`);
  }
  const { name, doc, budgetSeconds, cells, mutants } = parsed.data;
  const seed = seedOverride ?? parsed.data.seed;
  let declaredSeconds = 0;
  const expanded: Cell[] = cells.flatMap((entry, i) => {
    const { seconds, repeat = 1 } = entry;
    declaredSeconds += seconds * repeat;
    within(['cells', i, 'scenario'], () => lookUp(registry.scenarios, 'scenario', entry.scenario));
    within(['cells', i, 'target'], () => lookUp(registry.targets, 'target', entry.target));
    const cell = within(['cells', i], () => cellOf(registry, seed, entry));
    return repeated({ ...cell, limitSeconds: LIMIT_FACTOR * seconds }, repeat, seed);
  });
  const bugs = mutants && within(['mutants'], () => chosenMutants(registry, mutants));
  for (const planted of bugs ?? []) {
    const { name: mutant, target = mutants!.target } = planted;
    const settings = { ...mutants!.settings, ...planted.settings };
    for (const scenario of scenariosOf(planted)) {
      declaredSeconds += mutants!.seconds;
      const choice = { scenario, mutant, settings, target };
      expanded.push(within(['mutants'], () => cellOf(registry, seed, choice)));
    }
  }
  const ids = new Set<string>();
  for (const { id } of expanded) {
    if (ids.has(id)) throw new UsageError(`${path}: cell ${id} is there twice`);
    ids.add(id);
  }
  const demand = parsed.data.api;
  for (const [i, target] of (demand?.targets ?? []).entries()) {
    within(['api', 'targets', i], () => lookUp(registry.targets, 'target', target));
  }
  return {
    name,
    doc,
    budgetSeconds,
    seed,
    cells: expanded,
    declaredSeconds,
    ...(demand !== undefined && { api: { unjudged: {}, ...demand } as ApiDemand }),
  };
}

/**
 * Absolute paths of the plug-ins that a matrix file names. They have to be loaded before the matrix,
 * whose other errors are left to `loadMatrix`. Throws UsageError for a file that does not exist.
 */
export function matrixPlugins(path: string): readonly string[] {
  const named: unknown = parseDocument(readText(path)).toJS()?.plugins;
  if (!Array.isArray(named)) return [];
  return named.filter((one) => typeof one === 'string').map((one) => resolve(dirname(path), one));
}

interface MutantChoice {
  readonly target: string;
  readonly names?: readonly string[] | undefined;
  readonly every?: number | undefined;
  readonly first?: number | undefined;
}

/**
 * The bugs of `names`, and part `first` of `every` parts of those planted in the matrix's own target;
 * with neither, all. A bug's part follows from its name, so that a new bug moves no other: a matrix
 * that passed would otherwise meet bugs it was never tried with.
 */
function chosenMutants(registry: Registry, choice: MutantChoice): readonly Mutant[] {
  const { names, every, first = 0 } = choice;
  for (const name of names ?? []) lookUp(registry.mutants, 'mutant', name);
  const all = [...registry.mutants.values()];
  if (names === undefined && every === undefined) return all;
  const own = all.filter(({ target = choice.target }) => target === choice.target);
  const sample =
    every === undefined ? [] : own.filter(({ name }) => deriveSeed(0, name) % every === first);
  return all.filter((mutant) => names?.includes(mutant.name) || sample.includes(mutant));
}

function repeated(cell: Cell, times: number, seed: number): Cell[] {
  if (times === 1) return [cell];
  return Array.from({ length: times }, (_, i) => {
    const id = `${cell.id}/run ${i + 1}`;
    return { ...cell, id, seed: deriveSeed(seed, id) };
  });
}

export interface CellChoice {
  readonly scenario: string;
  readonly target: string;
  readonly settings?: Cell['settings'] | undefined;
  readonly plan?: Cell['plan'] | undefined;
  readonly mutant?: string | undefined;
}

/** A cell with its id and seed. Throws UsageError for names that do not exist. */
export function cellOf(registry: Registry, runSeed: number, choice: CellChoice): Cell {
  const { scenario, target, mutant } = choice;
  const tried = lookUp(registry.scenarios, 'scenario', scenario);
  const found = lookUp(registry.targets, 'target', target).target;
  const chosen = choice.settings ?? {};
  try {
    found.checkSettings?.(found.kind === 'cluster' ? ownSettings(chosen) : chosen);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  if (mutant !== undefined) {
    const { file } = lookUp(registry.mutants, 'mutant', mutant);
    if (file.startsWith('engine/') && !runsEngine(registry, found)) {
      throw new UsageError(
        `${mutant} is a bug of the reference engine, which ${target} does not run. Plant it in engine-sim or engine.`,
      );
    }
    if (tried.expect !== 'holds') {
      throw new UsageError(
        `${scenario} expects to find something in a clean target, so it can't catch a planted bug. Choose a scenario that expects holds (assay list scenarios).`,
      );
    }
    if (!isAbsolute(file) && !import.meta.url.endsWith('.ts')) {
      throw new UsageError(
        'Planted bugs are edits of the source, which a published package lacks.',
      );
    }
  }
  const words = Object.entries(chosen).map(([key, value]) => `${key}=${value}`);
  const id = [scenario, target, ...words, ...(mutant === undefined ? [] : [`bug:${mutant}`])].join(
    '/',
  );
  // A planted cell has the seed of its clean twin, which serves as its control.
  const cleanId = mutant === undefined ? id : id.slice(0, -`/bug:${mutant}`.length);
  const cell: Cell = {
    id,
    scenario,
    target,
    settings: chosen,
    seed: deriveSeed(runSeed, cleanId),
    ...(mutant === undefined ? {} : { mutant }),
    ...(choice.plan === undefined ? {} : { plan: choice.plan }),
  };
  planOf(tried, cell);
  return cell;
}

/** For a plug-in it is unknown. */
function runsEngine(registry: Registry, target: Target): boolean {
  const module = registry.modules.get(target);
  return module === undefined || /\/reference-engine[^/]*$/.test(module);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new UsageError(`There is no matrix file ${path}.`);
  }
}
