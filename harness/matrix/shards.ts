/**
 * Shards: a run's cells, divided among machines. The division depends on the cells and the number of
 * shards alone, so that machines need not talk. A planted bug goes with its clean twin, which serves
 * as its control. Groups go to the lightest shard, heaviest group first, by the seconds that their
 * cells may take.
 */
import type { Cell } from '../contract/run-record.ts';

export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly of: number;
}

/** Weight of a cell that declares no limit: a planted bug. */
const DEFAULT_LIMIT_SECONDS = 25;

/** The cells of each shard, in the order of the run. With more shards than cells some are empty. */
export function shardsOf(cells: readonly Cell[], count: number): readonly (readonly Cell[])[] {
  const groups = Map.groupBy(cells, groupKey);
  const heaviestFirst = [...groups.values()]
    .map((members) => ({ members, weight: weightOf(members) }))
    .sort((a, b) => b.weight - a.weight); // stable: equal groups keep their order
  const loads = Array.from({ length: count }, () => 0);
  const shardOf = new Map<string, number>();
  for (const { members, weight } of heaviestFirst) {
    const lightest = loads.indexOf(Math.min(...loads));
    loads[lightest]! += weight;
    for (const { id } of members) shardOf.set(id, lightest);
  }
  return loads.map((_, i) => cells.filter(({ id }) => shardOf.get(id) === i));
}

export function shardCells(cells: readonly Cell[], shard: Shard | undefined): readonly Cell[] {
  return shard === undefined ? cells : shardsOf(cells, shard.of)[shard.index - 1]!;
}

export const shardName = ({ index, of }: Shard): string => `${index}/${of}`;

/** Seconds that cells may take together before they are stopped. */
export function weightOf(cells: readonly Cell[]): number {
  return cells.reduce((sum, { limitSeconds = DEFAULT_LIMIT_SECONDS }) => sum + limitSeconds, 0);
}

/** Equal for a planted bug and its clean twin. */
function groupKey({ scenario, target, settings, seed }: Cell): string {
  const sorted = Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([scenario, target, sorted, seed]);
}
