/**
 * Names and addresses of a site's nodes. Node j is `node-j`; in the private hosts file of node i that
 * name stands for 127.1.i.j, where the link from i to j listens, on the very port that the server of
 * j has on 127.0.0.1. So each ordered pair has a link of its own, and servers know only names.
 */
export function hostName(node: number): string {
  return `node-${node}`;
}

/** Where the link from one node to another listens. */
export function linkAddress(from: number, to: number): string {
  return `127.1.${from + 1}.${to + 1}`;
}

/** What node `of` sees as /etc/hosts. */
export function hostsFile(of: number, nodes: number): string {
  const lines = ['127.0.0.1 localhost'];
  for (let node = 0; node < nodes; node++) {
    lines.push(`${node === of ? '127.0.0.1' : linkAddress(of, node)} ${hostName(node)}`);
  }
  return `${lines.join('\n')}\n`;
}
