/** Free ports of the loopback interface. */
import { createServer } from 'node:net';

const given = new Set<number>();

/** A port that nothing listens on now, and that this process has not handed out before. */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const bound = server.address();
    await new Promise((resolve) => server.close(resolve));
    if (bound === null || typeof bound !== 'object') throw new Error('no port is free');
    // Ports of outgoing connections come from the same range; ours lie below it.
    const port = 10_000 + (bound.port % 20_000);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  });
}
