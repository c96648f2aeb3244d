/**
 * RunManifest: the plan of a run, saved as `plan.json` when it starts. Together with the journal of
 * finished cells it is all that `--resume` and `assay merge` need.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { sourceHash } from '../cells/source-hash.ts';
import type { Cell } from '../contract/run-record.ts';
import type { ApiDemand } from '../matrix/matrix.ts';
import { UsageError } from '../matrix/registry.ts';
import type { Shard } from '../matrix/shards.ts';
import { commitOf } from './machine.ts';
import { writeJson } from './run-directory.ts';

export const MANIFEST = 'plan.json';
const FORMAT = 1;

/** The cells to run, independent of how they are run. */
export interface Planned {
  readonly name: string;
  readonly doc: string;
  readonly seed: number;
  readonly cells: readonly Cell[];
  /** Targets whose interface these cells must cover. */
  readonly api?: ApiDemand;
  /** The command that repeats the whole run. */
  readonly command: string;
}

/** How cells are run; a resumed run keeps these. */
export interface CellSettings {
  readonly bail: boolean;
  readonly shrinkPlanted: boolean;
  readonly triesMax?: number | undefined;
  readonly limitSeconds?: number | undefined;
  readonly memoryBytes?: number | undefined;
}

export interface RunManifest extends Planned {
  readonly format: typeof FORMAT;
  readonly startedAt: string;
  readonly commit: string;
  /** A hash of the sources and of the plug-ins' files: see `sourceHash`. */
  readonly tree: string;
  /** Absolute paths. */
  readonly plugins: readonly string[];
  readonly lanes: number;
  readonly settings: CellSettings;
  /** The part of `cells` that this run runs; without it, all. */
  readonly shard?: Shard;
}

export function manifestOf(
  planned: Planned,
  plugins: readonly string[],
  lanes: number,
  settings: CellSettings,
  shard?: Shard,
): RunManifest {
  const startedAt = new Date().toISOString();
  const tree = treeOf(plugins);
  const paths = plugins.map((path) => resolve(path));
  const commit = commitOf();
  return {
    format: FORMAT,
    ...{ startedAt, commit, tree, plugins: paths, lanes, settings },
    ...planned,
    ...(shard !== undefined && { shard }),
  };
}

/** `sourceHash`, and with plug-ins a hash over their files too. */
export function treeOf(plugins: readonly string[]): string {
  if (plugins.length === 0) return sourceHash();
  const hash = createHash('sha256').update(sourceHash());
  for (const path of plugins) hash.update(readFileSync(path));
  return hash.digest('hex').slice(0, 16);
}

export function saveManifest(directory: string, manifest: RunManifest): void {
  writeJson(join(directory, MANIFEST), manifest);
}

/** Throws UsageError if there is no plan, or one of an unknown version. */
export function loadManifest(directory: string): RunManifest {
  const path = join(directory, MANIFEST);
  if (!existsSync(path)) {
    throw new UsageError(`There is no run in ${directory}: it has no ${MANIFEST}.`);
  }
  let manifest: RunManifest;
  try {
    manifest = JSON.parse(readFileSync(path, 'utf8')) as RunManifest;
  } catch (error) {
    throw new UsageError(`${path} is not the plan of a run: ${(error as Error).message}.`);
  }
  if (manifest.format === FORMAT && Array.isArray(manifest.cells)) return manifest;
  throw new UsageError(`${path} is not the plan of a run that this version can resume.`);
}
