/**
 * Free ports of the loopback interface. Each process looks in a stretch of its own first, so that
 * two that look at the same moment do not choose the same; all lie below the ports of outgoing
 * connections.
 */
import { createServer } from 'node:net';

const FIRST = 10_000;
const STRETCHES = 200;
const STRETCH = 100;
const TOTAL = STRETCHES * STRETCH;

let next = (process.pid % STRETCHES) * STRETCH;

/** A port that nothing listens on now, and that this process has not handed out before. */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < TOTAL; tried++) {
    const port = FIRST + (next++ % TOTAL);
    if (await isFree(port)) return port;
  }
  throw new Error(`no port from ${FIRST} to ${FIRST + TOTAL - 1} is free`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  });
}
