/**
 * `assay power-loss`: cuts the power under databases of this machine and compares what they
 * acknowledged with what they have. Unsafe configurations must be caught, safe ones come back whole,
 * also when system calls of theirs fail before the cut. Exit code 1 when one did not do as its
 * documentation says, 2 when one could not be started.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeReports } from '../../reports/io.ts';
import { powerCutHtml, powerCutMarkdown } from '../../reports/power-cut-report.ts';
import { POWER_CUT_HEAD, powerCutHeadline, powerCutRow } from '../../reports/power-cut-text.ts';
import type { PowerCutRow, PowerCutRun } from '../contract/power-cut-record.ts';
import {
  type CutOptions,
  cutVictim,
  isAsExpected,
  missingFor,
} from '../real/power-loss/cut-victim.ts';
import { SYSCALL_FAULTS } from '../real/power-loss/syscall-injector.ts';
import type { Victim } from '../real/power-loss/victim.ts';
import { VICTIMS } from '../real/power-loss/victims.ts';
import { type FileSystemModel, MODELS, modelNamed } from '../real/power-loss/volatile/models.ts';
import { UsageError } from '../runner/registry.ts';
import { commitOf, describeMachine } from './machine.ts';
import { CHECKLISTS } from './places.ts';
import { StatusLine } from './status-line.ts';
import { alignedTable, wholeNumber } from './words.ts';

export interface PowerLossOptions {
  readonly target?: string;
  readonly cycles: string;
  readonly records: string;
  readonly seed: string;
  readonly fs: string;
  readonly lyingDisk: boolean;
  readonly fault?: string;
  readonly at: string;
  readonly out?: string;
  readonly list: boolean;
  readonly json: boolean;
}

const AUDITED = 8;

export async function powerLoss(options: PowerLossOptions): Promise<number> {
  const fault = faultOf(options);
  // Of a configuration that may lose anyway, a fault shows nothing more.
  const chosen = choose(options.target).filter(
    ({ expect }) => fault === undefined || expect === 'keeps',
  );
  if (options.list) {
    const lines = chosen.map(({ system, configuration, expect }) => [
      system,
      configuration,
      expect,
    ]);
    console.log(alignedTable(['system', 'configuration', 'acknowledged writes'], lines));
    const faults = Object.entries(SYSCALL_FAULTS).map(([name, { doc }]) => [name, doc]);
    const models = MODELS.map(({ name, doc }) => [name, doc]);
    console.log(`\n${alignedTable(['file system', 'what it promises'], models)}`);
    console.log(`\n${alignedTable(['fault', 'what it does'], faults)}`);
    return 0;
  }
  const cut: CutOptions = {
    cycles: wholeNumber('--cycles', options.cycles, 1),
    records: wholeNumber('--records', options.records, 10),
    audited: AUDITED,
    seed: wholeNumber('--seed', options.seed, 0),
    model: modelOf(options.fs),
    lyingDisk: options.lyingDisk,
    ...(fault === undefined ? {} : { fault }),
  };
  const startedAt = new Date().toISOString();
  const status = new StatusLine();
  const rows: PowerCutRow[] = [];
  for (const victim of chosen) {
    const name = `${victim.system}, ${victim.configuration}`;
    const row = await cutOne(victim, cut, (cycle) =>
      status.show(() => `${rows.length} of ${chosen.length}: ${name}, cut ${cycle + 1}`),
    );
    rows.push(row);
    status.end();
    if (!options.json) console.error(`${row.outcome.padEnd(15)} ${name}`);
  }
  const { cycles, records, seed, lyingDisk } = cut;
  const run: PowerCutRun = {
    ...{ cycles, records, seed, lyingDisk, startedAt, rows },
    ...(fault === undefined ? {} : { fault: `${fault.kind.doc}, from call ${fault.at} on` }),
    commit: commitOf(),
    machine: describeMachine(),
    node: process.version,
    command: commandOf(options),
  };
  if (options.out !== undefined) save(options.out, options.fault, run);
  if (options.json) console.log(JSON.stringify(run, null, 2));
  else {
    console.log(`\n${alignedTable(POWER_CUT_HEAD, rows.map(powerCutRow))}`);
    console.log(`\n${powerCutHeadline(run)}`);
    if (options.out !== undefined) console.log(`report: ${join(options.out, 'report.html')}`);
  }
  if (rows.some(({ outcome }) => outcome === 'not as expected')) return 1;
  // What can't be tried here proves nothing, and is no failure.
  return rows.some(({ outcome }) => outcome === 'failed') ? 2 : 0;
}

async function cutOne(
  victim: Victim,
  cut: CutOptions,
  progress: (cycle: number) => void,
): Promise<PowerCutRow> {
  const { system, configuration } = victim;
  const loses = cut.lyingDisk || cut.fault?.kind.when === 'always';
  const expect = loses ? 'loses' : victim.expect;
  const began = Date.now();
  const row = (outcome: PowerCutRow['outcome'], rest: Partial<PowerCutRow>): PowerCutRow => {
    const seconds = (Date.now() - began) / 1000;
    return { system, configuration, expect, outcome, seconds, ...rest };
  };
  const missing = missingFor(victim, cut);
  if (missing.length > 0) return row('unsupported', { reason: `needs ${missing.join(', ')}` });
  try {
    const figures = await cutVictim(victim, cut, progress);
    const good = isAsExpected(victim, figures, cut);
    return row(good ? 'as expected' : 'not as expected', { figures });
  } catch (error) {
    const reason = String((error as Error)?.message ?? error);
    // The device is there and this machine lets nobody use it: that is no fault of the database.
    const isForbidden = /^cannot (mount|trace)/.test(reason);
    return row(isForbidden ? 'unsupported' : 'failed', { reason });
  }
}

function choose(target: string | undefined): readonly Victim[] {
  if (target === undefined || target === 'all') return VICTIMS;
  const systems = new Set(VICTIMS.map(({ system }) => system));
  const names = target.split(',').map((name) => name.trim());
  for (const name of names) {
    if (!systems.has(name)) {
      throw new UsageError(`There is no ${name}; there are ${[...systems].join(', ')}.`);
    }
  }
  return VICTIMS.filter(({ system }) => names.includes(system));
}

function modelOf(name: string): FileSystemModel {
  const model = modelNamed(name);
  if (model !== undefined) return model;
  const names = MODELS.map((one) => one.name).join(', ');
  throw new UsageError(`There is no file system ${name}; there are ${names}.`);
}

function faultOf({ fault, at }: PowerLossOptions): CutOptions['fault'] {
  if (fault === undefined) return undefined;
  const kind = SYSCALL_FAULTS[fault];
  if (kind !== undefined) return { kind, at: wholeNumber('--at', at, 1) };
  const names = Object.keys(SYSCALL_FAULTS).join(', ');
  throw new UsageError(`There is no fault ${fault}; there are ${names}.`);
}

function commandOf(options: PowerLossOptions): string {
  const { target, cycles, records, seed, fs, lyingDisk, fault, at } = options;
  const words = ['npm run assay -- power-loss'];
  if (target !== undefined) words.push(`--target ${target}`);
  words.push(`--cycles ${cycles} --records ${records} --seed ${seed} --fs ${fs}`);
  if (lyingDisk) words.push('--lying-disk');
  if (fault !== undefined) words.push(`--fault ${fault} --at ${at}`);
  return words.join(' ');
}

/** In the directory of a matrix run the figures become a part of that run's report. */
function save(directory: string, fault: string | undefined, run: PowerCutRun): void {
  mkdirSync(directory, { recursive: true });
  const name = ['power-loss', ...(fault === undefined ? [] : [fault])].join('-');
  writeFileSync(join(directory, `${name}.json`), `${JSON.stringify(run, null, 2)}\n`);
  if (existsSync(join(directory, 'run.json'))) {
    writeReports(directory, CHECKLISTS);
    return;
  }
  writeFileSync(join(directory, 'report.html'), powerCutHtml(run));
  writeFileSync(join(directory, 'report.md'), powerCutMarkdown(run));
}
