/** Client links: one for each client, node and port. */
import type { ProxiedLink, ProxyServer } from './proxy-server.ts';

export class ClientLinks {
  readonly #proxies: ProxyServer;
  readonly #links = new Map<string, { readonly node: number; readonly link: ProxiedLink }>();

  constructor(proxies: ProxyServer) {
    this.#proxies = proxies;
  }

  get all(): ProxiedLink[] {
    return [...this.#links.values()].map(({ link }) => link);
  }

  of(node: number): ProxiedLink[] {
    return [...this.#links.values()].filter((one) => one.node === node).map(({ link }) => link);
  }

  /**
   * Address at which the client reaches `upstream`, the node's port. The link is created at the first
   * call.
   */
  async address(client: number, node: number, purpose: string, upstream: string): Promise<string> {
    const name = `client-${client}-to-${node}-${purpose}`;
    const found = this.#links.get(name);
    if (found !== undefined) return found.link.listen;
    const link = await this.#proxies.link(name, '127.0.0.1:0', upstream);
    this.#links.set(name, { node, link });
    return link.listen;
  }
}
