/** What a run prints when it ends: the verdict, what failed and how to replay it, the report. */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { RunRecord } from '../contract/run-record.ts';

/** The end of the id of a cell that `--repeat` made. */
const REPEAT = /\/repeat \d+$/;

export function announce(
  directory: string,
  headline: string,
  records: readonly RunRecord[],
  json: boolean,
): void {
  if (json) {
    console.log(readFileSync(join(directory, 'results.json'), 'utf8').trimEnd());
    return;
  }
  console.log(headline);
  const bugs = records.filter((record) => record.mutant !== undefined);
  const caught = bugs.filter((record) => record.mutant?.outcome === 'caught');
  if (bugs.length > 0) console.log(`planted bugs caught: ${caught.length} of ${bugs.length}`);
  const shown = records.filter(
    ({ validity, mutant }) =>
      validity === 'invalid' ||
      validity === 'unknown' ||
      (mutant !== undefined && bugs.length === 1),
  );
  for (const record of shown) {
    const { cell, verdict, validity, mutant } = record;
    console.log(`\n${mutant?.outcome ?? validity}: ${cell.id}, seed ${cell.seed}`);
    for (const reason of verdict.reasons.slice(0, 5)) console.log(`  ${reason}`);
    console.log(`  first bad operation: ${verdict.firstBadIndex ?? 'not known'}`);
    const artefacts = join(directory, 'cells', cell.id.replaceAll('/', '_'));
    console.log(`  artefacts: ${relative(process.cwd(), artefacts) || '.'}`);
    if (record.historyHash !== undefined) console.log(`  history: ${record.historyHash}`);
    console.log(`  replay: ${record.replay}`);
  }
  const repeats = records.filter(({ cell }) => REPEAT.test(cell.id));
  if (repeats.length > 1) {
    const failed = repeats.filter(({ verdict }) => verdict.validity === 'invalid').length;
    console.log(`reproduced ${failed} of ${repeats.length}`);
  }
  console.log(`report: ${join(directory, 'report.html')}`);
}
