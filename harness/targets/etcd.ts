/**
 * etcd: three members, each pair with a link of its own. Settings: `reads`, linearizable (default)
 * or serializable (of one member alone, however far behind it is).
 */
import { type Cluster, defineCluster, type Site } from '../contract/cluster.ts';
import type { Settings } from '../contract/target.ts';
import { optimisticTransaction } from './client/optimistic.ts';
import { EtcdGateway } from './etcd/gateway.ts';
import { etcdLocks } from './etcd/locks.ts';
import { EtcdTransaction } from './etcd/transaction.ts';
import { etcdWatches } from './etcd/watches.ts';

const NODES = 3;
const HEARTBEAT_MS = 100;
const ELECTION_MS = 500;
const LEASE_SECONDS = 1;

interface Status {
  readonly header: { readonly member_id: string; readonly raft_term: string };
  readonly leader?: string;
}

export default defineCluster({
  kind: 'cluster',
  name: 'etcd',
  doc: 'three members of etcd; reads=linearizable or serializable',
  capabilities: {
    isolation: 'serializable',
    durable: true,
    graph: false,
    locks: true,
    watches: true,
  },
  nodes: NODES,
  ports: ['peer', 'client'],
  urlPort: 'client',
  needs: ['etcd'],
  image: { name: 'assay-etcd', packages: ['etcd-server'] },
  checkSettings: (settings) => void readsOf(settings),
  async start(site, settings): Promise<Cluster> {
    const serializable = readsOf(settings) === 'serializable';
    const all = Array.from({ length: site.nodes }, (_, node) => node);
    for (const from of all) {
      for (const to of all) if (from !== to) await site.link(from, to, 'peer');
    }
    const controls = all.map((node) => new EtcdGateway(site.control(node, 'client')));
    const name = (node: number) => `http://${site.host(node)}:${site.port(node, 'peer')}`;
    const members = all.map((node) => `member-${node}=${name(node)}`).join(',');
    await Promise.all(
      all.map((node) => startMember(site, node, members, name(node), controls[node]!)),
    );
    return {
      async connect(client, node) {
        const gateway = new EtcdGateway(await site.clientAddress(client, node, 'client'));
        return {
          begin: async () => optimisticTransaction(new EtcdTransaction(gateway, serializable)),
          locks: etcdLocks(gateway, LEASE_SECONDS),
          watches: etcdWatches(gateway),
          close: async () => gateway.close(),
        };
      },
      primary: () => leaderOf(controls),
      leaseMs: LEASE_SECONDS * 1000,
      close: async () => {
        for (const control of controls) control.close();
      },
    };
  },
});

async function startMember(
  site: Site,
  node: number,
  members: string,
  peer: string,
  control: EtcdGateway,
): Promise<void> {
  const listen = (purpose: string) => `http://${site.bindAddress}:${site.port(node, purpose)}`;
  await site.start(node, {
    name: 'etcd',
    program: 'etcd',
    args: [
      ...['--name', `member-${node}`, '--data-dir', `${site.directory(node)}/data`],
      ...['--listen-peer-urls', listen('peer'), '--initial-advertise-peer-urls', peer],
      ...['--listen-client-urls', listen('client')],
      ...['--advertise-client-urls', listen('client')],
      ...['--initial-cluster', members, '--initial-cluster-state', 'new'],
      ...['--heartbeat-interval', String(HEARTBEAT_MS)],
      ...['--election-timeout', String(ELECTION_MS)],
      ...['--logger', 'zap', '--log-outputs', 'stderr'],
    ],
    // A linearizable read, so that it succeeds only with a quorum.
    ready: () => control.call('/v3/kv/range', { key: Buffer.from('ready').toString('base64') }),
  });
}

/** The leader according to the majority of answers of the newest term. */
async function leaderOf(controls: readonly EtcdGateway[]): Promise<number | undefined> {
  const asked = controls.map((control) => statusOf(control));
  const answers = await Promise.all(asked);
  let best: { node: number; term: number } | undefined;
  for (const [node, status] of answers.entries()) {
    if (status === undefined || status.leader !== status.header.member_id) continue;
    const term = Number(status.header.raft_term);
    if (best === undefined || term > best.term) best = { node, term };
  }
  return best?.node;
}

/** `undefined` if the member does not answer in time: it may be stopped. */
async function statusOf(control: EtcdGateway): Promise<Status | undefined> {
  const late = new Promise<undefined>((resolve) => {
    setTimeout(resolve, ELECTION_MS, undefined).unref();
  });
  const status = control.call<Status>('/v3/maintenance/status', {}).catch(() => undefined);
  return Promise.race([status, late]);
}

function readsOf({ reads = 'linearizable', ...rest }: Settings): string {
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new Error(`etcd has no setting ${unknown}`);
  if (reads === 'linearizable' || reads === 'serializable') return reads;
  throw new Error(`reads is ${reads}, not linearizable or serializable`);
}
