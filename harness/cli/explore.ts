/**
 * `assay explore`: every small workload, every crash point, every state that a power cut may leave.
 * Exit code 1 if a state is wrong, with the command that reproduces it.
 */
import { performance } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import type { Settings } from '../contract/target.ts';
import { loadRegistry, lookUp, UsageError } from '../matrix/registry.ts';
import { assayCommand, pluginWords } from '../matrix/replay-command.ts';
import { describeFailure } from '../plans/explore.ts';
import { Prng } from '../random/prng.ts';
import { type ExploreTally, explore } from '../simulation/explore/explore.ts';
import { EXPLORE_LIMITS } from '../simulation/explore/limits.ts';
import { OPERATIONS, type Workload, workloadOf } from '../simulation/explore/operation.ts';
import { workloadCount, workloadOrder } from '../simulation/explore/workload-order.ts';
import type { SimulatedTarget } from '../simulation/sim/simulated-target.ts';
import { StatusLine } from './status-line.ts';
import { largeNumber, pairs, parseSetting, wholeNumber } from './words.ts';

/** Sizes of atomic disk writes. */
const SECTOR_BYTES = [512, 4096];

export interface ExploreOptions {
  readonly target: string;
  readonly set: readonly string[];
  readonly length: string;
  readonly longer: string;
  readonly states: string;
  readonly seconds?: string;
  readonly seed: string;
  readonly sector: string;
  readonly exhaustive: string;
  readonly plugin: readonly string[];
  readonly list: boolean;
  readonly json: boolean;
}

/** Small, so that two operations exercise every part of a store. */
const SMALL: Settings = {
  segmentBytes: 4096,
  maxUnflushedBytes: 16_384,
  blockBytes: 512,
  cacheBytes: 65_536,
  fanIn: 2,
};

export async function exploreCommand(
  words: readonly string[],
  options: ExploreOptions,
): Promise<number> {
  if (options.list) {
    for (const { name } of OPERATIONS) console.log(name);
    return 0;
  }
  const registry = await loadRegistry(options.plugin);
  const { target } = lookUp(registry.targets, 'target', options.target);
  if (target.kind !== 'simulated') {
    throw new UsageError(`${target.name} is not simulated; assay list targets says which are.`);
  }
  const settings = { ...SMALL, ...pairs('--set', options.set, parseSetting) };
  checkSettings(target, settings);
  const seed = wholeNumber('--seed', options.seed, 0);
  const length = wholeNumber('--length', options.length, 0, 4);
  const longer = wholeNumber('--longer', options.longer, 0, 1000);
  const sectorBytes = Number(options.sector);
  if (!SECTOR_BYTES.includes(sectorBytes)) {
    throw new UsageError(`--sector wants ${SECTOR_BYTES.join(' or ')}, not "${options.sector}".`);
  }
  const exhaustiveMax = wholeNumber('--exhaustive', options.exhaustive, 0, 16);
  const statesMax = largeNumber('--states', options.states, 1);
  const named = words.map(namedWorkload);
  const order = workloadOrder(length, longer, new Prng(seed).derive('workloads'));
  const workloads: Iterable<Workload> = named.length > 0 ? named : order;
  const total = named.length > 0 ? named.length : workloadCount(length);

  const seconds =
    options.seconds === undefined ? undefined : wholeNumber('--seconds', options.seconds, 1);
  const began = performance.now();
  const status = new StatusLine();
  const elapsed = () => (performance.now() - began) / 1000;
  const { tally, failure } = await explore({
    ...EXPLORE_LIMITS,
    exhaustiveMax,
    target,
    settings,
    sectorBytes,
    seed,
    workloads,
    statesMax,
    async progress(so) {
      status.show(
        () =>
          `${so.workloads.toLocaleString('en-US')} workloads${longer === 0 ? ` of ${total.toLocaleString('en-US')}` : ''}, ${so.distinct.toLocaleString('en-US')} states, ${Math.round(so.distinct / elapsed()).toLocaleString('en-US')} a second`,
      );
      await turn();
      return seconds === undefined || elapsed() < seconds;
    },
  });
  status.end();
  if (options.json) {
    console.log(JSON.stringify({ seed, settings, ...tally, seconds: elapsed(), failure }, null, 2));
  } else print(tally, elapsed());
  if (failure === undefined) return tally.distinct > 0 ? 0 : 2;
  if (!options.json) {
    console.log(`\ninvalid: ${describeFailure(failure)}`);
    const words = [
      ...['explore', failure.workload, '--target', target.name, '--seed', String(seed)],
      ...['--sector', String(sectorBytes), '--exhaustive', String(exhaustiveMax)],
      ...options.set.flatMap((setting) => ['--set', setting]),
      ...pluginWords(options.plugin),
    ];
    console.log(`replay: ${assayCommand(...words)}`);
  }
  return 1;
}

function namedWorkload(text: string): Workload {
  try {
    return workloadOf(text);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function checkSettings(target: SimulatedTarget, settings: Settings): void {
  try {
    target.checkSettings(settings);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function print(tally: ExploreTally, seconds: number): void {
  const count = (value: number) => value.toLocaleString('en-US');
  const points = `${count(tally.crashPoints)} crash points, every subset tried at ${count(tally.exhaustedPoints)}`;
  console.log(`${count(tally.workloads)} workloads, ${points}`);
  console.log(
    `${count(tally.distinct)} distinct states recovered, verified, judged and written to; ${count(tally.nested)} of them crashes of a recovery, up to ${tally.deepest} deep`,
  );
  console.log(
    `${count(Math.round(tally.distinct / seconds))} states a second, ${seconds.toFixed(1)} s`,
  );
}
