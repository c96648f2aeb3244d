/**
 * ProxyServer: the Toxiproxy behind a site's links, in its own process. Three variants with one client:
 * the embedded server (default), a server at TOXIPROXY_URL, or the published image in a container. Cuts
 * and toxics use the standard API and work on all three; half-open connections and resets of idle ones
 * need the embedded server.
 */
import { randomUUID } from 'node:crypto';
import { Toxiproxy, type Proxy as ToxiproxyProxy } from 'toxiproxy-node-client';
import type { LinkToxic } from '../../contract/fault.ts';
import { type RunningProxy, startEmbedded } from './embedded-proxy.ts';
import { patientFetch } from './patient-fetch.ts';

/** `TOXIPROXY_URL` in the environment names a server; `ASSAY_TOXIPROXY=container` starts an image. */
export type ProxyChoice = 'embedded' | 'container' | { readonly url: string };

export function proxyChoice(environment: NodeJS.ProcessEnv = process.env): ProxyChoice {
  const { TOXIPROXY_URL: url = '', ASSAY_TOXIPROXY: kind = '' } = environment;
  if (url !== '') return { url };
  if (kind === '' || kind === 'embedded') return 'embedded';
  if (kind === 'container') return 'container';
  throw new Error(`ASSAY_TOXIPROXY is ${kind}, not embedded or container`);
}

export class ProxyServer {
  readonly #client: Toxiproxy;
  readonly #running: RunningProxy;
  readonly #proxies: ToxiproxyProxy[] = [];
  readonly #isOurs: boolean;
  /** Prefix of link names, on a server that may be shared. */
  readonly #prefix = `assay-${randomUUID().slice(0, 8)}-`;
  readonly isEmbedded: boolean;

  /** Throws an Error if the server does not answer. */
  static async start(choice: ProxyChoice, seed: number): Promise<ProxyServer> {
    const running = await startServer(choice, seed);
    try {
      const isEmbedded = await fetch(`${running.url}/assay/capabilities`).then(
        (answer) => answer.ok,
        (error: Error) => {
          throw new Error(`there is no Toxiproxy at ${running.url}: ${error.message}`);
        },
      );
      return new ProxyServer(running, isEmbedded, typeof choice === 'string');
    } catch (error) {
      await running.stop();
      throw error;
    }
  }

  private constructor(running: RunningProxy, isEmbedded: boolean, isOurs: boolean) {
    this.#isOurs = isOurs;
    this.#running = running;
    this.isEmbedded = isEmbedded;
    this.#client = new Toxiproxy(running.url);
  }

  get url(): string {
    return this.#running.url;
  }

  /** A link from an address (port 0: any free one) to another. Names: letters, digits, dashes. */
  async link(name: string, listen: string, upstream: string): Promise<ProxiedLink> {
    const own = this.#isOurs ? name : `${this.#prefix}${name}`;
    const body = { name: own, listen, upstream, enabled: true };
    const proxy = await this.#client.createProxy(body);
    this.#proxies.push(proxy);
    return new ProxiedLink(proxy, this.url);
  }

  /** Removes its links; ends the server if the harness started it. */
  async close(): Promise<void> {
    if (!this.#isOurs) await Promise.allSettled(this.#proxies.map((proxy) => proxy.remove()));
    await this.#running.stop();
  }
}

export class ProxiedLink {
  readonly #proxy: ToxiproxyProxy;
  readonly #own: string;
  readonly #toxics = new Set<string>();
  #isHalfOpen = false;
  #toxicNumber = 0;

  constructor(proxy: ToxiproxyProxy, serverUrl: string) {
    this.#proxy = proxy;
    this.#own = `${serverUrl}/assay/proxies/${proxy.name}`;
  }

  /** `host:port` */
  get listen(): string {
    return this.#proxy.listen;
  }

  /**
   * Discards data in one direction, using a timeout toxic that never fires. Its removal ends the
   * connections, so no byte follows a gap.
   */
  async cut(stream: 'upstream' | 'downstream'): Promise<void> {
    const name = `cut-${stream}`;
    if (this.#toxics.has(name)) return;
    this.#toxics.add(name);
    const attributes = { timeout: 0 };
    await this.#proxy.addToxic({ name, type: 'timeout', stream, toxicity: 1, attributes });
  }

  async add({ type, stream, attributes, toxicity = 1 }: LinkToxic): Promise<void> {
    const name = `${type}-${this.#toxicNumber++}`;
    this.#toxics.add(name);
    await this.#proxy.addToxic({ name, type, stream, toxicity, attributes });
  }

  /** Needs the embedded server. */
  async halfOpen(): Promise<void> {
    this.#isHalfOpen = true;
    await this.#ask('POST', 'half-open');
  }

  /** Needs the embedded server. */
  async reset(): Promise<void> {
    await this.#ask('POST', 'resets');
  }

  async heal(): Promise<void> {
    const names = [...this.#toxics];
    this.#toxics.clear();
    await Promise.all(names.map(async (name) => (await this.#proxy.getToxic(name)).remove()));
    if (this.#isHalfOpen) await this.#ask('DELETE', 'half-open');
    this.#isHalfOpen = false;
  }

  async #ask(method: string, path: string): Promise<void> {
    const answer = await patientFetch(`${this.#own}/${path}`, {
      method,
      ...(method === 'POST' && { body: '{}' }),
    });
    if (!answer.ok) throw new Error(`${path} of ${this.#proxy.name}: ${await answer.text()}`);
  }
}

async function startServer(choice: ProxyChoice, seed: number): Promise<RunningProxy> {
  if (choice === 'embedded') return startEmbedded(seed);
  if (choice === 'container') {
    const { startToxiproxyContainer } = await import('../containers/toxiproxy-container.ts');
    return startToxiproxyContainer();
  }
  return { url: choice.url.replace(/\/+$/, ''), stop: async () => undefined };
}
