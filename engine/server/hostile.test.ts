import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http2 from 'node:http2';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { nodeEnv } from '../env/node/index.ts';
import { utf8 } from '../format/bytes.ts';
import { type Database, open } from '../index.ts';
import { openChannel } from './channel.ts';
import { connect, type StoreClient } from './client.ts';
import type { Limits } from './limits.ts';
import { type RunningServer, type ServerOptions, startServer } from './server.ts';

const bytes = (text: string) => utf8.encode(text);
const put = (key: string, value: string | Uint8Array) => ({
  key: bytes(key),
  value: typeof value === 'string' ? bytes(value) : value,
  remove: false,
});

let cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
  cleanUps = [];
});

async function serve(
  limits: Partial<Limits> = {},
  more: ServerOptions = {},
): Promise<RunningServer & { store: Database }> {
  const directory = mkdtempSync(join(tmpdir(), 'assay-hostile-'));
  cleanUps.push(() => rmSync(directory, { recursive: true, force: true }));
  const store = await open(nodeEnv(), { directory, durability: 'none', segmentBytes: 1 << 20 });
  const server = await startServer(store, { port: 0, healthPort: 0, limits, ...more });
  cleanUps.push(() => server.stop());
  return { ...server, store };
}

function clientOf(port: number): StoreClient {
  const client = connect(`127.0.0.1:${port}`);
  cleanUps.push(() => client.close());
  return client;
}

/** Sends bytes; answers what came back until the connection ended. */
function exchange(socket: net.Socket, sent: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    socket.on('data', (data) => (answer += data.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
    socket.write(sent);
  });
}

const fixture = (name: string) =>
  readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');
const mutualTls = () => {
  const [key, certificate] = [fixture('test-key.pem'), fixture('test-certificate.pem')];
  return { key, certificate, clientAuthority: certificate };
};

describe('a server under hostile clients', () => {
  it.each([
    ['without TLS', undefined],
    ['under mutual TLS', mutualTls()],
  ])('answers odd request lines of the health port %s', async (_, tls) => {
    const server = await serve({}, tls === undefined ? {} : { tls });
    const statusOf = async (line: string) => {
      const socket = net.connect(server.healthPort, '127.0.0.1');
      const answer = await exchange(socket, `${line}\r\nHost: x\r\nConnection: close\r\n\r\n`);
      return Number(answer.split(' ')[1] ?? 0);
    };
    expect(await statusOf('GET // HTTP/1.1')).toBe(404);
    expect(await statusOf('GET * HTTP/1.1')).toBe(400);
    expect(await statusOf('GET http://a:99999/x HTTP/1.1')).toBe(400);
    expect(await statusOf('GET http://[::1/ HTTP/1.1')).toBe(400);
    expect(await statusOf('GET http://a/health/live HTTP/1.1')).toBe(200);
    expect(await statusOf('GET /health/ready?x=%zz HTTP/1.1')).toBe(200);
    expect(await statusOf('OPTIONS * HTTP/1.1')).toBe(405);
    expect(await statusOf('GET /health/live HTTP/1.1')).toBe(200);
  });

  it('outlives what is no TLS on its TLS port', async () => {
    const tls = mutualTls();
    const server = await serve({}, { tls });
    const odd = [
      'GET / HTTP/1.1\r\n\r\n',
      Buffer.alloc(300, 0x16),
      Buffer.from([0x16, 3, 1, 0, 1]),
    ];
    for (const sent of odd) {
      const socket = net.connect(server.port, '127.0.0.1');
      const closed = exchange(socket, sent);
      socket.end();
      await closed;
    }
    const strange = connectTls({ port: server.port, host: '127.0.0.1', ca: tls.certificate });
    await exchange(strange, 'no client certificate');
    const address = `localhost:${server.port}`;
    const own = { authority: tls.certificate, key: tls.key, certificate: tls.certificate };
    const client = connect(address, { tls: own });
    cleanUps.push(() => client.close());
    await client.put(bytes('a'), bytes('1'));
  });

  it('answers a transaction id that is no text, and one that fits no header', async () => {
    const { port } = await serve();
    const h2 = http2.connect(`http://127.0.0.1:${port}`);
    cleanUps.push(() => h2.destroy());
    const getIn = (transaction: Buffer) => {
      const field = (tag: number, value: Buffer) => {
        const length: number[] = [];
        for (let left = value.length; ; left >>>= 7) {
          length.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
          if (left <= 0x7f) break;
        }
        return Buffer.concat([Buffer.from([tag, ...length]), value]);
      };
      const message = Buffer.concat([field(0x0a, Buffer.from('k')), field(0x12, transaction)]);
      const frame = Buffer.alloc(5);
      frame.writeUInt32BE(message.length, 1);
      return new Promise<string>((resolve) => {
        const stream = h2.request({
          ':method': 'POST',
          ':path': '/assay.store.v1.Store/Get',
          'content-type': 'application/grpc',
          te: 'trailers',
        });
        let code = '';
        const note = (headers: http2.IncomingHttpHeaders) => {
          code = String(headers['assay-code'] ?? code);
        };
        stream.on('response', note);
        stream.on('trailers', note);
        stream.on('error', () => undefined);
        stream.on('close', () => resolve(code));
        stream.resume();
        stream.end(Buffer.concat([frame, message]));
      });
    };
    expect(await getIn(Buffer.from([0xed, 0xa0, 0x80]))).toBe('transaction-unknown');
    expect(await getIn(Buffer.alloc(100_000, 0x78))).toBe('transaction-unknown');
    expect(await getIn(Buffer.from('a\r\nb'))).toBe('transaction-unknown');
    await clientOf(port).put(bytes('a'), bytes('1'));
  });

  it('closes the connections that are idle longest, and those that never shake hands', async () => {
    const { port } = await serve({ connections: 20 });
    const client = clientOf(port);
    await client.put(bytes('a'), bytes('1'));
    const idle = Array.from({ length: 100 }, () => net.connect(port, '127.0.0.1'));
    const closed = idle.map(
      (socket) =>
        new Promise<void>((resolve) => {
          socket.on('error', () => undefined);
          socket.on('close', () => resolve());
          socket.resume();
        }),
    );
    await Promise.race(closed.slice(0, 80));
    expect(utf8.decode((await client.get(bytes('a')))!)).toBe('1');
    for (const socket of idle) socket.destroy();
  });

  it('answers on the health port beside requests that never end', async () => {
    const { healthPort } = await serve();
    const made = Array.from({ length: 100 }, () => {
      const socket = net.connect(healthPort, '127.0.0.1');
      cleanUps.push(() => void socket.destroy());
      socket.on('error', () => undefined);
      socket.write('GET /health/live HTTP/1.1\r\nX');
      return new Promise((resolve) => socket.on('connect', resolve));
    });
    await Promise.all(made);
    const socket = net.connect(healthPort, '127.0.0.1');
    const answer = await exchange(socket, 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('answers one request of a connection of the health port', async () => {
    const { healthPort } = await serve();
    const socket = net.connect(healthPort, '127.0.0.1');
    const answer = await exchange(socket, 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(300));
    expect(answer.match(/^assay_connections /gm)).toHaveLength(1);
  });

  it('closes connections that make no request', async () => {
    const { port } = await serve({ connectionIdleMs: 40 });
    const closed = ['', 'PRI * HT', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'].map((sent) => {
      const socket = net.connect(port, '127.0.0.1');
      return exchange(socket, sent);
    });
    await Promise.all(closed);
  });

  it('refuses a request that does not arrive whole, and serves the others', async () => {
    const { port } = await serve({ receiveMs: 50 });
    const h2 = http2.connect(`http://127.0.0.1:${port}`);
    cleanUps.push(() => h2.destroy());
    const stream = h2.request({
      ':method': 'POST',
      ':path': '/assay.store.v1.Store/Get',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.write(Buffer.from([0, 0, 0, 1, 0, 1]));
    const status = await new Promise((resolve) => {
      stream.on('error', () => undefined);
      stream.on('response', (headers) => resolve(headers['assay-code']));
    });
    expect(status).toBe('deadline-exceeded');
    await clientOf(port).get(bytes('a'));
  });

  it('applies the batches of an ingest in stream order when one waits for room', async () => {
    const client = clientOf((await serve()).port);
    for (let i = 0; i < 10; i++) {
      const big = new Uint8Array(600_000);
      await client.ingest([[put('k', big)], [put('k', 'last')]]);
      expect((await client.get(bytes('k')))!.length).toBe(4);
    }
  });

  it('says how much of an ingest that stopped was applied', async () => {
    const client = clientOf((await serve()).port);
    const batches = [...Array(20).keys()].map((i) => [put(i === 10 ? '' : `k${i}`, 'v')]);
    const stopped = client.ingest(batches);
    await expect(stopped).rejects.toMatchObject({
      code: 'key-empty',
      definite: false,
      acknowledged: 10,
      unsure: 0,
    });
    const refused = client.ingest([[put('', 'v')]]);
    await expect(refused).rejects.toMatchObject({ definite: true, acknowledged: 0 });
  });

  it('never calls a broken stream definite, whatever the network says', async () => {
    const calm = http2.createServer();
    calm.on('stream', (stream) => {
      stream.on('error', () => undefined);
      stream.resume();
      stream.on('end', () => stream.close(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM));
    });
    await new Promise<void>((resolve) => calm.listen(0, resolve));
    cleanUps.push(() => void calm.close());
    const { port } = calm.address() as AddressInfo;
    const channel = openChannel(`127.0.0.1:${port}`, { retry: false });
    cleanUps.push(() => channel.close());
    const request = { key: bytes('a'), value: bytes('1'), transaction: '', once: null };
    const answer = channel.call('Put', request);
    await expect(answer).rejects.toMatchObject({ code: 'resource-exhausted', definite: false });
  });

  it('bounds what a transaction holds, and says so at the write', async () => {
    const client = clientOf((await serve()).port);
    const transaction = await client.begin();
    const value = new Uint8Array(700_000);
    const write = async () => {
      for (let i = 0; i < 10; i++) await transaction.put(bytes(`k${i}`), value);
    };
    await expect(write()).rejects.toMatchObject({ code: 'transaction-too-large', definite: true });
    await transaction.rollback();
  });
});
