/**
 * Redis with Sentinel: three nodes, each a server and a sentinel; node 0 begins as the primary.
 * Replication is asynchronous. Everybody knows everybody by host names, so that each pair has links
 * of its own. Settings: `minReplicas`, how many replicas must listen for a write to be taken.
 */
import type { Redis } from 'ioredis';
import { type Cluster, defineCluster, type Site } from '../contract/cluster.ts';
import type { Settings } from '../contract/target.ts';
import { soon } from './client/driver.ts';
import { openRedis, redisSession } from './redis/session.ts';

const NODES = 3;
const QUORUM = 2;
const DOWN_AFTER_MS = 1000;
const FAILOVER_TIMEOUT_MS = 3000;
const ASK_MS = 500;

export default defineCluster({
  kind: 'cluster',
  name: 'redis',
  doc: 'a primary and two replicas of Redis with three Sentinels; minReplicas=0',
  capabilities: { isolation: 'serializable', durable: true, graph: false },
  nodes: NODES,
  ports: ['redis', 'sentinel'],
  needs: ['redis', 'sentinel'],
  drivers: ['ioredis'],
  checkSettings: (settings) => void minReplicasOf(settings),
  async start(site, settings): Promise<Cluster> {
    const all = Array.from({ length: NODES }, (_, node) => node);
    for (const from of all) {
      for (const to of all) {
        if (from === to) continue;
        await site.link(from, to, 'redis');
        await site.link(from, to, 'sentinel');
      }
    }
    const minReplicas = minReplicasOf(settings);
    for (const node of all) await startServer(site, node, minReplicas);
    for (const node of all) await startSentinel(site, node);
    const known = () => Promise.all(all.map((node) => sentinelKnows(site, node)));
    await waitUntil(async () => (await known()).every((complete) => complete));
    return {
      connect: async (client, node) =>
        redisSession(await site.clientAddress(client, node, 'redis')),
      primary: () => primaryOf(site),
      // No clock: libfaketime and the allocator of Redis call each other forever.
      close: async () => undefined,
    };
  },
});

async function startServer(site: Site, node: number, minReplicas: number): Promise<void> {
  const config = [
    `port ${site.port(node, 'redis')}`,
    `bind ${site.bindAddress}`,
    `dir ${site.directory(node)}`,
    'protected-mode no',
    'appendonly yes',
    'save ""',
    `replica-announce-ip ${site.host(node)}`,
    `replica-announce-port ${site.port(node, 'redis')}`,
    'repl-diskless-sync-delay 0',
    'repl-ping-replica-period 1',
    'repl-timeout 5',
    `min-replicas-to-write ${minReplicas}`,
    'min-replicas-max-lag 2',
    ...(node === 0 ? [] : [`replicaof ${site.host(0)} ${site.port(0, 'redis')}`]),
  ];
  await site.start(node, {
    name: 'redis',
    program: 'redis-server',
    args: [site.writeFile(node, 'redis.conf', `${config.join('\n')}\n`)],
    ready: () =>
      withRedis(site.control(node, 'redis'), async (redis) => {
        const info = await redis.info('replication');
        const isMaster = info.includes('role:master');
        if (isMaster || info.includes('master_link_status:up')) return;
        throw new Error('the replica has not caught up');
      }),
  });
}

async function startSentinel(site: Site, node: number): Promise<void> {
  const config = [
    `port ${site.port(node, 'sentinel')}`,
    `bind ${site.bindAddress}`,
    `dir ${site.directory(node)}`,
    'protected-mode no',
    'sentinel resolve-hostnames yes',
    'sentinel announce-hostnames yes',
    `sentinel announce-ip ${site.host(node)}`,
    `sentinel announce-port ${site.port(node, 'sentinel')}`,
    `sentinel monitor main ${site.host(0)} ${site.port(0, 'redis')} ${QUORUM}`,
    `sentinel down-after-milliseconds main ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout main ${FAILOVER_TIMEOUT_MS}`,
  ];
  await site.start(node, {
    name: 'sentinel',
    program: 'redis-sentinel',
    args: [site.writeFile(node, 'sentinel.conf', `${config.join('\n')}\n`)],
    ready: () => withRedis(site.control(node, 'sentinel'), (sentinel) => sentinel.ping()),
  });
}

/** Whether a sentinel has found all others, and the replicas. */
async function sentinelKnows(site: Site, node: number): Promise<boolean> {
  const count = async (sentinel: Redis, what: string) =>
    ((await sentinel.call('SENTINEL', what, 'main')) as unknown[]).length;
  const found = await soon(
    ASK_MS,
    withRedis(site.control(node, 'sentinel'), async (sentinel) => [
      await count(sentinel, 'sentinels'),
      await count(sentinel, 'replicas'),
    ]),
  );
  return found?.every((others) => others === NODES - 1) ?? false;
}

/** The node that most sentinels send clients to. */
async function primaryOf(site: Site): Promise<number | undefined> {
  const ask = (node: number) =>
    soon(
      ASK_MS,
      withRedis(site.control(node, 'sentinel'), async (sentinel) => {
        const reply = await sentinel.call('SENTINEL', 'get-master-addr-by-name', 'main');
        return (reply as [string])[0];
      }),
    );
  const names = await Promise.all(Array.from({ length: NODES }, (_, node) => ask(node)));
  for (let node = 0; node < NODES; node++) {
    if (names.filter((name) => name === site.host(node)).length >= QUORUM) return node;
  }
  return undefined;
}

async function withRedis<T>(address: string, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = await openRedis(address);
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}

async function waitUntil(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('the sentinels did not find each other');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function minReplicasOf({ minReplicas = 0, ...rest }: Settings): number {
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new Error(`redis has no setting ${unknown}`);
  if (minReplicas === 0 || minReplicas === 1 || minReplicas === 2) return minReplicas;
  throw new Error(`minReplicas is ${minReplicas}, not 0, 1 or 2`);
}
