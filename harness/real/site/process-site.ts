/** A site whose nodes are processes of this machine, and whose links are proxies on loopback. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Login, ServerSpec } from '../../contract/cluster.ts';
import { ABILITIES, findLibfaketime } from '../abilities.ts';
import { ServerProcess } from '../server-process.ts';
import type { Watchdog } from '../watchdog.ts';
import { ClientLinks } from './client-links.ts';
import type { FaultySite, NodeLinks, SiteAbilities } from './faulty-site.ts';
import { hostName, hostsFile, linkAddress } from './hosts.ts';
import { NodePorts } from './node-ports.ts';
import type { ProxiedLink, ProxyServer } from './proxy-server.ts';

export interface ProcessSiteOptions {
  readonly nodes: number;
  /** An empty directory; all files of the nodes go below it. */
  readonly directory: string;
  /** Directory for logs, kept with the run. */
  readonly logs: string;
  readonly proxies: ProxyServer;
  readonly watchdog: Watchdog;
  /** Allows shifting the nodes' clocks. */
  readonly fakeClock: boolean;
}

interface PeerLink {
  readonly from: number;
  readonly to: number;
  readonly link: ProxiedLink;
}

const LOOPBACK = '127.0.0.1';

export class ProcessSite implements FaultySite {
  readonly bindAddress = LOOPBACK;
  readonly keyPrefix = '';
  readonly nodes: number;
  readonly #options: ProcessSiteOptions;
  readonly #ports: NodePorts;
  readonly #peerLinks: PeerLink[] = [];
  readonly #clientLinks: ClientLinks;
  readonly #servers: { node: number; process: ServerProcess; ready: ServerSpec['ready'] }[] = [];

  private constructor(options: ProcessSiteOptions, ports: NodePorts) {
    this.nodes = options.nodes;
    this.#ports = ports;
    this.#options = options;
    this.#clientLinks = new ClientLinks(options.proxies);
  }

  /** Chooses ports for the given purposes, on every node. */
  static async make(
    options: ProcessSiteOptions,
    purposes: readonly string[],
  ): Promise<ProcessSite> {
    const ports = await NodePorts.choose(options.nodes, purposes);
    const site = new ProcessSite(options, ports);
    mkdirSync(options.logs, { recursive: true });
    chmodSync(options.directory, 0o755); // servers that refuse root must get in
    for (let node = 0; node < options.nodes; node++) {
      mkdirSync(site.directory(node), { recursive: true });
      writeFileSync(site.#hosts(node), hostsFile(node, options.nodes));
    }
    return site;
  }

  directory(node: number): string {
    return join(this.#options.directory, hostName(node));
  }

  writeFile(node: number, name: string, text: string): string {
    const path = join(this.directory(node), name);
    writeFileSync(path, text);
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
    return `${LOOPBACK}:${this.port(node, purpose)}`;
  }

  clientAddress(client: number, node: number, purpose: string): Promise<string> {
    return this.#clientLinks.address(client, node, purpose, this.control(node, purpose));
  }

  async link(from: number, to: number, purpose: string): Promise<void> {
    const listen = `${linkAddress(from, to)}:${this.port(to, purpose)}`;
    const name = `peer-${from}-to-${to}-${purpose}`;
    const link = await this.#options.proxies.link(name, listen, this.control(to, purpose));
    this.#peerLinks.push({ from, to, link });
  }

  async start(node: number, spec: ServerSpec): Promise<void> {
    const server = this.#process(node, spec, true);
    this.#servers.push({ node, process: server, ready: spec.ready });
    await server.start(spec.ready);
  }

  run(node: number, spec: Omit<ServerSpec, 'ready'>): Promise<string> {
    return this.#process(node, spec, false).run();
  }

  links(node: number): NodeLinks {
    return {
      clients: this.#clientLinks.of(node),
      peers: this.#peerLinks
        .filter(({ from, to }) => from === node || to === node)
        .map(({ link }) => link),
    };
  }

  /** Both connections between the two carry messages from the one to the other. */
  async cut(from: number, to: number): Promise<void> {
    const cuts = this.#peerLinks.map(({ from: dialler, to: acceptor, link }) => {
      if (dialler === from && acceptor === to) return link.cut('upstream');
      return dialler === to && acceptor === from ? link.cut('downstream') : undefined;
    });
    await Promise.all(cuts);
  }

  losePackets(): Promise<void> {
    return Promise.reject(new Error('bytes of a stream are not dropped one by one'));
  }

  async heal(): Promise<void> {
    const links = [...this.#peerLinks.map(({ link }) => link), ...this.#clientLinks.all];
    await Promise.all(links.map((link) => link.heal()));
  }

  async kill(node: number): Promise<void> {
    await Promise.all(this.#of(node).map(({ process }) => process.kill()));
  }

  async pause(node: number): Promise<void> {
    for (const { process } of this.#of(node)) process.pause();
  }

  async revive(node: number): Promise<void> {
    for (const { process, ready } of this.#of(node)) {
      if (process.isRunning) process.resume();
      else await process.start(ready);
    }
  }

  crashed(): string[] {
    return this.#servers
      .filter(({ process }) => process.hasCrashed)
      .map(({ process }) => `${process.name} ended by itself: ${process.lastWords()}`);
  }

  async bumpClock(node: number, byMs: number): Promise<void> {
    if (!this.#options.fakeClock) throw new Error('the clocks of this site are real');
    writeFileSync(this.#clock(node), `${byMs >= 0 ? '+' : '-'}${Math.abs(byMs) / 1000}`);
  }

  get abilities(): SiteAbilities {
    const hasPeerLinks = this.#peerLinks.length > 0;
    return {
      embeddedProxy: this.#options.proxies.isEmbedded,
      processes: true,
      peerCuts: hasPeerLinks,
      packets: false,
      peerToxics: hasPeerLinks || this.nodes === 1,
      clocks: this.#options.fakeClock,
    };
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#servers.map(({ process }) => process.kill()));
  }

  #of(node: number) {
    return this.#servers.filter((server) => server.node === node);
  }

  #process(node: number, spec: Omit<ServerSpec, 'ready'>, isServer: boolean): ServerProcess {
    const { name, program, args, user, environment = {} } = spec;
    const directory = this.directory(node);
    if (user !== undefined && process.getuid?.() === 0) {
      execFileSync('chown', ['-R', `${user}:`, directory]);
    }
    const isAlone = this.nodes === 1 || ABILITIES.get('hosts')?.available() !== true;
    return new ServerProcess(
      {
        name: `${hostName(node)} ${name}`,
        program,
        args,
        user,
        directory,
        environment: { TMPDIR: directory, ...environment },
        preload: isServer ? this.#clockEnvironment(node) : {},
        logFile: join(this.#options.logs, `${hostName(node)}-${name}.log`),
        hostsFile: isAlone ? undefined : this.#hosts(node),
      },
      this.#options.watchdog,
    );
  }

  #hosts(node: number): string {
    return join(this.#options.directory, `${hostName(node)}.hosts`);
  }

  #clock(node: number): string {
    return join(this.#options.directory, `${hostName(node)}.clock`);
  }

  #clockEnvironment(node: number): Record<string, string> {
    const library = this.#options.fakeClock ? findLibfaketime() : undefined;
    if (library === undefined) return {};
    writeFileSync(this.#clock(node), '+0');
    return {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: this.#clock(node),
      FAKETIME_NO_CACHE: '1',
      DONT_FAKE_MONOTONIC: '1',
    };
  }
}
