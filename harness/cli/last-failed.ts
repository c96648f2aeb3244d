/**
 * `assay run --last-failed`: the cells of an earlier run that failed, are unknown or were left out,
 * with their seeds and settings, in a run of their own on the sources as they are now.
 */
import { join } from 'node:path';
import { RunJournal } from '../cells/run-journal.ts';
import { loadRegistry } from '../matrix/registry.ts';
import { assayCommand } from '../matrix/replay-command.ts';
import { shardCells } from '../matrix/shards.ts';
import { type PartOptions, start } from './execute.ts';
import { CELLS } from './run-directory.ts';
import { loadManifest, manifestOf } from './run-manifest.ts';

/** No cells were run, so nothing is proven. */
const NOTHING_PROVEN = 2;

export async function lastFailed(
  directory: string,
  options: PartOptions & { readonly out?: string },
): Promise<number> {
  const { name, doc, seed, cells, shard, plugins, lanes, settings } = loadManifest(directory);
  const own = shardCells(cells, shard);
  const finished = new RunJournal(directory).records(own, join(directory, CELLS));
  const again = own.filter(({ id }) => {
    const validity = finished.get(id)?.validity;
    return validity !== 'valid' && validity !== 'unsupported';
  });
  if (again.length === 0) {
    console.log(`Nothing failed in ${directory}: there is nothing to run again.`);
    return NOTHING_PROVEN;
  }
  const command = assayCommand('run', '--last-failed', directory);
  const planned = { name: `${name}: what failed`, doc, seed, cells: again, command };
  const manifest = manifestOf(planned, plugins, lanes, settings);
  return (await start(await loadRegistry(plugins), manifest, options)).code;
}
