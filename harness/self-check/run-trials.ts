/** What becomes of runs that stop, are resumed, divided and merged: no cell twice, none lost. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCells } from '../cells/run-cells.ts';
import { JOURNAL, RunJournal } from '../cells/run-journal.ts';
import { type Cell, RECORD_FORMAT, type RunRecord } from '../contract/run-record.ts';
import { type Registry, UsageError } from '../matrix/registry.ts';
import { refuseGaps, refuseStrangers, type ShardPart } from '../matrix/shard-parts.ts';
import { shardsOf } from '../matrix/shards.ts';
import { makeScratch, removeScratch } from '../real/scratch.ts';

const cell = (id: string, more: Partial<Cell> = {}): Cell => ({
  ...{ id, scenario: id, target: 't', settings: {}, seed: 1 },
  ...more,
});
const CELLS = ['a', 'b', 'c', 'd', 'e'].map((id) => cell(id));
const PLANTED = cell('a/bug:x', { scenario: 'a', mutant: 'x' });
const SHARDS = 3;

export async function tryRuns(): Promise<string | undefined> {
  return (await tryResume()) ?? tryJournal() ?? tryShards() ?? tryMerge();
}

/** All cells have finished: a run that is resumed starts none, and keeps their records. */
async function tryResume(): Promise<string | undefined> {
  const records = CELLS.map(recordOf);
  let started: string | undefined;
  const registry: Registry = {
    ...{ targets: new Map(), workloads: new Map(), checkers: new Map(), faults: new Map() },
    ...{ mutants: new Map(), modules: new Map() },
    scenarios: new Map(
      CELLS.map(({ scenario: name }) => [
        name,
        {
          ...{ name, why: '', workload: 'none', plan: { kind: 'known-histories' }, faults: [] },
          ...{ checkers: [], expect: 'holds', limitSeconds: 1 },
        },
      ]),
    ),
  };
  const begun = new Error('a cell was started');
  const again = await runCells(CELLS, {
    ...{ registry, plugins: [], directory: '', lanes: 1, bail: false },
    finished: new Map(records.map((record) => [record.cell.id, record])),
    watcher: {
      started: ({ id }) => {
        started = id;
        throw begun;
      },
      progressed: () => undefined,
      finished: () => undefined,
    },
  }).catch((error: unknown) => {
    if (error === begun) return [];
    throw error;
  });
  if (started !== undefined) return `a resumed run runs ${started} again, which had finished`;
  const isKept = again.length === records.length && again.every((one, i) => one === records[i]);
  return isKept ? undefined : `of ${records.length} finished cells ${again.length} are kept`;
}

/** A kill cuts the line of one cell short: that one has not finished, the others have. */
function tryJournal(): string | undefined {
  const scratch = makeScratch();
  try {
    const journal = new RunJournal(scratch);
    journal.add('a');
    appendFileSync(join(scratch, JOURNAL), '\n"b');
    new RunJournal(scratch).add('c');
    const ids = [...journal.ids()].join(' ');
    return ids === 'a c' ? undefined : `cells a and c had finished, and the journal has ${ids}`;
  } finally {
    removeScratch(scratch);
  }
}

function tryShards(): string | undefined {
  const shards = shardsOf([...CELLS, PLANTED], SHARDS);
  const all = shards.flatMap((own) => own.map(({ id }) => id)).sort();
  const wanted = [...CELLS, PLANTED].map(({ id }) => id).sort();
  if (all.join() !== wanted.join()) return `shards of ${wanted.join()} hold ${all.join()}`;
  const home = shards.find((own) => own.includes(PLANTED));
  return home?.some(({ id }) => id === 'a') ? undefined : 'a planted bug is without its control';
}

function tryMerge(): string | undefined {
  const [one, two, three] = [1, 2, 3].map((index) => part(index)) as [
    ShardPart,
    ShardPart,
    ShardPart,
  ];
  const right = whyRefused([two, one, three]);
  if (right !== undefined) return `shards of one run are refused: ${right}`;
  const wrong: readonly (readonly [what: string, parts: readonly ShardPart[]])[] = [
    ['a missing shard', [one, two]],
    ['a shard that is there twice', [one, two, two, three]],
    ['a shard of other sources', [one, two, part(3, { tree: 'other' })]],
    ['a shard of another seed', [one, two, part(3, { seed: 2 })]],
    ['a shard of other cells', [one, two, part(3, { cells: CELLS.slice(1) })]],
  ];
  const taken = wrong.find(([, parts]) => whyRefused(parts) === undefined);
  return taken && `${taken[0]} is merged`;
}

function whyRefused(parts: readonly ShardPart[]): string | undefined {
  try {
    refuseStrangers(parts[0]!, parts);
    refuseGaps(parts, SHARDS);
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

function part(index: number, more: Partial<ShardPart['manifest']> = {}): ShardPart {
  const manifest = { name: 'run', seed: 1, cells: CELLS, settings: {}, commit: 'c', tree: 't' };
  return {
    directory: `shard-${index}`,
    shard: { index, of: SHARDS },
    manifest: { ...manifest, ...more },
  };
}

function recordOf(own: Cell): RunRecord {
  return {
    ...{ format: RECORD_FORMAT, cell: own, validity: 'valid', expect: 'holds', startedAt: '' },
    ...{ verdict: { validity: 'valid', reasons: [], counts: {} }, durationMs: 0, figures: {} },
    ...{ artefacts: [], replay: '', notVerified: [] },
  };
}
