/**
 * Matrix: which scenarios run on which targets with which settings, as YAML. Errors name the file,
 * line and column.
 */
import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import type { Cell } from '../contract/run-record.ts';
import { type Mutant, scenariosOf } from '../mutants/mutant.ts';
import { deriveSeed } from '../random/prng.ts';
import { ownSettings } from '../real/site/via.ts';
import { lookUp, type Registry, type Target, UsageError } from './registry.ts';
import { planOf } from './run-plan.ts';

/** A cell may take so many times what it declares before it is stopped. */
const LIMIT_FACTOR = 5;

const settings = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const plan = z.record(z.string(), z.number());

const api = z.strictObject({
  /** Each method and option of their interfaces must have calls that a cell of the matrix judged. */
  targets: z.array(z.string()),
  /** Those that need not, each with the reason. */
  unjudged: z.record(z.string(), z.string()).optional(),
});

const schema = z.strictObject({
  name: z.string(),
  doc: z.string(),
  /** Seconds that the whole matrix may take on two lanes. */
  budgetSeconds: z.number().positive(),
  seed: z.number().int().nonnegative(),
  cells: z.array(
    z.strictObject({
      scenario: z.string(),
      target: z.string(),
      settings: settings.optional(),
      plan: plan.optional(),
      /** So many runs, each a cell with a seed of its own. */
      repeat: z.number().int().positive().optional(),
      /** Seconds that the cell takes here, for the budget. */
      seconds: z.number().positive(),
    }),
  ),
  api: api.optional(),
  /** One cell for each planted bug, on the scenario that must catch it. */
  mutants: z
    .strictObject({
      target: z.string(),
      settings: settings.optional(),
      seconds: z.number().positive(),
      /** Bugs to plant whatever else is planted. */
      names: z.array(z.string()).optional(),
      /** Every so manieth bug of the catalogue, from this one on. Default: all. */
      every: z.number().int().positive().optional(),
      first: z.number().int().nonnegative().optional(),
    })
    .optional(),
});

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

/** Throws UsageError with file:line:column for YAML or content that does not fit. */
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
  const parsed = schema.safeParse(document.toJS());
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UsageError(`${placeOf(issue!.path)}: ${issue!.message}`);
  }
  const { name, doc, budgetSeconds, cells, mutants } = parsed.data;
  const seed = seedOverride ?? parsed.data.seed;
  let declaredSeconds = 0;
  const expanded: Cell[] = cells.flatMap((entry, i) => {
    const { seconds, repeat = 1 } = entry;
    declaredSeconds += seconds * repeat;
    try {
      const cell = { ...cellOf(registry, seed, entry), limitSeconds: LIMIT_FACTOR * seconds };
      return repeated(cell, repeat, seed);
    } catch (error) {
      throw new UsageError(`${placeOf(['cells', i])}: ${(error as Error).message}`);
    }
  });
  for (const planted of mutants === undefined ? [] : chosenMutants(registry, mutants)) {
    const { name: mutant, target = mutants!.target } = planted;
    const settings = { ...mutants!.settings, ...planted.settings };
    for (const scenario of scenariosOf(planted)) {
      declaredSeconds += mutants!.seconds;
      expanded.push(cellOf(registry, seed, { scenario, mutant, settings, target }));
    }
  }
  const ids = new Set<string>();
  for (const { id } of expanded) {
    if (ids.has(id)) throw new UsageError(`${path}: cell ${id} is there twice`);
    ids.add(id);
  }
  const demand = parsed.data.api;
  for (const target of demand?.targets ?? []) lookUp(registry.targets, 'target', target);
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

interface MutantChoice {
  readonly target: string;
  readonly names?: readonly string[] | undefined;
  readonly every?: number | undefined;
  readonly first?: number | undefined;
}

/**
 * Those with a name, and every n-th of those that are planted in the matrix's own target, from `first`
 * on; with neither, all.
 */
function chosenMutants(registry: Registry, choice: MutantChoice): readonly Mutant[] {
  const { names, every, first = 0 } = choice;
  for (const name of names ?? []) lookUp(registry.mutants, 'mutant', name);
  const all = [...registry.mutants.values()];
  if (names === undefined && every === undefined) return all;
  const own = all.filter(({ target = choice.target }) => target === choice.target);
  const sample = every === undefined ? [] : own.filter((_, i) => i % every === first);
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
    if (!import.meta.url.endsWith('.ts')) {
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

/** Of a plug-in nobody knows. */
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
