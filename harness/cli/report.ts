/** `assay report`: regenerates a saved run's reports. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { writeReports } from '../../reports/io.ts';
import { exitCode } from '../contract/verdict.ts';
import { UsageError } from '../matrix/registry.ts';
import { assayCommand } from '../matrix/replay-command.ts';
import { CHECKLISTS, OUT, PUBLISHED } from './places.ts';
import { MANIFEST } from './run-manifest.ts';

export function report(directory: string | undefined): number {
  const run = directory === undefined ? join(OUT, 'latest') : resolve(directory);
  if (!existsSync(join(run, 'run.json')) && existsSync(join(run, MANIFEST))) {
    throw new UsageError(
      `The run in ${run} has no report: it still runs, or it was killed. Go on: ${assayCommand('run', '--resume', run)}`,
    );
  }
  if (!existsSync(join(run, 'run.json'))) {
    throw new UsageError(`There is no saved run in ${run} (no run.json).`);
  }
  const model = writeReports(run, CHECKLISTS, PUBLISHED);
  console.log(model.headline);
  console.log(`report: ${join(run, 'report.html')}`);
  return exitCode([model.validity]);
}
