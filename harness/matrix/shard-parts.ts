/** Whether shards belong together: all of one run, on the same sources, each there once. */
import type { Cell } from '../contract/run-record.ts';
import { UsageError } from './registry.ts';
import { type Shard, shardName } from './shards.ts';

export interface ShardPart {
  readonly directory: string;
  readonly shard: Shard;
  /** As far as it tells runs apart. */
  readonly manifest: {
    readonly name: string;
    readonly seed: number;
    readonly cells: readonly Cell[];
    readonly settings: object;
    readonly api?: object;
    readonly commit: string;
    /** Hash of the sources. */
    readonly tree: string;
  };
}

/** Throws where a part is of another run than the first, or ran on other sources. */
export function refuseStrangers(first: ShardPart, parts: readonly ShardPart[]): void {
  for (const { directory, manifest, shard } of parts) {
    if (manifest.tree !== first.manifest.tree) {
      throw new UsageError(
        `${directory} ran on other sources (commit ${manifest.commit}, tree ${manifest.tree}) than ${first.directory} (commit ${first.manifest.commit}, tree ${first.manifest.tree}).`,
      );
    }
    if (shard.of !== first.shard.of || planText(manifest) !== planText(first.manifest)) {
      throw new UsageError(
        `${directory} is shard ${shardName(shard)} of another run (${manifest.name}, seed ${manifest.seed}) than ${first.directory}.`,
      );
    }
  }
}

/** Equal for shards of one run. */
function planText({ name, seed, cells, settings, api }: ShardPart['manifest']): string {
  return JSON.stringify([name, seed, cells, settings, api]);
}

/** Throws where one of `of` shards is missing, or given twice. */
export function refuseGaps(parts: readonly ShardPart[], of: number): void {
  const byIndex = Map.groupBy(parts, ({ shard }) => shard.index);
  for (const [index, same] of byIndex) {
    if (same.length === 1) continue;
    const places = same.map(({ directory }) => directory).join(', ');
    throw new UsageError(`Shard ${index}/${of} is there ${same.length} times: ${places}.`);
  }
  const all = Array.from({ length: of }, (_, i) => i + 1);
  const missing = all.filter((index) => !byIndex.has(index)).map((index) => `${index}/${of}`);
  if (missing.length === 0) return;
  throw new UsageError(`Shards are missing: ${missing.join(', ')}.`);
}
