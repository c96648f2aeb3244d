/**
 * A site whose nodes are containers on a private network. Links between nodes are cut by packet
 * filters in the containers' own network namespaces: true drops, one way at a time. Clients come
 * through proxies, as everywhere. Ports are the same inside and outside, and outlive a restart.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Login, ServerSpec } from '../../contract/cluster.ts';
import type { ContainerImage } from '../../contract/container-image.ts';
import { ClientLinks } from '../site/client-links.ts';
import type { FaultySite, NodeLinks, SiteAbilities } from '../site/faulty-site.ts';
import { hostName } from '../site/hosts.ts';
import { NodePorts } from '../site/node-ports.ts';
import type { ProxyServer } from '../site/proxy-server.ts';
import type { Watchdog } from '../watchdog.ts';
import { buildImage } from './images.ts';
import { NO_WAIT } from './no-wait.ts';
import { importTestcontainers, LABEL, labelOf, sweepContainers } from './testcontainers.ts';

export interface ContainerSiteOptions {
  readonly nodes: number;
  readonly image: ContainerImage;
  /** Where logs go, to be kept with the run. */
  readonly logs: string;
  readonly proxies: ProxyServer;
  readonly watchdog: Watchdog;
}

interface Server {
  readonly node: number;
  readonly id: string;
  readonly name: string;
  readonly ready: ServerSpec['ready'];
}

/** Of a log at most so much is kept. */
const LOGS = { encoding: 'utf8', maxBuffer: 64 * 2 ** 20 } as const;
const READY_PATIENCE_MS = 30_000;
const READY_POLL_MS = 50;

export class ContainerSite implements FaultySite {
  readonly bindAddress = '0.0.0.0';
  readonly keyPrefix = '';
  readonly nodes: number;
  readonly #options: ContainerSiteOptions;
  readonly #tag: string;
  readonly #network: string;
  readonly #ports: NodePorts;
  readonly #files = new Map<number, { target: string; content: string }[]>();
  readonly #clientLinks: ClientLinks;
  readonly #servers: Server[] = [];
  readonly #dead = new Set<string>();
  readonly #cutAt = new Set<number>();

  private constructor(
    options: ContainerSiteOptions,
    ports: NodePorts,
    tag: string,
    network: string,
  ) {
    this.#ports = ports;
    this.nodes = options.nodes;
    this.#options = options;
    this.#tag = tag;
    this.#network = network;
    this.#clientLinks = new ClientLinks(options.proxies);
  }

  /** Chooses ports for the purposes named, on every node. Throws when there is no image to be had. */
  static async make(
    options: ContainerSiteOptions,
    purposes: readonly string[],
  ): Promise<ContainerSite> {
    mkdirSync(options.logs, { recursive: true });
    sweepContainers();
    options.watchdog.guard({ containersOf: `${LABEL}=${labelOf(process.pid)}` });
    const tag = await buildImage(options.image);
    const ports = await NodePorts.choose(options.nodes, purposes);
    return new ContainerSite(options, ports, tag, makeNetwork());
  }

  directory(_node: number): string {
    return '/data';
  }

  writeFile(node: number, name: string, text: string): string {
    const path = `${this.directory(node)}/${name}`;
    this.#files.set(node, [...(this.#files.get(node) ?? []), { target: path, content: text }]);
    return path;
  }

  login(): Login {
    return {};
  }

  port(node: number, purpose: string): number {
    return this.#ports.of(node, purpose);
  }

  host(node: number): string {
    return hostName(node);
  }

  control(node: number, purpose: string): string {
    return `127.0.0.1:${this.port(node, purpose)}`;
  }

  clientAddress(client: number, node: number, purpose: string): Promise<string> {
    return this.#clientLinks.address(client, node, purpose, this.control(node, purpose));
  }

  /** The network of the containers knows their names. */
  async link(): Promise<void> {}

  async start(node: number, spec: ServerSpec): Promise<void> {
    const { GenericContainer } = await importTestcontainers();
    const own = this.#ports.all(node);
    const bare = new GenericContainer(this.#tag)
      .withLabels({ [LABEL]: labelOf(process.pid) })
      .withNetworkMode(this.#network)
      .withNetworkAliases(this.host(node))
      .withExposedPorts(...own.map((port) => ({ container: port, host: port })))
      .withEnvironment({ ...spec.environment })
      .withCopyContentToContainer(this.#files.get(node) ?? [])
      .withWaitStrategy(NO_WAIT);
    const { program, args, entryArgs } = spec;
    const ready =
      entryArgs === undefined
        ? bare.withEntrypoint([program]).withCommand([...args])
        : bare.withCommand([...entryArgs]);
    const container = await ready.start();
    const server = { node, id: container.getId(), name: spec.name, ready: spec.ready };
    this.#servers.push(server);
    await whenReady(server);
  }

  run(): Promise<string> {
    return Promise.reject(new Error('programs that end are not run in containers'));
  }

  links(node: number): NodeLinks {
    return { clients: this.#clientLinks.of(node), peers: [] };
  }

  /** Packets from the one are dropped where they reach the other. */
  async cut(from: number, to: number): Promise<void> {
    this.#drop(from, to, []);
  }

  async losePackets(node: number, share: number): Promise<void> {
    const some = ['-m', 'statistic', '--mode', 'random', '--probability', String(share)];
    for (const { node: other } of this.#servers) if (other !== node) this.#drop(other, node, some);
  }

  async heal(): Promise<void> {
    for (const node of this.#cutAt) {
      const { id } = this.#of(node);
      // A container that was restarted has a namespace, and so rules, anew.
      if (!this.#dead.has(id)) inNamespace(id, ['iptables', '-F', 'INPUT']);
    }
    this.#cutAt.clear();
    await Promise.all(this.#clientLinks.all.map((link) => link.heal()));
  }

  kill(node: number): Promise<void> {
    return this.#kill(this.#of(node));
  }

  async pause(node: number): Promise<void> {
    docker('pause', this.#of(node).id);
  }

  revive(node: number): Promise<void> {
    return this.#revive(this.#of(node));
  }

  crashed(): string[] {
    const isUp = (id: string) =>
      docker('inspect', '--format', '{{ .State.Running }}', id) === 'true';
    return this.#servers
      .filter(({ id }) => !this.#dead.has(id) && !isUp(id))
      .map(({ id, node, name }) => {
        const words = spawnSync('docker', ['logs', '--tail', '5', id], LOGS);
        return `${hostName(node)} ${name} ended by itself: ${words.stdout}${words.stderr}`;
      });
  }

  bumpClock(): Promise<void> {
    return Promise.reject(new Error('the clocks of containers are the machine’s'));
  }

  get abilities(): SiteAbilities {
    return {
      embeddedProxy: this.#options.proxies.isEmbedded,
      processes: true,
      peerCuts: process.getuid?.() === 0,
      packets: this.nodes > 1 && process.getuid?.() === 0,
      peerToxics: this.nodes === 1,
      clocks: false,
    };
  }

  async close(): Promise<void> {
    for (const { id, node, name } of this.#servers) {
      const { stdout, stderr } = spawnSync('docker', ['logs', id], LOGS);
      writeFileSync(join(this.#options.logs, `${hostName(node)}-${name}.log`), stdout + stderr);
      spawnSync('docker', ['rm', '-f', '-v', id], { stdio: 'ignore' });
    }
    spawnSync('docker', ['network', 'rm', this.#network], { stdio: 'ignore' });
  }

  #drop(from: number, to: number, which: readonly string[]): void {
    const source = addressOf(this.#of(from).id, this.#network);
    inNamespace(this.#of(to).id, ['iptables', '-A', 'INPUT', '-s', source, ...which, '-j', 'DROP']);
    this.#cutAt.add(to);
  }

  async #kill(server: Server): Promise<void> {
    docker('kill', '--signal', 'KILL', server.id);
    this.#dead.add(server.id);
  }

  async #revive(server: Server): Promise<void> {
    if (this.#dead.delete(server.id)) {
      docker('start', server.id);
      await whenReady(server);
    } else docker('unpause', server.id);
  }

  #of(node: number): Server {
    const server = this.#servers.find((one) => one.node === node);
    if (server === undefined) throw new Error(`node ${node} has no server`);
    return server;
  }
}

function makeNetwork(): string {
  const name = `assay-${process.pid}-${Date.now()}`;
  const label = `${LABEL}=${labelOf(process.pid)}`;
  const onLoopback = 'com.docker.network.bridge.host_binding_ipv4=127.0.0.1';
  docker('network', 'create', '--label', label, '--opt', onLoopback, name);
  return name;
}

async function whenReady({ name, id, ready }: Server): Promise<void> {
  const deadline = Date.now() + READY_PATIENCE_MS;
  for (;;) {
    try {
      return void (await ready());
    } catch (error) {
      if (Date.now() > deadline) {
        const words = spawnSync('docker', ['logs', '--tail', '20', id], { encoding: 'utf8' });
        const why = (error as Error)?.message ?? String(error);
        throw new Error(`${name} was not ready in time: ${why}: ${words.stdout}${words.stderr}`);
      }
    }
    await sleep(READY_POLL_MS);
  }
}

function docker(...args: string[]): string {
  return execFileSync('docker', args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

function addressOf(id: string, network: string): string {
  const format = `{{ (index .NetworkSettings.Networks "${network}").IPAddress }}`;
  return docker('inspect', '--format', format, id);
}

/** Runs a program of this machine in the network namespace of a container. Needs root. */
function inNamespace(id: string, command: readonly string[]): void {
  const pid = docker('inspect', '--format', '{{ .State.Pid }}', id);
  execFileSync('nsenter', ['-t', pid, '-n', ...command], { stdio: 'pipe' });
}
