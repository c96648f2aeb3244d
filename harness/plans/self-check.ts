/**
 * SelfCheck: tests the harness with stores whose faults are known.
 *
 * - a clean store is not accused, under every crash fault, with failed syncs in between;
 * - a store on a disk that lies about every sync is caught losing what it acknowledged, also when it
 *   lies only after it was honest for a while;
 * - equal seeds give equal histories, other seeds give others;
 * - every invocation of a run has a completion, and virtual time is all the time there is;
 * - what a crash leaves is no longer touched by the process that went on;
 * - the simulated disk makes of calls that are refused what the real one makes of them;
 * - the file system that loses power under real databases keeps and loses what its model says;
 * - each crash fault exposes the faulty stores that are wrong under it, and no others;
 * - each checker accuses a store that is wrong in its way, and not one that is right;
 * - a run that is resumed runs no cell twice, and shards lose none; only shards of one run are merged;
 * - a kill exposes a store that is wrong when an operation is open, and counts only then;
 * - each network fault exposes a cluster that is wrong after it, and not one that is right.
 */

import type { Outcome } from '../cells/outcome.ts';
import type { SimulatedParts } from '../cells/parts.ts';
import { judge } from '../contract/checker.ts';
import type { CrashFault, NetworkFault, ProcessFault } from '../contract/fault.ts';
import { operationsOf } from '../contract/pairing.ts';
import type { Network, SelfCheck } from '../contract/scenario.ts';
import { mergeVerdicts, type Verdict } from '../contract/verdict.ts';
import { historyHash } from '../history/recorder.ts';
import { deriveSeed, Prng } from '../random/prng.ts';
import { POWER_LOSS_TRIALS } from '../real/power-loss/trials.ts';
import { type Accuser, tryChecker } from '../self-check/checker-trials.ts';
import { tryControls } from '../self-check/control-trials.ts';
import { tryCuts } from '../self-check/cut-trials.ts';
import { tryFault } from '../self-check/fault-trials.ts';
import { type KillTrial, PLAYED_TARGET, tryKills } from '../self-check/kill-trials.ts';
import { tryLimits } from '../self-check/limit-trials.ts';
import { tryLinks } from '../self-check/link-trials.ts';
import { type NetworkTrial, tryNetworkFaults } from '../self-check/network-trials.ts';
import { tryRuns } from '../self-check/run-trials.ts';
import { tryVerdicts } from '../self-check/verdict-trials.ts';
import { explore } from '../simulation/explore/explore.ts';
import { EXPLORE_LIMITS } from '../simulation/explore/limits.ts';
import { workloadsOf } from '../simulation/explore/operation.ts';
import {
  FAILED_SYNC_CHECKS,
  FAILING_DISK_CHECKS,
  type FailingDiskCheck,
} from '../simulation/sim/failing-disk.ts';
import { failingSimDisk } from '../simulation/sim/failing-sim-disk.ts';
import { neverSyncing, onLyingDisk } from '../simulation/sim/faulty-targets.ts';
import { SimDisk } from '../simulation/sim/sim-disk.ts';
import type { SimulatedTarget } from '../simulation/sim/simulated-target.ts';
import { smallTarget } from '../simulation/sim/small/small-target.ts';
import { runCrashStates } from './crash/crash-states.ts';
import { runKillLoops } from './kill-loops.ts';
import { onCluster } from './network/run-network.ts';
import { simulate } from './simulation.ts';

interface SelfCheckParts extends SimulatedParts<SelfCheck> {
  readonly faults: readonly CrashFault[];
  readonly kill: ProcessFault;
  readonly networkFaults: readonly NetworkFault[];
  /** An empty directory. */
  readonly directory: string;
  readonly accusers: readonly Accuser[];
}

type Trial = (parts: SelfCheckParts) => Promise<string | undefined>;

const HONEST_SYNCS = 30;

const TRIALS: Readonly<Record<string, Trial>> = {
  'a clean store': async (parts) => {
    const { verdict, figures } = await crashed(parts, parts.target);
    if (verdict.validity !== 'valid') return `is accused: ${verdict.reasons[0]}`;
    return figures.crashStates! > 0 ? undefined : 'was never crashed';
  },
  'a store on a lying disk': (parts) => mustBeCaught(parts, 0),
  'a store on a disk that begins to lie': (parts) => mustBeCaught(parts, HONEST_SYNCS),
  'the explorer, on a store on a lying disk': async (parts) => {
    const { failure } = await explored(parts, onLyingDisk(parts.target, 0));
    return failure === undefined ? 'finds nothing: it loses what it acknowledged' : undefined;
  },
  'the explorer, on a store that acknowledges at once': async (parts) => {
    // Nothing else is asked of its states: only what was acknowledged can be missed.
    const { failure } = await explored(parts, neverSyncing(parts.target), Number.MAX_SAFE_INTEGER);
    return failure === undefined ? 'finds nothing: it acknowledges what may be lost' : undefined;
  },
  'the explorer, on a clean store': async (parts) => {
    const { failure } = await explored(parts, parts.target);
    return failure === undefined ? undefined : `accuses it: ${failure.problem}`;
  },
  'equal and other seeds': async (parts) => {
    const [first, again, other] = [
      await hashOf(parts, 1),
      await hashOf(parts, 1),
      await hashOf(parts, 2),
    ];
    if (first !== again) return 'equal seeds gave different histories';
    return first === other ? 'another seed gave the same history' : undefined;
  },
  'a run': async (parts) => {
    const { events, virtualMs } = await run(parts, deriveSeed(parts.seed, 'complete'));
    const began = events.filter(({ type }) => type === 'invoke').length;
    if (2 * began !== events.length) return `${2 * began - events.length} operations have no end`;
    const asked = parts.plan.operations;
    if (began < asked) return `${began} operations were recorded, and ${asked} were asked for`;
    const late = events.find(({ timeMs }) => timeMs > virtualMs);
    return late === undefined ? undefined : 'an event comes after the end of virtual time';
  },
  'a history whose last reads find nothing': async (parts) => {
    const { events } = await run(parts, deriveSeed(parts.seed, 'emptied'));
    const operations = operationsOf(events).map((operation) =>
      operation.f === 'read' ? { ...operation, output: [] } : operation,
    );
    const verdict = mergeVerdicts(parts.checkers.map((checker) => judge(checker, operations)));
    return verdict.validity === 'invalid' ? undefined : `was found ${verdict.validity}`;
  },
  'a crash': async (parts) => clonesAreApart(parts),
  ...Object.fromEntries(
    [...FAILING_DISK_CHECKS, ...FAILED_SYNC_CHECKS].map((check) => [
      `the simulated disk: ${check.name}`,
      (parts: SelfCheckParts) => tryFailingDisk(check, parts),
    ]),
  ),
  'verdicts on their way to the report': async () => tryVerdicts(),
  'runs that are resumed, divided and merged': async () => tryRuns(),
  'planted bugs beside their controls': async () => tryControls(),
  'links of the proxy': async () => tryLinks(),
  'faults on a network': (parts) =>
    tryNetworkFaults(parts.networkFaults, (trial) => stormed(parts, trial)),
  'the memory of a cell': async () => tryLimits(),
  'power cuts under real databases': () => tryCuts(),
  'kills of a store': (parts) => tryKills(parts.kill, (trial) => killed(parts, trial)),
  ...Object.fromEntries(
    Object.entries(POWER_LOSS_TRIALS).map(([name, trial]) => [
      `the file system that loses power: ${name}`,
      async () => trial(),
    ]),
  ),
};

export async function runSelfCheck(parts: SelfCheckParts): Promise<Outcome> {
  const trials: readonly (readonly [string, Trial])[] = [
    ...Object.entries(TRIALS),
    ...parts.faults.map(({ name }, i): [string, Trial] => [name, (own) => faultTrial(own, i)]),
    ...parts.accusers.map((one): [string, Trial] => [
      one.checker.name,
      (own) => checkerTrial(own, one),
    ]),
  ];
  const reasons: string[] = [];
  for (const [i, [name, trial]] of trials.entries()) {
    try {
      const problem = await trial(parts);
      if (problem !== undefined) reasons.push(`${name}: ${problem}`);
    } catch (error) {
      reasons.push(`${name}: ${(error as Error)?.message ?? String(error)}`);
    }
    parts.progress(i + 1, trials.length, 'trials');
  }
  const verdict: Verdict = {
    validity: reasons.length === 0 ? 'valid' : 'invalid',
    reasons,
    counts: { trials: trials.length },
  };
  return { verdict, figures: { trials: trials.length }, notVerified: [] };
}

function crashed(parts: SelfCheckParts, target: SimulatedTarget): Promise<Outcome> {
  const { operations, states } = parts.plan;
  const plan = { kind: 'crash-states', states, operations, clients: 4, everyStep: 3 } as const;
  return runCrashStates({ ...parts, target, plan, progress: () => true });
}

/** Crash states of a faulty store, each under one fault only; fewer for the correct store. */
const SMALL_PLAN = { kind: 'crash-states', operations: 24, clients: 4, everyStep: 2 } as const;
const CORRECT_STATES = 40;
const FAULTY_STATES = 2000;

function faultTrial(parts: SelfCheckParts, number: number): Promise<string | undefined> {
  const fault = parts.faults[number]!;
  return tryFault(fault, async (store, isFaulty) => {
    const states = isFaulty ? FAULTY_STATES : CORRECT_STATES;
    const plan = { ...SMALL_PLAN, states };
    const target = smallTarget(store);
    const faults = [fault];
    const all = { ...parts, settings: {}, target, plan, faults, progress: () => true };
    return (await runCrashStates(all)).verdict.validity;
  });
}

function checkerTrial(parts: SelfCheckParts, accuser: Accuser): Promise<string | undefined> {
  return tryChecker(accuser, async (target, { checker, workload, workloadOptions }) => {
    const own = { target, workload, workloadOptions, settings: {}, clients: 4 };
    const seed = deriveSeed(parts.seed, checker.name);
    const { events } = await simulate({ ...own, seed, operations: 2 * parts.plan.operations });
    return judge(checker, operationsOf(events)).validity;
  });
}

/** Kill loops of the trial's store, each kill within two milliseconds. */
async function killed(parts: SelfCheckParts, { clients, loops, ...trial }: KillTrial) {
  const plan = { kind: 'kill-loops', loops, clients, killAfterMs: [0, 2] } as const;
  const quietly = { progress: () => true, historySink: () => {} };
  const own = { target: PLAYED_TARGET, settings: {}, plan, ...quietly };
  const { verdict, figures } = await runKillLoops({ ...parts, ...own, ...trial });
  return { verdict, kills: figures.kills! };
}

/** Short phases: a played cluster reacts at once. */
const STORM_PLAN: Network = {
  ...{ kind: 'network', clients: 6, rate: 300, atATime: 1, timeoutMs: 60_000 },
  ...{ quietMs: 20, faultMs: 60, lastsMs: 40, restMs: 10, healMs: 40 },
};

async function stormed(parts: SelfCheckParts, { played, faults }: NetworkTrial) {
  const quietly = { progress: () => true, historySink: () => {} };
  const own = { ...parts, ...quietly, faults, plan: STORM_PLAN };
  return (await onCluster(own, played.site, played.cluster)).verdict;
}

async function mustBeCaught(parts: SelfCheckParts, honestSyncs: number) {
  const { verdict } = await crashed(parts, onLyingDisk(parts.target, honestSyncs));
  if (verdict.validity === 'invalid') return undefined;
  return `was found ${verdict.validity}: it loses what it acknowledged`;
}

function explored(
  { settings, seed, plan }: SelfCheckParts,
  target: SimulatedTarget,
  nestedEvery: number = EXPLORE_LIMITS.nestedEvery,
) {
  const workloads = workloadsOf(1);
  const limits = { sectorBytes: 512, statesMax: plan.states, ...EXPLORE_LIMITS, nestedEvery };
  return explore({ target, settings, seed, workloads, ...limits });
}

function run(parts: SelfCheckParts, seed: number) {
  return simulate({ ...parts, seed, clients: 4, operations: parts.plan.operations });
}

async function hashOf(parts: SelfCheckParts, label: number): Promise<string> {
  const { events } = await run(parts, deriveSeed(parts.seed, `seed ${label}`));
  return historyHash(events);
}

async function tryFailingDisk(
  { run: tries }: FailingDiskCheck,
  { target, seed }: SelfCheckParts,
): Promise<string | undefined> {
  try {
    await tries(failingSimDisk({ random: new Prng(seed), error: target.diskError }));
    return undefined;
  } catch (error) {
    return `does otherwise than a real one: ${(error as Error).message}`;
  }
}

/** Writes before a crash are in what it left; writes of the process that went on are not. */
function clonesAreApart({ target, seed }: SelfCheckParts): string | undefined {
  const options = { random: new Prng(seed), error: target.diskError };
  const disk = new SimDisk(options);
  const file = disk.open('file', 'create');
  disk.writeAt(file, new Uint8Array(1024).fill(1), 0);
  const modes = ['kill', 'all-kept', 'none-kept'] as const;
  const left = modes.map((mode) => [mode, disk.crashClone(mode, options)] as const);
  disk.writeAt(file, new Uint8Array(1024).fill(2), 0);
  for (const [mode, clone] of left) {
    const names = clone.list('').length + clone.files().length;
    if (mode === 'none-kept') {
      if (names > 0) return 'a power cut that keeps nothing kept a file';
      continue;
    }
    const bytes = new Uint8Array(1024);
    clone.readAt(clone.open('file', 'read'), bytes, 0);
    if (bytes.some((byte) => byte !== 1)) return `what "${mode}" left has changed afterwards`;
  }
  return undefined;
}
