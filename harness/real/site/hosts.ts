/**
 * Names and addresses of a site's nodes. Node j is `node-j`. In the private hosts file of node i that
 * name resolves to 127.1.i.j, where the link from i to j listens on the port that server j uses on
 * 127.0.0.1. So each ordered pair has its own link, and servers know only names.
 */
export function hostName(node: number): string {
  return `node-${node}`;
}

/** Where the link from one node to another listens. */
export function linkAddress(from: number, to: number): string {
  return `127.1.${from + 1}.${to + 1}`;
}

/** The /etc/hosts of node `of`. */
export function hostsFile(of: number, nodes: number): string {
  const lines = ['127.0.0.1 localhost'];
  for (let node = 0; node < nodes; node++) {
    lines.push(`${node === of ? '127.0.0.1' : linkAddress(of, node)} ${hostName(node)}`);
  }
  return `${lines.join('\n')}\n`;
}
