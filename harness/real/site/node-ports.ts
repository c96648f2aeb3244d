/** The ports of a site's nodes, one for each purpose, all on this machine's loopback interface. */
import { freePort } from '../ports.ts';

export class NodePorts {
  readonly #ports = new Map<string, number>();

  static async choose(nodes: number, purposes: readonly string[]): Promise<NodePorts> {
    const chosen = new NodePorts();
    for (let node = 0; node < nodes; node++) {
      for (const purpose of purposes) {
        chosen.#ports.set(`${node} ${purpose}`, await freePort());
      }
    }
    return chosen;
  }

  /** Throws an Error for an unknown purpose. */
  of(node: number, purpose: string): number {
    const port = this.#ports.get(`${node} ${purpose}`);
    if (port === undefined) throw new Error(`node ${node} has no port for ${purpose}`);
    return port;
  }

  all(node: number): number[] {
    return [...this.#ports].filter(([name]) => name.startsWith(`${node} `)).map(([, port]) => port);
  }
}
