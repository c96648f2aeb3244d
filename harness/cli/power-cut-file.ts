/**
 * PowerCutFile: the saved record of a power-cut run. Replaced by rename after each configuration, so an
 * interrupted run keeps what it had finished.
 *
 * In the directory of a matrix run the figures become a part of that run's report. Runs that differ in
 * what happens to the power or the disk have files of their own.
 */
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeReports } from '../../reports/io.ts';
import { powerCutHtml, powerCutMarkdown } from '../../reports/power-cut-report.ts';
import type { PowerCutRun } from '../contract/power-cut-record.ts';
import { DEFAULT_MODEL } from '../real/power-loss/volatile/models.ts';
import { CHECKLISTS, PUBLISHED } from './places.ts';

export interface PowerCutCircumstances {
  readonly fault?: string;
  readonly fs: string;
  readonly clients: string;
  readonly every: boolean;
  readonly nested: boolean;
}

export class PowerCutFile {
  readonly #directory: string;
  readonly #name: string;

  constructor(directory: string, circumstances: PowerCutCircumstances) {
    this.#directory = directory;
    this.#name = nameFor(circumstances);
    mkdirSync(directory, { recursive: true });
  }

  write(run: PowerCutRun): void {
    const path = join(this.#directory, this.#name);
    writeFileSync(`${path}.next`, `${JSON.stringify(run, null, 2)}\n`);
    renameSync(`${path}.next`, path);
  }

  /** The record, and the report that shows it. */
  writeReports(run: PowerCutRun): void {
    this.write(run);
    const directory = this.#directory;
    if (existsSync(join(directory, 'run.json'))) {
      writeReports(directory, CHECKLISTS, PUBLISHED);
      return;
    }
    writeFileSync(join(directory, 'report.html'), powerCutHtml(run));
    writeFileSync(join(directory, 'report.md'), powerCutMarkdown(run));
  }
}

function nameFor({ fault, fs, clients, every, nested }: PowerCutCircumstances): string {
  const words = [
    ...['power-loss', ...(fault === undefined ? [] : [fault])],
    ...(fs === DEFAULT_MODEL ? [] : [fs]),
    ...(clients === '1' ? [] : [`clients-${clients}`]),
    ...[...(every ? ['every'] : []), ...(nested ? ['nested'] : [])],
  ];
  return `${words.join('-')}.json`;
}
