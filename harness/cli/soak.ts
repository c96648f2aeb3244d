/** `assay soak`: mixed load with kills and restarts for hours; can be interrupted and resumed. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { writeReports } from '../../reports/io.ts';
import type { RunInfo } from '../../reports/run-info.ts';
import { soakHtml } from '../../reports/soak-page.ts';
import { sourceHash } from '../cells/source-hash.ts';
import { type Cell, RECORD_FORMAT, type RunRecord } from '../contract/run-record.ts';
import type { Scenario } from '../contract/scenario.ts';
import { SOAK_FORMAT, type SoakConfig, type SoakState } from '../contract/soak-record.ts';
import type { EmbeddedTarget } from '../contract/target.ts';
import { exitCode } from '../contract/verdict.ts';
import { whyUnfit } from '../matrix/applicability.ts';
import { cellOf } from '../matrix/matrix.ts';
import { loadRegistry, lookUp, type Registry, UsageError } from '../matrix/registry.ts';
import { assayCommand, pluginWords } from '../matrix/replay-command.ts';
import { sweepScratch } from '../real/scratch.ts';
import { availabilityPercent, judgeSoak } from '../soak/judge-soak.ts';
import { runSoak } from '../soak/run-soak.ts';
import { SoakFiles } from '../soak/soak-state.ts';
import { commitOf, describeMachine } from './machine.ts';
import { CHECKLISTS, OUT, PUBLISHED } from './places.ts';
import { StatusLine } from './status-line.ts';
import { pairs, parseSetting, wholeNumber } from './words.ts';

export interface SoakOptions {
  readonly hours: string;
  readonly target: string;
  readonly set: readonly string[];
  readonly keys: string;
  readonly clients: string;
  readonly life: string;
  readonly seed: string;
  readonly out?: string;
  readonly resume?: string;
  readonly report?: string;
  readonly plugin: readonly string[];
}

export async function soak(options: SoakOptions): Promise<number> {
  const hours = Number(options.hours);
  if (!(hours > 0)) throw new UsageError(`--hours wants a number above 0, not ${options.hours}.`);
  const registry = await loadRegistry(options.plugin);
  if (options.report !== undefined) {
    const files = new SoakFiles(resolve(options.report));
    return report(registry, files, savedIn(files), hours, options.plugin);
  }
  sweepScratch();
  const files = directoryOf(options);
  const config = options.resume === undefined ? configOf(options) : savedIn(files).config;
  const { target, url } = lookUp(registry.targets, 'target', config.target);
  const scenario = lookUp(registry.scenarios, 'scenario', 'soak');
  const unfit = whyUnfit(registry, scenario, target);
  if (unfit !== undefined) throw new UsageError(`A soak ${unfit}.`);
  if (config.tree !== sourceHash()) {
    throw new UsageError(
      `${files.directory} was begun with other sources (${config.tree}): a soak is of one version. Check out its commit, or begin another.`,
    );
  }
  const state = await runIn(files, config, target as EmbeddedTarget, url, hours);
  return report(registry, files, state, hours, options.plugin);
}

function directoryOf({ resume, out }: SoakOptions): SoakFiles {
  if (resume !== undefined) return new SoakFiles(resolve(resume));
  const name = `soak-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  const directory = resolve(out ?? join(OUT, name));
  if (existsSync(join(directory, 'soak.json'))) {
    throw new UsageError(`${directory} already holds a soak; use --resume to continue it.`);
  }
  mkdirSync(directory, { recursive: true });
  return new SoakFiles(directory);
}

function savedIn(files: SoakFiles): SoakState {
  const state = files.load();
  if (state === undefined) throw new UsageError(`There is no soak in ${files.directory}.`);
  return state;
}

function configOf(options: SoakOptions): SoakConfig {
  return {
    format: SOAK_FORMAT,
    target: options.target,
    settings: pairs('--set', options.set, parseSetting),
    seed: wholeNumber('--seed', options.seed, 0),
    keys: wholeNumber('--keys', options.keys, 100, 10_000_000),
    clients: wholeNumber('--clients', options.clients, 1, 1000),
    lifeSeconds: wholeNumber('--life', options.life, 1),
    tree: sourceHash(),
  };
}

async function runIn(
  files: SoakFiles,
  config: SoakConfig,
  target: EmbeddedTarget,
  targetUrl: string,
  hours: number,
): Promise<SoakState> {
  const line = new StatusLine();
  let stopped = false;
  const stop = () => {
    stopped = true;
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const hoursOf = (ms: number) => (ms / 3_600_000).toFixed(3);
  try {
    return await runSoak({
      ...{ config, target, targetUrl, files, seconds: hours * 3600 },
      progress(ms, state) {
        line.show(
          () =>
            `soak of ${config.target}: ${hoursOf(ms)} of ${hours} h, ${state.lives} lives, ${state.kills} kills, ${availabilityPercent(state).toFixed(3)} % available`,
        );
        return !stopped;
      },
    });
  } finally {
    line.end();
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

/** Writes the reports and the record of a soak so far; returns the exit code. */
function report(
  registry: Registry,
  files: SoakFiles,
  state: SoakState,
  hours: number,
  plugins: readonly string[],
): number {
  const { directory } = files;
  const { config } = state;
  const samples = files.samples();
  const judged = judgeSoak(state, samples, Math.round(hours * 3600));
  const resume = ['soak', '--resume', directory, '--hours', String(hours)];
  const command = assayCommand(...resume, ...pluginWords(plugins));
  const page = { ...judged, state, samples, hours, command };
  writeFileSync(join(directory, 'soak.html'), soakHtml(page));
  const scenario: Scenario = lookUp(registry.scenarios, 'scenario', 'soak');
  const { target, settings, seed } = config;
  const cell: Cell = { ...cellOf(registry, seed, { scenario: 'soak', target, settings }), seed };
  const record: RunRecord = {
    format: RECORD_FORMAT,
    cell,
    validity: judged.verdict.validity,
    expect: scenario.expect,
    ...judged,
    startedAt: state.startedAt,
    durationMs: state.ms,
    artefacts: [],
    replay: command,
  };
  const cells = join(directory, 'cells', 'soak');
  mkdirSync(cells, { recursive: true });
  writeFileSync(join(cells, 'record.json'), `${JSON.stringify(record, null, 2)}\n`);
  const info: RunInfo = {
    name: 'soak',
    doc: scenario.why,
    seed,
    startedAt: state.startedAt,
    durationMs: state.ms,
    commit: commitOf(),
    tree: config.tree,
    machine: describeMachine(),
    node: process.versions.node,
    command,
  };
  writeFileSync(join(directory, 'run.json'), `${JSON.stringify(info, null, 2)}\n`);
  writeReports(directory, CHECKLISTS, PUBLISHED);
  console.log(`${judged.verdict.validity}: ${(state.ms / 3_600_000).toFixed(3)} of ${hours} hours`);
  for (const reason of judged.verdict.reasons) console.log(`  ${reason}`);
  for (const [name, value] of Object.entries(judged.figures)) {
    console.log(
      `  ${name}: ${Number(value.toFixed(4)).toLocaleString('en-US', { maximumFractionDigits: 4 })}`,
    );
  }
  console.log(`report: ${join(directory, 'soak.html')}`);
  if (state.wrong === undefined && state.ms < hours * 3_600_000) console.log(`resume: ${command}`);
  return exitCode([judged.verdict.validity]);
}
