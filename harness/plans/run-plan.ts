/**
 * Runs one cell's plan against its target: chooses the runner, names what does not fit. Only the
 * runner that a cell needs is loaded: a run starts hundreds of processes.
 */

import type { Announce } from '../cells/adapter-calls.ts';
import { adapterError, clusterAdapterError } from '../cells/adapter-check.ts';
import type { Outcome, Progress } from '../cells/outcome.ts';
import type { ClusterTarget } from '../contract/cluster.ts';
import type { Fault } from '../contract/fault.ts';
import type { Cell } from '../contract/run-record.ts';
import type { Plan, Scenario } from '../contract/scenario.ts';
import type { EmbeddedTarget, Settings } from '../contract/target.ts';
import { whyUnfit } from '../matrix/applicability.ts';
import { lookUp, type Registry, type Target, UsageError } from '../matrix/registry.ts';
import type { Accuser } from '../self-check/checker-trials.ts';
import type { SimulatedTarget } from '../simulation/sim/simulated-target.ts';

export interface PlanContext {
  /** An empty directory for store files. */
  readonly directory: string;
  /** Where what is kept with the run goes. */
  readonly artefacts: string;
  readonly progress: Progress;
  /** Hears of each call of an adapter before it is known to return. */
  readonly announce: Announce;
  readonly historySink: (line: string) => void;
}

/** Peers of a load, with the settings in the peers' favour. */
const LOAD_PEERS: readonly { label: string; target: string; settings: Settings }[] = [
  { label: 'sqlite OFF', target: 'sqlite', settings: { synchronous: 'OFF' } },
];

export async function runPlan(
  registry: Registry,
  cell: Cell,
  context: PlanContext,
): Promise<Outcome> {
  const scenario = lookUp(registry.scenarios, 'scenario', cell.scenario);
  const { target, url, isPlugin } = lookUp(registry.targets, 'target', cell.target);
  const workload = lookUp(registry.workloads, 'workload', scenario.workload);
  const checkers = scenario.checkers.map((name) => lookUp(registry.checkers, 'checker', name));
  const plan = planOf(scenario, cell);
  const { seed } = cell;
  const defaults = target.kind === 'simulated' ? target.defaults : {};
  const settings = { ...defaults, ...cell.settings };
  const unfit = whyUnfit(registry, scenario, target);
  if (unfit !== undefined) return unsupported(unfit);
  if (isPlugin && target.kind === 'embedded') {
    const error = await adapterError(target, url, settings, context.announce);
    if (error !== undefined) return unknown(error);
  }
  const workloadOptions = scenario.workloadOptions ?? {};
  const common = { settings, workload, workloadOptions, checkers, seed, ...context };
  switch (plan.kind) {
    case 'crash-states':
      return (await import('./crash/crash-states.ts')).runCrashStates({
        ...common,
        plan,
        target: simulated(target),
        faults: faultsOf(registry, scenario, 'crash'),
      });
    case 'seeds':
      return (await import('./seeds.ts')).runSeeds({ ...common, plan, target: simulated(target) });
    case 'damage':
      return (await import('./damage/damage.ts')).runDamage({
        ...common,
        plan,
        target: simulated(target),
      });
    case 'explore':
      return (await import('./explore.ts')).runExplore({
        ...common,
        plan,
        target: simulated(target),
      });
    case 'model':
    case 'graph-model':
    case 'timeline':
    case 'hostile':
      return (await import('./model.ts')).runModel({ ...common, plan, target: simulated(target) });
    case 'fail-nth':
      return (await import('./fail-nth.ts')).runFailNth({
        ...common,
        plan,
        target: simulated(target),
      });
    case 'fuzz':
      return (await import('./damage/fuzz.ts')).runFuzz({
        ...common,
        plan,
        target: simulated(target),
      });
    case 'hostile-keys':
      return (await import('./hostile-keys.ts')).runHostileKeys({
        ...common,
        plan,
        target: simulated(target),
      });
    case 'repair':
      return (await import('./damage/repair.ts')).runRepair({
        ...common,
        plan,
        target: simulated(target),
      });
    case 'upkeep':
      return (await import('./upkeep/upkeep.ts')).runUpkeep({
        ...common,
        plan,
        target: simulated(target),
      });
    case 'supernode':
      return (await import('./supernode.ts')).runSupernode({
        ...common,
        plan,
        target: simulated(target),
      });
    case 'compression':
      return (await import('./compression.ts')).runCompression({
        ...common,
        plan,
        target: simulated(target),
      });
    case 'storms':
      return (await import('./storms.ts')).runStorms({
        ...common,
        plan,
        target: simulated(target),
      });
    case 'doubled-requests':
    case 'hostile-clients':
      if (simulated(target).openService === undefined)
        return unsupported(`${target.name} has no server`);
      return (await import('./service.ts')).runService({
        ...common,
        plan,
        target: simulated(target),
      });
    case 'self-check':
      return (await import('./self-check.ts')).runSelfCheck({
        ...common,
        plan,
        target: simulated(target),
        faults: faultsOf(registry, scenario, 'crash'),
        kill: faultsOf(registry, scenario, 'process')[0]!,
        networkFaults: [...registry.faults.values()].filter((one) => one.kind === 'network'),
        accusers: accusersIn(registry),
      });
    case 'known-histories':
      return (await import('./known-histories.ts')).runKnownHistories(
        registry.checkers,
        context.progress,
      );
    case 'bench-verdicts':
      return (await import('./bench-verdicts.ts')).runBenchVerdicts(seed, context.progress);
    case 'kill-loops': {
      const { hostsOf, runKillLoops } = await import('./kill-loops.ts');
      const fault = faultsOf(registry, scenario, 'process')[0]!;
      const startHost = hostsOf(url);
      return runKillLoops({ ...common, plan, target: embedded(target), startHost, fault });
    }
    case 'power-cuts':
      return (await import('./power-cuts.ts')).runPowerCuts({
        ...common,
        plan,
        target: embedded(target),
        targetUrl: url,
      });
    case 'remote-model':
      return (await import('./remote-model.ts')).runRemoteModel({
        ...common,
        plan,
        start: embedded(target).startRemote!,
      });
    case 'hostile-sockets':
      return (await import('./hostile-sockets.ts')).runHostileSockets({
        ...common,
        plan,
        program: embedded(target).serverProgram!,
      });
    case 'network':
      return (await import('./network/run-network.ts')).runNetwork({
        ...common,
        plan,
        target: cluster(target),
        faults: scenario.faults.length === 0 ? [] : faultsOf(registry, scenario, 'network'),
        ...(isPlugin && {
          adapterError: (started) =>
            clusterAdapterError(target.name, started, url, context.announce),
        }),
      });
    case 'soak':
      return (await import('./soak.ts')).runSoakCell({
        ...common,
        plan,
        target: embedded(target),
        targetUrl: url,
      });
    case 'disk':
      return (await import('./disk.ts')).runDisk({ ...common, plan });
    case 'growth':
      return (await import('./growth.ts')).runGrowth({ ...common, plan, targetUrl: url });
    case 'load': {
      const own = { label: target.name, target: embedded(target), settings };
      const peers = LOAD_PEERS.map((peer) => ({
        ...peer,
        target: embedded(lookUp(registry.targets, 'target', peer.target).target),
      }));
      return (await import('./load.ts')).runLoad({
        plan,
        seed,
        ...context,
        contenders: [own, ...peers],
      });
    }
  }
}

/** The scenario's plan with the cell's overrides. Throws UsageError for one it does not have. */
export function planOf(scenario: Scenario, cell: Cell): Plan {
  for (const name of Object.keys(cell.plan ?? {})) {
    if (!(name in scenario.plan)) {
      throw new UsageError(`The plan of ${scenario.name} has no ${name}.`);
    }
  }
  return { ...scenario.plan, ...cell.plan };
}

/** Checkers with the workload of a scenario that names them, as far as that needs transactions only. */
export function accusersIn({ checkers, scenarios, workloads }: Registry): Accuser[] {
  return [...checkers.values()].flatMap((checker) => {
    const scenario = [...scenarios.values()].find((one) => one.checkers.includes(checker.name));
    const workload = workloads.get(scenario?.workload ?? '');
    if (workload === undefined || workload.needs.length > 0) return [];
    return [{ checker, workload, workloadOptions: scenario?.workloadOptions ?? {} }];
  });
}

/** The scenario's faults of one kind, at least one. */
function faultsOf<K extends Fault['kind']>(
  registry: Registry,
  scenario: Scenario,
  kind: K,
): Extract<Fault, { kind: K }>[] {
  const all = scenario.faults.map((name) => lookUp(registry.faults, 'fault', name));
  const fitting = all.filter((fault) => fault.kind === kind);
  if (fitting.length === 0) throw new UsageError(`${scenario.name} names no ${kind} fault.`);
  return fitting as Extract<Fault, { kind: K }>[];
}

function simulated(target: Target): SimulatedTarget {
  if (target.kind === 'simulated') return target;
  throw new UsageError(`${target.name} is not simulated; use engine-sim.`);
}

function embedded(target: Target): EmbeddedTarget {
  if (target.kind === 'embedded') return target;
  throw new UsageError(`${target.name} is simulated; use engine or sqlite.`);
}

function cluster(target: Target): ClusterTarget {
  if (target.kind === 'cluster') return target;
  throw new UsageError(`${target.name} is no server on a network; use engine-server or etcd.`);
}

function unknown(reason: string): Outcome {
  return {
    ...unsupported(reason),
    verdict: { validity: 'unknown', reasons: [reason], counts: {} },
  };
}

function unsupported(reason: string): Outcome {
  return {
    verdict: { validity: 'unsupported', reasons: [reason], counts: {} },
    figures: {},
    notVerified: [reason],
  };
}
