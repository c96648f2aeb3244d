/**
 * `assay sim`: storms in virtual time, each from a seed. Kept regressions come first. A storm that
 * fails is shrunk, printed as a script, and kept. Exit code 1 when one fails.
 */
import { performance } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import type { HistoryEvent } from '../contract/history.ts';
import { historyHash } from '../history/recorder.ts';
import { loadRegistry, lookUp, UsageError } from '../matrix/registry.ts';
import { assayCommand, pluginWords } from '../matrix/replay-command.ts';
import { deriveSeed, Prng } from '../random/prng.ts';
import { Ledger } from '../simulation/sim/ledger.ts';
import { type JudgedStorm, judgeStorm } from '../simulation/storm/judge-storm.ts';
import {
  drawFaults,
  STORM_FAULT_NAMES,
  STORM_FAULTS,
  type StormFault,
} from '../simulation/storm/knobs.ts';
import { MILESTONES, type Milestone } from '../simulation/storm/milestones.ts';
import { planOfRegression } from '../simulation/storm/regression.ts';
import { shrinkStorm } from '../simulation/storm/shrink-storm.ts';
import { type StormPlan, USUAL_PACE } from '../simulation/storm/storm-plan.ts';
import { keepRegression, readRegressions } from './regressions.ts';
import { StatusLine } from './status-line.ts';
import { alignedTable, pairs, parseSetting, wholeNumber } from './words.ts';

export interface SimOptions {
  readonly target: string;
  readonly set: readonly string[];
  readonly seeds: string;
  readonly operations?: string;
  readonly clients?: string;
  readonly crashEvery?: string;
  readonly think?: string;
  readonly faults?: string;
  readonly seed: string;
  readonly runSeed?: string;
  readonly keep: boolean;
  readonly twice: boolean;
  readonly plugin: readonly string[];
  readonly json: boolean;
}

const SCRIPT_EVENTS = 60;

export async function sim(name: string, options: SimOptions): Promise<number> {
  const registry = await loadRegistry(options.plugin);
  const scenario = lookUp(registry.scenarios, 'scenario', name);
  const { target } = lookUp(registry.targets, 'target', options.target);
  if (scenario.plan.kind !== 'storms' || target.kind !== 'simulated') {
    throw new UsageError(`${name} on ${target.name} is no storm; try storm-append on engine-sim.`);
  }
  const settings = { ...target.defaults, ...pairs('--set', options.set, parseSetting) };
  target.checkSettings(settings);
  const parts = {
    target,
    settings,
    workload: lookUp(registry.workloads, 'workload', scenario.workload),
    workloadOptions: scenario.workloadOptions ?? {},
    checkers: scenario.checkers.map((checker) => lookUp(registry.checkers, 'checker', checker)),
  };
  const seed = wholeNumber('--seed', options.seed, 0);
  const seeds = options.runSeed === undefined ? wholeNumber('--seeds', options.seeds, 1) : 1;
  const clients = wholeNumber('--clients', options.clients ?? String(scenario.plan.clients), 1);
  const operations = wholeNumber(
    '--operations',
    options.operations ?? String(scenario.plan.operations),
    1,
  );
  const pace = { ...USUAL_PACE, ...scenario.plan };
  const crashEvery = options.crashEvery ?? String(pace.crashEveryMs);
  const crashEveryMs = wholeNumber('--crash-every', crashEvery, 1);
  const thinkMs = wholeNumber('--think', options.think ?? String(pace.thinkMs), 1);
  const only = options.faults === undefined ? undefined : faultsOf(options.faults);
  const planOf = (i: number): StormPlan => {
    const runSeed =
      options.runSeed === undefined
        ? deriveSeed(seed, `run ${i}`)
        : wholeNumber('--run-seed', options.runSeed, 0);
    const faults = only ?? drawFaults(new Prng(runSeed).derive('knobs'));
    return { seed: runSeed, clients, operations, crashEveryMs, thinkMs, faults };
  };
  const kept = options.runSeed === undefined ? readRegressions() : [];
  const plans = kept
    .filter(([, regression]) => regression.scenario === name && regression.target === target.name)
    .map(([, regression]) => planOfRegression(regression));

  const tally = new Tally();
  const status = new StatusLine();
  let failed: { plan: StormPlan; judged: JudgedStorm } | undefined;
  for (let i = -plans.length; i < seeds && failed === undefined; i++) {
    const plan = i < 0 ? plans[i + plans.length]! : planOf(i);
    const judged = await judgeStorm(parts, plan);
    tally.add(judged);
    if (options.twice) {
      const again = await judgeStorm(parts, plan);
      if (historyHash(again.events) !== historyHash(judged.events)) {
        status.end();
        console.log(`invalid: run seed ${plan.seed} gave another history the second time`);
        return 1;
      }
      tally.same++;
    }
    if (judged.verdict.validity !== 'valid') failed = { plan, judged };
    status.show(() => `${tally.storms} of ${seeds + plans.length} storms, ${tally.speed()}`);
    await turn();
  }
  status.end();
  if (options.json) console.log(JSON.stringify({ seed, ...tally.summary() }, null, 2));
  else tally.print(plans.length);
  if (failed === undefined) return 0;

  const { plan, judged } = failed;
  console.log(`\ninvalid: run seed ${plan.seed}: ${judged.verdict.reasons[0]}`);
  console.log('shrinking …');
  const fails = async (smaller: StormPlan) =>
    (await judgeStorm(parts, smaller)).verdict.validity === 'invalid';
  const small = await shrinkStorm(plan, fails, (smaller) =>
    status.show(() => `${smaller.operations} operations, ${smaller.faults.size} faults`),
  );
  status.end();
  const shown = await judgeStorm(parts, small);
  printScript(small, shown);
  const faults = [...small.faults];
  const problem = shown.verdict.reasons[0] ?? '';
  if (options.keep) {
    const regression = { scenario: name, target: target.name, settings, ...small, faults, problem };
    console.log(`kept: ${keepRegression(regression)}`);
  }
  const words = [
    ...['sim', name, '--target', target.name, '--run-seed', String(small.seed)],
    ...['--operations', String(small.operations), '--clients', String(small.clients)],
    ...['--crash-every', String(small.crashEveryMs), '--think', String(small.thinkMs)],
    ...['--faults', faults.join(',') || 'none'],
    ...options.set.flatMap((setting) => ['--set', setting]),
    ...pluginWords(options.plugin),
  ];
  console.log(`replay: ${assayCommand(...words)}`);
  return 1;
}

function faultsOf(text: string): Set<StormFault> {
  const names = text === 'none' ? [] : text.split(',').map((word) => word.trim());
  for (const name of names) {
    if (!(name in STORM_FAULTS)) {
      throw new UsageError(`There is no fault ${name}; there are ${STORM_FAULT_NAMES.join(', ')}.`);
    }
  }
  return new Set(names as StormFault[]);
}

/** A readable script of the storm: the active faults, and the operations of the clients. */
function printScript({ clients, operations, faults, seed }: StormPlan, judged: JudgedStorm): void {
  const kinds = faults.size === 0 ? 'no faults' : [...faults].join(', ');
  console.log(`\n${operations} operations of ${clients} clients, ${kinds}, seed ${seed}:`);
  const { events } = judged;
  for (const event of events.slice(-SCRIPT_EVENTS)) console.log(`  ${lineOf(event)}`);
  for (const reason of judged.verdict.reasons.slice(0, 3)) console.log(`  ⇒ ${reason}`);
}

function lineOf({ timeMs, process, type, f, value }: HistoryEvent): string {
  const at = `${timeMs.toFixed(2).padStart(10)} ms`;
  return `${at}  ${String(process).padStart(3)}  ${type.padEnd(6)} ${f} ${JSON.stringify(value)}`;
}

class Tally {
  readonly #began = performance.now();
  readonly #ledger = new Ledger();
  readonly #reached = new Set<Milestone>();
  #virtualMs = 0;
  #events = 0;
  #operations = 0;
  #crashes = 0;
  storms = 0;
  /** Number of storms whose repetition was identical. */
  same = 0;

  add(judged: JudgedStorm): void {
    this.storms++;
    this.#ledger.add(judged.ledger);
    for (const milestone of judged.milestones) this.#reached.add(milestone);
    this.#virtualMs += judged.virtualMs;
    this.#events += judged.schedulerEvents;
    this.#operations += judged.events.length / 2;
    this.#crashes += judged.crashes;
  }

  speed(): string {
    const seconds = (performance.now() - this.#began) / 1000;
    const virtual = this.#virtualMs / 1000;
    const times = Math.round(virtual / seconds).toLocaleString('en-US');
    return `${times} × real time, ${Math.round(this.#events / seconds).toLocaleString('en-US')} events a second, ${Math.round(this.#operations / virtual)} operations a virtual second`;
  }

  summary() {
    return {
      storms: this.storms,
      crashes: this.#crashes,
      operations: this.#operations,
      virtualSeconds: this.#virtualMs / 1000,
      seconds: (performance.now() - this.#began) / 1000,
      events: this.#events,
      ledger: Object.fromEntries(this.#ledger.entries()),
      sameTwice: this.same,
      reached: [...this.#reached],
    };
  }

  print(kept: number): void {
    const rows = STORM_FAULT_NAMES.map((fault) => {
      const { struck, mattered } = this.#ledger.of(fault);
      const note = mattered === 0 ? 'not exercised' : '';
      return [fault, String(struck), String(mattered), note, STORM_FAULTS[fault]];
    });
    console.log(alignedTable(['fault', 'struck', 'mattered', '', 'what it does'], rows));
    for (const [name, doc] of Object.entries(MILESTONES)) {
      if (!this.#reached.has(name as Milestone)) console.log(`never reached: ${doc}`);
    }
    const regressions = kept === 0 ? '' : `, ${kept} of them kept regressions`;
    console.log(
      `\n${this.storms} storms${regressions}, ${this.#crashes} crashes, ${Math.round(this.#operations).toLocaleString('en-US')} operations, ${(this.#virtualMs / 1000).toFixed(0)} virtual seconds`,
    );
    console.log(this.speed());
    if (this.same > 0) console.log(`${this.same} of ${this.storms} gave the same history twice`);
  }
}
