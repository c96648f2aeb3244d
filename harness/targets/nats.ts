/**
 * NATS JetStream: three servers, a stream with three replicas. Gossip would route around cut links,
 * so each server advertises a name that others have a link of their own to.
 */
import { type Cluster, defineCluster, type Site } from '../contract/cluster.ts';
import type { Settings } from '../contract/target.ts';
import { soon } from './client/driver.ts';
import { natsSession, openJetStream, openNats, STREAM, SUBJECTS } from './nats/session.ts';

const NODES = 3;
const ASK_MS = 500;
const START_MS = 20_000;

export default defineCluster({
  kind: 'cluster',
  name: 'nats',
  doc: 'three servers of NATS with a JetStream stream of three replicas, read as a map',
  capabilities: { isolation: 'serializable', durable: true, graph: false },
  nodes: NODES,
  ports: ['client', 'route', 'monitor'],
  urlPort: 'client',
  needs: ['nats'],
  drivers: ['@nats-io/transport-node', '@nats-io/jetstream'],
  checkSettings(settings: Settings) {
    const [unknown] = Object.keys(settings);
    if (unknown !== undefined) throw new Error(`nats has no setting ${unknown}`);
  },
  async start(site): Promise<Cluster> {
    const all = Array.from({ length: site.nodes }, (_, node) => node);
    for (const from of all) {
      for (const to of all) if (from !== to) await site.link(from, to, 'route');
    }
    await Promise.all(all.map((node) => startServer(site, node)));
    await makeStream(site);
    return {
      connect: async (client, node) =>
        natsSession(await site.clientAddress(client, node, 'client')),
      primary: () => leaderOf(site),
      close: async () => undefined,
    };
  },
});

async function startServer(site: Site, node: number): Promise<void> {
  const route = (to: number) => `nats-route://${site.host(to)}:${site.port(to, 'route')}`;
  const routes = Array.from({ length: site.nodes }, (_, to) => to)
    .filter((to) => to !== node)
    .map((to) => `    ${route(to)}`);
  const listen = (purpose: string) => `"${site.bindAddress}:${site.port(node, purpose)}"`;
  const config = `
server_name: "${site.host(node)}"
listen: ${listen('client')}
http: ${listen('monitor')}
jetstream { store_dir: "${site.directory(node)}/jetstream" }
cluster {
  name: assay
  listen: ${listen('route')}
  cluster_advertise: "${site.host(node)}:${site.port(node, 'route')}"
  no_advertise: true
  routes: [
${routes.join('\n')}
  ]
}
`;
  const health = `http://${site.control(node, 'monitor')}/healthz`;
  await site.start(node, {
    name: 'nats',
    program: 'nats-server',
    args: ['-c', site.writeFile(node, 'nats.conf', config)],
    async ready() {
      const answer = await fetch(health);
      if (!answer.ok) throw new Error(await answer.text());
    },
  });
}

/** Tried again while the servers choose a leader. */
async function makeStream(site: Site): Promise<void> {
  const connection = await openNats(site.control(0, 'client'));
  const deadline = Date.now() + START_MS;
  for (;;) {
    try {
      const { manager } = await openJetStream(connection);
      await manager.streams.add({
        name: STREAM,
        subjects: [SUBJECTS],
        num_replicas: site.nodes,
        max_msgs_per_subject: 1,
      });
      return await connection.close();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

interface JetStreamState {
  readonly account_details?: readonly {
    readonly stream_detail?: readonly { readonly cluster?: { readonly leader?: string } }[];
  }[];
}

/** The stream's leader, as most servers name it. */
async function leaderOf(site: Site): Promise<number | undefined> {
  const ask = async (node: number): Promise<string | undefined> => {
    const answer = await fetch(`http://${site.control(node, 'monitor')}/jsz?streams=true`);
    const state = (await answer.json()) as JetStreamState;
    return state.account_details?.[0]?.stream_detail?.[0]?.cluster?.leader;
  };
  const all = Array.from({ length: site.nodes }, (_, node) => node);
  const names = await Promise.all(all.map((node) => soon(ASK_MS, ask(node))));
  return all.find(
    (node) => names.filter((name) => name === site.host(node)).length * 2 > site.nodes,
  );
}
