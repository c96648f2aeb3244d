/**
 * `assay merge`: the shards of one run as one run, with the same cells, seeds, verdicts and counts.
 * Refuses shards that are missing, given twice, unfinished, or of another run or other sources.
 */
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isJudged } from '../../reports/io.ts';
import type { RunInfo } from '../../reports/run-info.ts';
import { RunJournal } from '../cells/run-journal.ts';
import { loadRegistry, UsageError } from '../matrix/registry.ts';
import { assayCommand } from '../matrix/replay-command.ts';
import { refuseGaps, refuseStrangers, type ShardPart } from '../matrix/shard-parts.ts';
import { shardCells, shardName } from '../matrix/shards.ts';
import { report } from './execute.ts';
import { CELLS, newRunDirectory } from './run-directory.ts';
import { loadManifest, type RunManifest, saveManifest } from './run-manifest.ts';

type Part = ShardPart & { readonly manifest: RunManifest };

export async function merge(
  directories: readonly string[],
  { out, json }: { readonly out?: string; readonly json: boolean },
): Promise<number> {
  const parts = directories.map(partIn);
  const [first] = parts;
  if (first === undefined) throw new UsageError('Which shards? Name the directory of each.');
  refuseStrangers(first, parts);
  refuseGaps(parts, first.shard.of);
  for (const part of parts) refuseUnfinished(part);
  const { shard: _, ...whole } = first.manifest;
  const startedAt = parts.map(({ manifest }) => manifest.startedAt).sort()[0]!;
  const manifest: RunManifest = { ...whole, startedAt };
  const registry = await loadRegistry(manifest.plugins);
  const directory = newRunDirectory(out);
  saveManifest(directory, manifest);
  for (const part of parts) {
    cpSync(join(part.directory, CELLS), join(directory, CELLS), { recursive: true });
  }
  const journal = new RunJournal(directory);
  for (const { id } of manifest.cells) journal.add(id);
  const records = [...journal.records(manifest.cells, join(directory, CELLS)).values()];
  return report(registry, directory, manifest, mergedInfo(parts, manifest), records, { json });
}

function partIn(path: string): Part {
  const directory = resolve(path);
  const manifest = loadManifest(directory);
  if (manifest.shard !== undefined) return { directory, manifest, shard: manifest.shard };
  throw new UsageError(
    `${directory} is no shard but a whole run; assay run --shard i/n makes one.`,
  );
}

function refuseUnfinished({ directory, manifest, shard }: Part): void {
  const own = shardCells(manifest.cells, shard);
  const finished = new RunJournal(directory).records(own, join(directory, CELLS));
  const left = own.filter(({ id }) => {
    const record = finished.get(id);
    return record === undefined || !isJudged(record);
  });
  if (left.length === 0) return;
  throw new UsageError(
    `Shard ${shardName(shard)} in ${directory} left out ${left.length} of ${own.length} cells. Go on: ${assayCommand('run', '--resume', directory)}`,
  );
}

function mergedInfo(parts: readonly Part[], manifest: RunManifest): RunInfo {
  const infos = parts
    .map(({ directory }) => join(directory, 'run.json'))
    .filter((path) => existsSync(path)) // killed after its last cell, it has none
    .map((path) => JSON.parse(readFileSync(path, 'utf8')) as RunInfo);
  const { name, doc, seed, startedAt, commit, tree, command } = manifest;
  return {
    ...{ name, doc, seed, startedAt, commit, tree, command },
    durationMs: infos.reduce((sum, { durationMs }) => sum + durationMs, 0),
    machine: [...new Set(infos.map(({ machine }) => machine))].join(' and '),
    node: process.versions.node,
  };
}
