/**
 * A site of servers that others operate, named by URLs. Clients reach them through links of the harness, which
 * can be broken; the servers and the links between them are left alone. A run uses keys with its own prefix
 * and removes them at the end.
 */
import { connect } from 'node:net';
import type { Login, ServerSpec } from '../../contract/cluster.ts';
import { ClientLinks } from './client-links.ts';
import type { FaultySite, NodeLinks, SiteAbilities } from './faulty-site.ts';
import type { ProxyServer } from './proxy-server.ts';
import type { ServerUrl } from './via.ts';

const CONNECT_MS = 3000;

export class UrlSite implements FaultySite {
  readonly bindAddress = '';
  readonly keyPrefix: string;
  readonly #servers: readonly ServerUrl[];
  readonly #purpose: string;
  readonly #proxies: ProxyServer;
  readonly #clientLinks: ClientLinks;

  /** `purpose`: the purpose of the URLs' port. `keyPrefix`: prefix of this run's keys. */
  constructor(
    servers: readonly ServerUrl[],
    purpose: string,
    proxies: ProxyServer,
    keyPrefix: string,
  ) {
    this.#servers = servers;
    this.#purpose = purpose;
    this.#proxies = proxies;
    this.#clientLinks = new ClientLinks(proxies);
    this.keyPrefix = keyPrefix;
  }

  get nodes(): number {
    return this.#servers.length;
  }

  directory(): string {
    return '';
  }

  writeFile(): string {
    return '';
  }

  login(node: number): Login {
    return this.#servers[node]!.login;
  }

  port(node: number, purpose: string): number {
    return Number(this.control(node, purpose).split(':').at(-1));
  }

  host(node: number): string {
    return this.control(node, this.#purpose).replace(/:\d+$/, '');
  }

  /** Ports for other purposes are unknown: port 0 refuses connections. */
  control(node: number, purpose: string): string {
    const { address } = this.#servers[node]!;
    return purpose === this.#purpose ? address : address.replace(/:\d+$/, ':0');
  }

  clientAddress(client: number, node: number, purpose: string): Promise<string> {
    return this.#clientLinks.address(client, node, purpose, this.control(node, purpose));
  }

  async link(): Promise<void> {}

  /** The server already runs: only checks that its port accepts connections. */
  async start(node: number, _: ServerSpec): Promise<void> {
    await listens(this.#servers[node]!.address);
  }

  async run(): Promise<string> {
    return '';
  }

  links(node: number): NodeLinks {
    return { clients: this.#clientLinks.of(node), peers: [] };
  }

  cut(): Promise<void> {
    return Promise.reject(notOurs());
  }

  losePackets(): Promise<void> {
    return Promise.reject(notOurs());
  }

  async heal(): Promise<void> {
    await Promise.all(this.#clientLinks.all.map((link) => link.heal()));
  }

  kill(): Promise<void> {
    return Promise.reject(notOurs());
  }

  pause(): Promise<void> {
    return Promise.reject(notOurs());
  }

  async revive(): Promise<void> {}

  crashed(): string[] {
    return [];
  }

  bumpClock(): Promise<void> {
    return Promise.reject(notOurs());
  }

  get abilities(): SiteAbilities {
    return {
      embeddedProxy: this.#proxies.isEmbedded,
      processes: false,
      peerCuts: false,
      packets: false,
      peerToxics: this.nodes === 1,
      clocks: false,
    };
  }

  async close(): Promise<void> {}
}

const notOurs = () => new Error('the server is somebody else’s');

function listens(address: string): Promise<void> {
  const [host, port] = address.split(':');
  return new Promise((resolve, reject) => {
    const socket = connect({ host: host!, port: Number(port), timeout: CONNECT_MS });
    const end = (error?: Error) => {
      socket.destroy();
      if (error === undefined) resolve();
      else reject(new Error(`nobody listens at ${address}: ${error.message}`));
    };
    socket.once('connect', () => end());
    socket.once('timeout', () => end(new Error('no answer')));
    socket.once('error', end);
  });
}
