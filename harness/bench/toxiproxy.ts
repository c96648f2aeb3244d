/**
 * `npm run bench:toxiproxy`: overhead of the embedded Toxiproxy, running in its own process, against a
 * direct connection in the same run: round trips, one-way throughput of one connection, connection
 * setup.
 */
import { spawn } from 'node:child_process';
import { connect, createServer, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

const ROUND_TRIPS = 20_000;
const WARM_UP = 2_000;
const ONE_WAY_BYTES = 1_000_000_000;
const CONNECTIONS = 1_000;
const CLI = fileURLToPath(new URL('../cli/assay.mjs', import.meta.url));

async function listening(handler: (socket: Socket) => void): Promise<number> {
  const server = createServer({ noDelay: true }, handler);
  server.unref();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await new Promise<void>((resolve, reject) =>
    socket.once('connect', resolve).once('error', reject),
  );
  return socket;
}

async function roundTrips(port: number): Promise<string> {
  const socket = await open(port);
  const times: number[] = [];
  for (let i = 0; i < WARM_UP + ROUND_TRIPS; i++) {
    const began = performance.now();
    await new Promise<void>((resolve) => {
      socket.once('data', () => resolve());
      socket.write('0123456789abcdef');
    });
    if (i >= WARM_UP) times.push(1000 * (performance.now() - began));
  }
  socket.destroy();
  times.sort((a, b) => a - b);
  const at = (share: number) => `${times[Math.floor(share * times.length)]!.toFixed(0)} µs`;
  return `p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}`;
}

async function oneWay(port: number, received: () => number): Promise<string> {
  const socket = await open(port);
  const piece = Buffer.alloc(1 << 20);
  const before = received();
  const began = performance.now();
  for (let sent = 0; sent < ONE_WAY_BYTES; sent += piece.length) {
    if (!socket.write(piece))
      await new Promise<void>((resolve) => socket.once('drain', () => resolve()));
  }
  while (received() - before < ONE_WAY_BYTES) await new Promise((resolve) => setImmediate(resolve));
  socket.destroy();
  return `${(ONE_WAY_BYTES / 1e3 / (performance.now() - began)).toFixed(0)} MB/s`;
}

async function manyConnections(port: number): Promise<string> {
  const began = performance.now();
  const sockets: Socket[] = [];
  for (let i = 0; i < CONNECTIONS; i++) sockets.push(await open(port));
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((resolve) => {
          socket.once('data', () => resolve());
          socket.write('x');
        }),
    ),
  );
  const taken = performance.now() - began;
  for (const socket of sockets) socket.destroy();
  return `${CONNECTIONS} connections open at once, each answered: ${taken.toFixed(0)} ms`;
}

let bytes = 0;
const echo = await listening((socket) => {
  socket.on('error', () => {});
  socket.pipe(socket);
});
const sink = await listening((socket) => {
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    bytes += chunk.length;
  });
});
const child = spawn(process.execPath, [CLI, 'toxiproxy', '--port', '0', '--host', '127.0.0.1'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const url = await new Promise<string>((resolve) => {
  child.stdout.once('data', (line: Buffer) => resolve(line.toString().split(' ')[0]!.trim()));
});
const through = async (name: string, port: number): Promise<number> => {
  const body = JSON.stringify({ name, listen: '127.0.0.1:0', upstream: `127.0.0.1:${port}` });
  const proxy = (await (await fetch(`${url}/proxies`, { method: 'POST', body })).json()) as {
    listen: string;
  };
  return Number(proxy.listen.split(':')[1]);
};
const [echoProxy, sinkProxy] = [await through('echo', echo), await through('sink', sink)];
console.log(`round trip, direct:    ${await roundTrips(echo)}`);
console.log(`round trip, proxied:   ${await roundTrips(echoProxy)}`);
console.log(`one way, direct:       ${await oneWay(sink, () => bytes)}`);
console.log(`one way, proxied:      ${await oneWay(sinkProxy, () => bytes)}`);
console.log(`proxied:               ${await manyConnections(echoProxy)}`);
child.kill('SIGTERM');
