/** Why a cluster cannot run on this machine, or cannot be given some faults. A scenario is never weakened to fit. */
import type { Cluster, ClusterTarget } from '../../contract/cluster.ts';
import type { NetworkFault } from '../../contract/fault.ts';
import type { Settings } from '../../contract/target.ts';
import { lacking } from '../../real/abilities.ts';
import type { FaultySite } from '../../real/site/faulty-site.ts';
import { isVia } from '../../real/site/via.ts';

const WHAT_IS_MISSING: Readonly<Record<NetworkFault['needs'][number], string>> = {
  packets: 'a network whose packets can be dropped (via=container, as root)',
  peers: 'links between nodes that can be cut',
  toxics: 'proxied links between nodes',
  embedded: 'the embedded Toxiproxy',
  clock: 'servers whose clock can be moved',
  processes: 'servers of its own, to stop and kill',
  promote: 'a cluster that is told whom to promote',
};

/** What this machine lacks to run it at all, in words; `undefined` when nothing. */
export function whatIsMissing(
  target: ClusterTarget,
  faults: readonly NetworkFault[],
  settings: Settings,
): string | undefined {
  const { name, image, urlPort } = target;
  if (isVia(settings, 'container') && image === undefined) return `${name} needs a container image`;
  if (isVia(settings, 'url') && urlPort === undefined) {
    return `${name} needs ports that a URL does not tell`;
  }
  const missing = lacking(requirements(target, faults, settings));
  return missing.length === 0 ? undefined : `needs ${missing.join(', ')}`;
}

function requirements(
  { needs: own, nodes }: ClusterTarget,
  faults: readonly NetworkFault[],
  settings: Settings,
): string[] {
  if (isVia(settings, 'container')) return ['docker'];
  if (isVia(settings, 'url')) return [];
  const needs = new Set(own);
  if (nodes > 1) needs.add('hosts');
  if (faults.some((fault) => fault.needs.includes('clock'))) needs.add('faketime');
  return [...needs];
}

/** Why this cluster can't be given these faults, in words; `undefined` when it can. */
export function whyRefused(
  site: FaultySite,
  cluster: Cluster,
  faults: readonly NetworkFault[],
): string | undefined {
  const { embeddedProxy, processes, peerCuts, packets, peerToxics, clocks } = site.abilities;
  const there = {
    peers: peerCuts,
    packets,
    toxics: peerToxics,
    embedded: embeddedProxy,
    processes,
    clock: clocks && cluster.clock !== undefined,
    promote: cluster.promote !== undefined,
  };
  for (const { name, needs, nodesMin = 1 } of faults) {
    if (site.nodes < nodesMin) return `${name} needs ${nodesMin} nodes`;
    const missing = needs.find((need) => !there[need]);
    if (missing !== undefined) return `${name} needs ${WHAT_IS_MISSING[missing]}`;
  }
  return undefined;
}
