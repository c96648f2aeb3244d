/**
 * `assay replay`: repeats the cell of a saved record and reports whether the result is the same. A
 * simulated cell must reproduce its history's hash. A real crash never hits the same instant twice, so
 * the answer is how often the verdict was reproduced.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { runCells } from '../cells/run-cells.ts';
import { RECORD_FORMAT, type RunRecord } from '../contract/run-record.ts';
import { loadRegistry, UsageError } from '../matrix/registry.ts';
import { makeScratch, removeScratch } from '../real/scratch.ts';
import { loadManifest, MANIFEST } from './run-manifest.ts';

const REAL_REPEATS = 3;

export async function replay(
  path: string,
  options: { readonly repeat?: string; readonly plugin: readonly string[] },
): Promise<number> {
  const { file, record } = readRecord(path);
  const simulated = record.historyHash !== undefined;
  const repeats = Number(options.repeat ?? (simulated ? 1 : REAL_REPEATS));
  if (!Number.isSafeInteger(repeats) || repeats < 1) {
    throw new UsageError(`--repeat wants a whole number, not "${options.repeat}".`);
  }
  const plugins = [...new Set([...pluginsOf(file), ...options.plugin])];
  const registry = await loadRegistry(plugins);
  let same = 0;
  for (let i = 0; i < repeats; i++) {
    const scratch = makeScratch();
    const [again] = await runCells([record.cell], {
      registry,
      plugins,
      directory: scratch,
      lanes: 1,
      bail: false,
      watcher: { started: () => {}, progressed: () => {}, finished: () => {} },
    });
    removeScratch(scratch);
    const verdictSame = again?.verdict.validity === record.verdict.validity;
    if (verdictSame && again?.historyHash === record.historyHash) same++;
    for (const reason of again?.verdict.reasons.slice(0, 3) ?? []) console.log(`  ${reason}`);
    if (simulated) console.log(`history: ${again?.historyHash}, was ${record.historyHash}`);
  }
  console.log(`reproduced ${same} of ${repeats}: ${record.verdict.validity}, ${record.cell.id}`);
  if (simulated) return same === repeats ? 0 : 1;
  return same > 0 ? 0 : 2;
}

/** Those of the run, whose plan lies above its cells; nothing where the record was moved. */
function pluginsOf(record: string): readonly string[] {
  const run = join(dirname(record), '..', '..');
  return existsSync(join(run, MANIFEST)) ? loadManifest(run).plugins : [];
}

function readRecord(path: string): { readonly file: string; readonly record: RunRecord } {
  const given = resolve(path);
  const file =
    existsSync(given) && statSync(given).isDirectory() ? join(given, 'record.json') : given;
  if (!existsSync(file)) throw new UsageError(`There is no run record ${file}.`);
  let record: Partial<RunRecord>;
  try {
    record = JSON.parse(readFileSync(file, 'utf8')) as Partial<RunRecord>;
  } catch (error) {
    throw new UsageError(`${file} is not a run record: ${(error as Error).message}`);
  }
  if (record.format === RECORD_FORMAT && record.cell && record.verdict) {
    return { file, record: record as RunRecord };
  }
  throw new UsageError(
    `${file} is not a run record. They lie in cells/<cell>/record.json of a run's directory.`,
  );
}
