/**
 * Whether a scenario fits a target, decided in milliseconds from what both declare. A missing npm
 * driver is part of the answer. Missing programs, and what only a started cluster can tell, are not:
 * they make the cell `unsupported`.
 */
import type { ClusterTarget } from '../contract/cluster.ts';
import type { NetworkFault } from '../contract/fault.ts';
import type { Plan, Scenario } from '../contract/scenario.ts';
import { missingDrivers } from '../real/drivers.ts';
import type { Registry, Target } from './registry.ts';

/** Every other plan runs in simulation. */
const KIND_OF_PLAN: Readonly<Partial<Record<Plan['kind'], Target['kind']>>> = {
  'kill-loops': 'embedded',
  'power-cuts': 'embedded',
  load: 'embedded',
  growth: 'embedded',
  disk: 'embedded',
  soak: 'embedded',
  'remote-model': 'embedded',
  'hostile-sockets': 'embedded',
  network: 'cluster',
};

/** Plans that end the process and read what is left. */
const CRASHING: readonly Plan['kind'][] = ['kill-loops', 'power-cuts', 'soak'];

const KIND_WORDS: Readonly<Record<Target['kind'], string>> = {
  simulated: 'a simulated target, like engine-sim',
  embedded: 'an embedded target, like engine or sqlite',
  cluster: 'a server on a network, like engine-server or etcd',
};

/** Why `scenario` can't be run on `target`, as the end of a sentence; undefined when it can. */
export function whyUnfit(
  registry: Registry,
  scenario: Scenario,
  target: Target,
): string | undefined {
  const { plan } = scenario;
  const wanted = KIND_OF_PLAN[plan.kind] ?? 'simulated';
  if (target.kind !== wanted) return `needs ${KIND_WORDS[wanted]}`;
  const needs = registry.workloads.get(scenario.workload)?.needs ?? [];
  const missing = needs.filter((need) => !target.capabilities[need]);
  if (missing.length > 0) return `needs ${missing.join(' and ')}, which ${target.name} lacks`;
  if (CRASHING.includes(plan.kind) && !target.capabilities.durable) {
    return `needs a durable target; nothing of ${target.name} survives its process`;
  }
  if (target.kind === 'simulated' && plan.kind === 'repair' && target.repair === undefined) {
    return `needs a repair, which ${target.name} lacks`;
  }
  const isSimulated = target.kind === 'simulated';
  if (isSimulated && plan.kind === 'supernode' && target.openCountedGraph === undefined) {
    return `needs a graph store whose work is counted, which ${target.name} lacks`;
  }
  if (target.kind === 'embedded' && plan.kind === 'load' && target.openBulk === undefined) {
    return `needs a bulk interface, which ${target.name} lacks`;
  }
  if (target.kind === 'embedded' && plan.kind === 'growth' && !target.reportsRecovery) {
    return `needs a report of each start, which ${target.name} lacks`;
  }
  const hasRemote = target.kind === 'embedded' && target.startRemote !== undefined;
  if (plan.kind === 'remote-model' && !hasRemote) {
    return `needs a server and a client, which ${target.name} lacks`;
  }
  const hasProgram = target.kind === 'embedded' && target.serverProgram !== undefined;
  if (plan.kind === 'hostile-sockets' && !hasProgram) {
    return `needs a server that is a program, which ${target.name} lacks`;
  }
  return target.kind === 'cluster' ? clusterUnfit(registry, scenario, target) : undefined;
}

function clusterUnfit(
  registry: Registry,
  scenario: Scenario,
  target: ClusterTarget,
): string | undefined {
  const faults = scenario.faults
    .map((name) => registry.faults.get(name))
    .filter((fault): fault is NetworkFault => fault?.kind === 'network');
  const tooFew = faults.find(({ nodesMin = 1 }) => target.nodes < nodesMin);
  if (tooFew !== undefined) {
    const { name, nodesMin } = tooFew;
    return `needs ${nodesMin} nodes for the fault ${name}; ${target.name} has ${target.nodes}`;
  }
  const drivers = missingDrivers(target.drivers ?? []);
  return drivers.length === 0
    ? undefined
    : `needs the driver ${drivers.join(' and ')} (npm install ${drivers.join(' ')})`;
}
