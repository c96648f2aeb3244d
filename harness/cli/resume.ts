/**
 * `assay run --resume DIR`: runs the cells of a saved run that have not finished, with the same seeds
 * and settings, and writes one report. Refuses other sources than the run began with, because the
 * report would be of neither; `--force` mixes them, and the report then names no tree.
 */
import { loadRegistry, UsageError } from '../matrix/registry.ts';
import { type PartOptions, runPart } from './execute.ts';
import { commitOf } from './machine.ts';
import { loadManifest, type RunManifest, saveManifest, treeOf } from './run-manifest.ts';

export interface ResumeOptions extends PartOptions {
  readonly force: boolean;
}

/** The tree of a run whose cells ran on different sources; no evidence for any of them. */
const MIXED = 'mixed';

export async function resume(directory: string, options: ResumeOptions): Promise<number> {
  const saved = loadManifest(directory);
  const manifest = onThisTree(directory, saved, options.force);
  const registry = await loadRegistry(manifest.plugins);
  return (await runPart(registry, directory, manifest, options)).code;
}

function onThisTree(directory: string, saved: RunManifest, force: boolean): RunManifest {
  const tree = treeOf(saved.plugins);
  if (tree === saved.tree) return saved;
  const commit = commitOf();
  if (!force) {
    throw new UsageError(
      `The run in ${directory} began on other sources (commit ${saved.commit}, tree ${saved.tree}; now ${commit}, ${tree}). Check out that commit, begin another run, or mix both with --force.`,
    );
  }
  const mixed = { ...saved, tree: MIXED, commit: `${saved.commit} and ${commit}` };
  saveManifest(directory, mixed);
  return mixed;
}
