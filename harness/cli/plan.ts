/**
 * `assay plan`: the cells that a run would have, and the shard of each, without running any. With
 * `--format github` one line for the `matrix` of a workflow's job, an entry a shard.
 */
import { loadRegistry, UsageError } from '../matrix/registry.ts';
import { shardsOf, weightOf } from '../matrix/shards.ts';
import { type PlanChoice, withMatrixPlugins } from './plan-choice.ts';
import { planOf } from './run.ts';
import { alignedTable, wholeNumber } from './words.ts';

export interface PlanOptions extends PlanChoice {
  readonly shards: string;
  readonly format: string;
}

export async function plan(scenario: string | undefined, given: PlanOptions): Promise<number> {
  const count = wholeNumber('--shards', given.shards, 1, 10_000);
  const print = FORMATS[given.format];
  if (print === undefined) {
    throw new UsageError(
      `--format wants ${Object.keys(FORMATS).join(', ')}, not "${given.format}".`,
    );
  }
  const options = withMatrixPlugins(given);
  const planned = planOf(await loadRegistry(options.plugin), scenario, options);
  const shards = shardsOf(planned.cells, count);
  const empty = shards.findIndex((cells) => cells.length === 0);
  if (empty >= 0) throw new UsageError(`--shards ${count} is too many: ${empty} suffice.`);
  console.log(print(planned, shards));
  return 0;
}

type Planned = ReturnType<typeof planOf>;
type Print = (planned: Planned, shards: ReturnType<typeof shardsOf>) => string;

const FORMATS: Readonly<Record<string, Print>> = {
  text: ({ cells }, shards) =>
    alignedTable(
      ['cell', 'seed', 'shard'],
      cells.map((cell) => [cell.id, String(cell.seed), shardWith(shards, cell.id)]),
    ),
  json: ({ name, seed, cells }, shards) =>
    JSON.stringify(
      { name, seed, cells: cells.map((cell) => ({ ...cell, shard: shardWith(shards, cell.id) })) },
      null,
      2,
    ),
  github: ({ name, seed }, shards) =>
    JSON.stringify({
      include: shards.map((cells, i) => ({
        ...{ run: name, seed, shard: `${i + 1}/${shards.length}` },
        ...{ cells: cells.length, limitSeconds: weightOf(cells) },
      })),
    }),
};

function shardWith(shards: ReturnType<typeof shardsOf>, id: string): string {
  const index = shards.findIndex((cells) => cells.some((cell) => cell.id === id));
  return `${index + 1}/${shards.length}`;
}
