/**
 * `assay power-loss`: cuts the power under databases of this machine and compares acknowledged with
 * recovered writes. Unsafe configurations must be caught losing writes, safe ones must recover all of
 * them, also if system calls fail before the cut. Exit code 1 if one deviates from its documentation, 2
 * if one could not be started.
 */
import { join } from 'node:path';
import { POWER_CUT_HEAD, powerCutHeadline, powerCutRow } from '../../reports/power-cut-text.ts';
import type { PowerCutRow, PowerCutRun } from '../contract/power-cut-record.ts';
import { UsageError } from '../matrix/registry.ts';
import { assayCommand, pluginWords } from '../matrix/replay-command.ts';
import type { CutOptions } from '../real/power-loss/cut-options.ts';
import {
  cutVictim,
  expectationOf,
  isAsExpected,
  missingFor,
} from '../real/power-loss/cut-victim.ts';
import { DISK_FAULTS } from '../real/power-loss/disk-faults.ts';
import { isInSlice, nameOf } from '../real/power-loss/slice.ts';
import { SYSCALL_FAULTS } from '../real/power-loss/syscall-injector.ts';
import type { Victim } from '../real/power-loss/victim.ts';
import { type FileSystemModel, MODELS, modelNamed } from '../real/power-loss/volatile/models.ts';
import { commitOf, describeMachine } from './machine.ts';
import { PowerCutFile } from './power-cut-file.ts';
import { chooseVictims } from './power-loss-victims.ts';
import { StatusLine } from './status-line.ts';
import { alignedTable, wholeNumber } from './words.ts';

export interface PowerLossOptions {
  readonly target?: string;
  readonly plugin: readonly string[];
  readonly set: readonly string[];
  readonly cycles?: string;
  readonly records: string;
  readonly seed: string;
  readonly fs: string;
  readonly lyingDisk: boolean;
  readonly fault?: string;
  readonly at: string;
  readonly strace: boolean;
  readonly states: string;
  readonly clients: string;
  readonly rare: string;
  readonly slice: boolean;
  readonly lanes: string;
  readonly every: boolean;
  readonly nested: boolean;
  readonly keep?: string;
  readonly torn: boolean;
  readonly out?: string;
  readonly list: boolean;
  readonly json: boolean;
}

const AUDITED = 8;
/** A run has fewer steps than that; it ends with the last. */
const EVERY_STEP = '1000000';
const EXIT_INTERRUPTED = 130;

const cyclesOf = ({ cycles, every }: PowerLossOptions) => cycles ?? (every ? EVERY_STEP : '3');

export async function powerLoss(options: PowerLossOptions): Promise<number> {
  const fault = faultOf(options);
  // A fault proves nothing for a configuration that may lose writes anyway.
  const rareCuts = wholeNumber('--rare', options.rare, 0);
  const chosen = (await chooseVictims(options)).filter(
    (victim) =>
      (fault === undefined || victim.expect === 'keeps') &&
      (victim.rare !== true || rareCuts > 0 || options.list) &&
      (!options.slice || isInSlice(victim)),
  );
  if (options.list) {
    printList(chosen);
    return 0;
  }
  const cut: CutOptions = {
    cycles: wholeNumber('--cycles', cyclesOf(options), 1),
    records: wholeNumber('--records', options.records, 10),
    audited: AUDITED,
    seed: wholeNumber('--seed', options.seed, 0),
    model: modelOf(options.fs),
    clients: wholeNumber('--clients', options.clients, 1),
    states: wholeNumber('--states', options.states, 1),
    rareCuts,
    everyStep: options.every,
    nested: options.nested,
    ...stateOf(options),
    lyingDisk: options.lyingDisk,
    ...(fault === undefined ? {} : { fault }),
  };
  // Each configuration has a row from the start, so the table of an interrupted run shows what is
  // missing.
  const rows = chosen.map((victim) => rowOf(victim, cut, 'failed', { reason: 'not run: stopped' }));
  const { cycles, records, seed, lyingDisk } = cut;
  const run: PowerCutRun = {
    ...{ cycles, records, seed, lyingDisk, rows, fs: options.fs },
    ...(fault === undefined ? {} : { fault: `${fault.kind.doc}, from call ${fault.at} on` }),
    startedAt: new Date().toISOString(),
    commit: commitOf(),
    machine: describeMachine(),
    node: process.version,
    command: commandOf(options),
  };
  const file = options.out === undefined ? undefined : new PowerCutFile(options.out, options);
  const conclude = () => {
    file?.writeReports(run);
    print(run, options);
  };
  const interrupt = () => {
    conclude();
    process.exit(EXIT_INTERRUPTED);
  };
  process.once('SIGINT', interrupt);
  const lanes = wholeNumber('--lanes', options.lanes, 1);
  await cutAll(chosen, cut, { lanes, isQuiet: options.json }, (number, row) => {
    rows[number] = row;
    file?.write(run);
  });
  process.off('SIGINT', interrupt);
  conclude();
  if (rows.some(({ outcome }) => outcome === 'not as expected')) return 1;
  // A configuration that can't be run here proves nothing, and is not a failure.
  return rows.some(({ outcome }) => outcome === 'failed') ? 2 : 0;
}

function printList(chosen: readonly Victim[]): void {
  const lines = chosen.map(({ system, configuration, expect }) => [system, configuration, expect]);
  console.log(alignedTable(['system', 'configuration', 'acknowledged writes'], lines));
  const faults = Object.entries(DISK_FAULTS).map(([name, { doc }]) => [name, doc]);
  const models = MODELS.map(({ name, doc }) => [name, doc]);
  console.log(`\n${alignedTable(['file system', 'what it promises'], models)}`);
  console.log(`\n${alignedTable(['fault', 'what it does'], faults)}`);
}

function print(run: PowerCutRun, { json, out }: PowerLossOptions): void {
  if (json) {
    console.log(JSON.stringify(run, null, 2));
    return;
  }
  console.log(`\n${alignedTable(POWER_CUT_HEAD, run.rows.map(powerCutRow))}`);
  console.log(`\n${powerCutHeadline(run)}`);
  if (out !== undefined) console.log(`report: ${join(out, 'report.html')}`);
}

/** Runs one configuration per lane at a time. */
async function cutAll(
  chosen: readonly Victim[],
  cut: CutOptions,
  { lanes, isQuiet }: { readonly lanes: number; readonly isQuiet: boolean },
  done: (number: number, row: PowerCutRow) => void,
): Promise<void> {
  const status = new StatusLine();
  const waiting = chosen.entries();
  const lane = async () => {
    for (const [number, victim] of waiting) {
      const name = nameOf(victim);
      const row = await cutOne(victim, cut, (cycle) =>
        status.show(() => `${number + 1} of ${chosen.length}: ${name}, cut ${cycle + 1}`),
      );
      done(number, row);
      status.end();
      if (!isQuiet) console.error(`${row.outcome.padEnd(15)} ${name}`);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

function rowOf(
  victim: Victim,
  cut: CutOptions,
  outcome: PowerCutRow['outcome'],
  rest: Partial<PowerCutRow>,
): PowerCutRow {
  const { system, configuration } = victim;
  return {
    system,
    configuration,
    expect: expectationOf(victim, cut),
    outcome,
    seconds: 0,
    ...rest,
  };
}

async function cutOne(
  victim: Victim,
  cut: CutOptions,
  progress: (cycle: number) => void,
): Promise<PowerCutRow> {
  const began = Date.now();
  const row = (outcome: PowerCutRow['outcome'], rest: Partial<PowerCutRow>) =>
    rowOf(victim, cut, outcome, { seconds: (Date.now() - began) / 1000, ...rest });
  const missing = missingFor(victim, cut);
  if (missing.length > 0) return row('unsupported', { reason: `needs ${missing.join(', ')}` });
  try {
    const figures = await cutVictim(victim, cut, progress);
    if (figures.acknowledged === 0 && (figures.unopened ?? []).length === 0) {
      return row('failed', { reason: 'no write was acknowledged before a cut' });
    }
    const good = isAsExpected(victim, figures, cut);
    return row(good ? 'as expected' : 'not as expected', { figures });
  } catch (error) {
    const reason = String((error as Error)?.message ?? error);
    // The device exists but access is denied: that is not a fault of the database.
    const isForbidden = /^cannot (mount|trace)/.test(reason);
    return row(isForbidden ? 'unsupported' : 'failed', { reason });
  }
}

/** The writes that the state after the cut keeps, if they are listed. */
function stateOf({ keep, torn }: PowerLossOptions): Pick<CutOptions, 'state'> {
  if (keep === undefined && torn) throw new UsageError('--torn tears a write that --keep names.');
  if (keep === undefined) return {};
  const numbers = keep.split(',').map((number) => wholeNumber('--keep', number.trim(), 1));
  return { state: { mode: 'keep', keep: numbers, torn } };
}

function modelOf(name: string): FileSystemModel {
  const model = modelNamed(name);
  if (model !== undefined) return model;
  const names = MODELS.map((one) => one.name).join(', ');
  throw new UsageError(`There is no file system ${name}; there are ${names}.`);
}

function faultOf({ fault, at, strace }: PowerLossOptions): CutOptions['fault'] {
  if (fault === undefined) return undefined;
  const faults = strace ? SYSCALL_FAULTS : DISK_FAULTS;
  const kind = faults[fault];
  if (kind !== undefined) return { kind, at: wholeNumber('--at', at, 1), byStrace: strace };
  const names = Object.keys(faults).join(', ');
  throw new UsageError(`There is no fault ${fault}; there are ${names}.`);
}

function commandOf(options: PowerLossOptions): string {
  const { target, cycles, records, seed, fs, lyingDisk, fault, at } = options;
  const words = ['power-loss', ...pluginWords(options.plugin)];
  for (const setting of options.set) words.push('--set', setting);
  if (target !== undefined) words.push('--target', target);
  if (cycles !== undefined) words.push('--cycles', cycles);
  words.push('--records', records, '--seed', seed, '--fs', fs);
  if (lyingDisk) words.push('--lying-disk');
  if (fault !== undefined) words.push('--fault', fault, '--at', at);
  if (options.strace) words.push('--strace');
  if (options.clients !== '1') words.push('--clients', options.clients);
  if (options.states !== '1') words.push('--states', options.states);
  if (options.rare !== '0') words.push('--rare', options.rare);
  if (options.slice) words.push('--slice');
  if (options.every) words.push('--every');
  if (options.nested) words.push('--nested');
  if (options.keep !== undefined) words.push('--keep', options.keep);
  if (options.torn) words.push('--torn');
  return assayCommand(...words);
}
