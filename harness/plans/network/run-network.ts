/**
 * A run on a real cluster, in phases: clients work without faults; faults are injected and removed; all is
 * healed and clients continue; final reads follow. The whole history is judged.
 */
import { mkdirSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Outcome, type Progress, percentilesOf } from '../../cells/outcome.ts';
import { ClientPool } from '../../client/client-pool.ts';
import { type Checker, judge } from '../../contract/checker.ts';
import type { Cluster, ClusterTarget } from '../../contract/cluster.ts';
import type { NetworkFault } from '../../contract/fault.ts';
import { operationsOf } from '../../contract/pairing.ts';
import type { FaultWindow } from '../../contract/run-record.ts';
import type { Network } from '../../contract/scenario.ts';
import type { Settings } from '../../contract/target.ts';
import { mergeVerdicts, type Verdict } from '../../contract/verdict.ts';
import type { Workload } from '../../contract/workload.ts';
import { Recorder } from '../../history/recorder.ts';
import { Prng } from '../../random/prng.ts';
import type { FaultySite } from '../../real/site/faulty-site.ts';
import { withSite } from '../../real/site/provision.ts';
import { ownSettings } from '../../real/site/via.ts';
import { ClusterFaultContext } from './fault-context.ts';
import { networkFigures } from './figures.ts';
import { Nemesis } from './nemesis.ts';
import { removeOwnKeys, withOwnKeys } from './own-keys.ts';
import { whatIsMissing, whyRefused } from './refusal.ts';

export interface NetworkRunParts {
  readonly target: ClusterTarget;
  readonly settings: Settings;
  readonly workload: Workload;
  readonly workloadOptions: Readonly<Record<string, number>>;
  readonly checkers: readonly Checker[];
  readonly faults: readonly NetworkFault[];
  readonly plan: Network;
  readonly seed: number;
  readonly progress: Progress;
  /** An empty directory for the nodes' files. */
  readonly directory: string;
  /** Where logs are kept with the run. */
  readonly artefacts: string;
  readonly historySink: (line: string) => void;
  /** What is wrong with the adapter of a cluster that was started; left out, it is not checked. */
  readonly adapterError?: (cluster: Cluster) => Promise<string | undefined>;
}

const RECOVERY_PATIENCE_MS = 60_000;
const FINAL_READ_PATIENCE_MS = 60_000;
const FINAL_READ_PAUSE_MS = 250;

/** A cluster that does not start proves nothing: `unknown`, with its last words. */
export async function runNetwork(parts: NetworkRunParts): Promise<Outcome> {
  const { target, faults } = parts;
  const missing = whatIsMissing(target, faults, parts.settings);
  if (missing !== undefined) return unsupported(missing);
  mkdirSync(parts.directory, { recursive: true });
  const fakeClock = faults.some((fault) => fault.needs.includes('clock'));
  let started = false;
  try {
    return await withSite({ ...parts, logs: parts.artefacts, fakeClock }, async (site) => {
      const cluster = onOwnKeys(await target.start(site, ownSettings(parts.settings)), site);
      started = true;
      try {
        const why = whyRefused(site, cluster, faults);
        if (why !== undefined) return unsupported(why);
        const wrong = await parts.adapterError?.(cluster);
        if (wrong !== undefined) return notProven(unknown(wrong));
        return await onCluster(parts, site, cluster);
      } finally {
        if (site.keyPrefix !== '') await removeWhatIsOurs(cluster);
        await cluster.close();
      }
    });
  } catch (error) {
    if (started) throw error;
    return notProven(unknown(`it did not start: ${(error as Error)?.message ?? String(error)}`));
  }
}

function notProven(verdict: Verdict): Outcome {
  return { verdict, figures: {}, notVerified: verdict.reasons };
}

/** Restricts every connection to the key prefix of this run. */
function onOwnKeys(cluster: Cluster, { keyPrefix }: FaultySite): Cluster {
  if (keyPrefix === '') return cluster;
  return {
    ...cluster,
    connect: async (client, node) => withOwnKeys(await cluster.connect(client, node), keyPrefix),
  };
}

async function removeWhatIsOurs(cluster: Cluster): Promise<void> {
  const session = await cluster.connect(0, (await cluster.primary?.().catch(() => 0)) ?? 0);
  await removeOwnKeys(session, '');
  await session.close();
}

/** The phases, on a cluster that has been started. */
export async function onCluster(
  parts: Omit<NetworkRunParts, 'target' | 'settings' | 'directory' | 'artefacts'>,
  site: FaultySite,
  cluster: Cluster,
): Promise<Outcome> {
  const { plan, seed, checkers, progress } = parts;
  const workload = parts.workload.create({ ...parts.workload.options, ...parts.workloadOptions });
  const random = new Prng(seed);
  const setup = await cluster.connect(plan.clients, (await cluster.primary?.()) ?? 0);
  await workload.setup(setup);
  await setup.close();

  const began = performance.now();
  const now = () => performance.now() - began;
  const recorder = new Recorder(now, parts.historySink);
  const pool = new ClientPool({
    cluster,
    nodes: site.nodes,
    workload,
    recorder,
    random: random.derive('clients'),
    clients: plan.clients,
    ratePerSecond: plan.rate,
    timeoutMs: plan.timeoutMs,
  });
  const field = new ClusterFaultContext({
    site,
    cluster,
    random: random.derive('faults'),
    lastsMs: plan.lastsMs,
    acknowledged: (node) => pool.acknowledged(node),
  });
  const nemesis = new Nemesis(field, parts.faults, now);
  const totalMs = plan.quietMs + plan.faultMs + plan.healMs;
  const ticker = setInterval(() => progress(Math.min(now(), totalMs), totalMs, 'ms'), 500);
  const verdicts: Verdict[] = [];
  let recoveries: number[] = [];
  try {
    pool.start();
    await sleep(plan.quietMs);
    await nemesis.run(plan).catch((error: unknown) => {
      verdicts.push(unknown(`a fault failed: ${(error as Error)?.message ?? String(error)}`));
    });
    recoveries = await recovery(pool, plan.healMs);
    await pool.stop();
    if (recoveries.length === 0) {
      verdicts.push(unknown('no client had an answer for a long time after all was healed'));
    }
    const readAll = await finalReads(pool, cluster, site.nodes, workload.finalReads, plan.clients);
    if (!readAll) verdicts.push(unknown('the cluster gave no final reads after it was healed'));
  } finally {
    clearInterval(ticker);
    await pool.stop();
  }
  for (const reason of site.crashed()) {
    verdicts.push({ validity: 'invalid', reasons: [reason.slice(0, 1000)], counts: {} });
  }
  const events = recorder.events();
  verdicts.push(...checkers.map((checker) => judge(checker, operationsOf(events))));
  return {
    verdict: mergeVerdicts(verdicts),
    events,
    ...toldInNumbers(events, nemesis.windows, recoveries, plan.clients),
    notVerified: ['power loss: a killed process leaves the page cache to the kernel'],
  };
}

function toldInNumbers(
  events: ReturnType<Recorder['events']>,
  windows: readonly FaultWindow[],
  recoveries: readonly number[],
  clients: number,
) {
  const { figures, latency, timeline } = networkFigures(events, windows);
  const recovered = percentilesOf(recoveries);
  return {
    figures: { ...figures, clientsThatRecovered: recoveries.length, clients },
    latency,
    timeline,
    ...(recovered && windows.length > 0 && { recovery: recovered }),
  };
}

/**
 * Milliseconds from the heal to each client's next answer. Clients continue for `healMs`, or longer
 * until one of them has an answer; clients without one are left out.
 */
async function recovery(pool: ClientPool, healMs: number): Promise<number[]> {
  const healed = performance.now();
  const first = new Map<number, number>();
  const patienceMs = Math.max(healMs, RECOVERY_PATIENCE_MS);
  for (let ms = 0; ms < healMs || (first.size === 0 && ms < patienceMs); ) {
    for (const [client, at] of pool.lastOk.entries()) {
      if (at > healed && !first.has(client)) first.set(client, at - healed);
    }
    await sleep(5);
    ms = performance.now() - healed;
  }
  return [...first.values()];
}

/** Reads on the node that has the say, or on any that answers. */
async function finalReads(
  pool: ClientPool,
  cluster: Cluster,
  nodes: number,
  reads: readonly { f: string; value: unknown }[],
  client: number,
): Promise<boolean> {
  const deadline = performance.now() + FINAL_READ_PATIENCE_MS;
  for (const read of reads) {
    for (let turn = 0; ; turn++) {
      const node = (await cluster.primary?.().catch(() => undefined)) ?? turn % nodes;
      if ((await pool.once(client, node, read)) === 'ok') break;
      if (performance.now() > deadline) return false;
      await sleep(FINAL_READ_PAUSE_MS);
    }
  }
  return true;
}

function unknown(reason: string): Verdict {
  return { validity: 'unknown', reasons: [reason], counts: {} };
}

function unsupported(reason: string): Outcome {
  const verdict: Verdict = { validity: 'unsupported', reasons: [reason], counts: {} };
  return { verdict, figures: {}, notVerified: [reason] };
}
