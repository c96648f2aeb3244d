import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunningToxiproxy, startToxiproxy } from './server.ts';

let server: RunningToxiproxy;
let peer: Server;
let peerSockets: Socket[];
let peerAddress: string;

beforeEach(async () => {
  server = await startToxiproxy({ host: '127.0.0.1', port: 0, seed: 7, metrics: true });
  peerSockets = [];
  peer = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    peerSockets.push(socket);
  });
  await new Promise<void>((resolve) => peer.listen(0, '127.0.0.1', resolve));
  peerAddress = `127.0.0.1:${(peer.address() as { port: number }).port}`;
});

afterEach(async () => {
  for (const socket of peerSockets) socket.destroy();
  await server.close();
  peer.close();
});

async function call(method: string, path: string, body?: unknown) {
  const text = typeof body === 'string' ? body : body === undefined ? null : JSON.stringify(body);
  const response = await fetch(server.url + path, { method, body: text });
  return { status: response.status, text: await response.text() };
}

async function create(extra = {}): Promise<number> {
  const proxy = { name: 'p', upstream: peerAddress, listen: '127.0.0.1:0', ...extra };
  const { text } = await call('POST', '/proxies', proxy);
  return Number(JSON.parse(text).listen.split(':').at(-1));
}

const toxic = (body: unknown) => call('POST', '/proxies/p/toxics', body);

/** A client and what it saw, in order: `connect`, `data`, `end`, `reset`. */
function client(port: number) {
  const seen: string[] = [];
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  for (const what of ['connect', 'end'] as const) socket.on(what, () => seen.push(what));
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (seen.at(-1) !== 'data') seen.push('data');
  });
  socket.on('error', () => seen.push('reset'));
  return { socket, seen, bytes: () => bytes };
}

const until = async (isSo: () => boolean) => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
};
/** Long enough for both ends to deliver everything in flight. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 100));

describe('an upstream that can not be dialled', () => {
  const addresses = ['http://127.0.0.1:9', 'nowhere', '127.0.0.1:99999', '[::1', ':', 'a:b:c'];
  it.each(addresses)('closes that client only, when it is created: %s', async (upstream) => {
    const one = client(await create({ upstream }));
    await until(() => one.seen.includes('end') || one.seen.includes('reset'));
    expect((await call('GET', '/version')).status).toBe(200);
    one.socket.destroy();
  });

  it('does so, too, when it comes by PATCH or populate', async () => {
    const first = await create();
    await call('PATCH', '/proxies/p', { upstream: 'http://127.0.0.1:9' });
    const [, shown] = [first, JSON.parse((await call('GET', '/proxies/p')).text)];
    const one = client(Number(shown.listen.split(':').at(-1)));
    await until(() => one.seen.includes('end') || one.seen.includes('reset'));
    const list = [{ name: 'q', upstream: 'x', listen: '127.0.0.1:0' }];
    const made = JSON.parse((await call('POST', '/populate', list)).text).proxies[0];
    const two = client(Number(made.listen.split(':').at(-1)));
    await until(() => two.seen.includes('end') || two.seen.includes('reset'));
    expect((await call('GET', '/version')).status).toBe(200);
  });
});

describe('what the original accepts', () => {
  it('takes an empty name for none, and field names in any case', async () => {
    await create();
    const body = '{"Name":"","TYPE":"latency","sTream":"upstream","attributes":{"LATENCY":5}}';
    const { status, text } = await toxic(body);
    expect([status, JSON.parse(text)]).toMatchObject([
      200,
      { name: 'latency_upstream', attributes: { latency: 5, jitter: 0 } },
    ]);
    expect((await call('DELETE', '/proxies/p/toxics/latency_upstream')).status).toBe(204);
  });

  it('keeps whole numbers of 64 bits exact, and refuses what is longer or has a point', async () => {
    await create();
    const of = (latency: string) =>
      toxic(`{"name":"n${latency}","type":"latency","attributes":{"latency":${latency}}}`);
    expect((await of('9223372036854775807')).text).toContain('"latency":9223372036854775807');
    expect((await of('-9223372036854775808')).status).toBe(200);
    for (const bad of ['9223372036854775808', '1.0', '1e3', '"5"']) {
      expect((await of(bad)).status).toBe(400);
    }
    expect((await toxic('{"type":"noop","toxicity":1.0,"name":"x"}')).status).toBe(200);
    expect((await toxic('{"type":"noop","toxicity":null,"name":null}')).status).toBe(200);
  });

  it('reads the first value of a body only, and takes no port for any', async () => {
    const body = `{"name":"a]\\"}","upstream":"x:1","listen":"localhost:"} {"name": trailing`;
    expect(JSON.parse((await call('POST', '/proxies', body)).text)).toMatchObject({ name: 'a]"}' });
    expect(await call('POST', '/populate', 'null')).toEqual({
      status: 201,
      text: '{"proxies":null}',
    });
    for (const bad of ['{"name":"a"}', '[[]]', '[5]', '', 'x', '[{"name":"a"]']) {
      const { status, text } = await call('POST', '/populate', bad);
      expect([status, JSON.parse(text)]).toMatchObject([400, { status: 400, proxies: null }]);
    }
  });

  it('waits for milliseconds beyond 32 bits, and does not fire at once', async () => {
    const one = client(await create());
    await toxic({ type: 'latency', attributes: { latency: 3e9 } });
    await until(() => peerSockets.length === 1);
    peerSockets[0]!.write('late');
    await settle();
    expect(one.seen).toEqual(['connect']);
  });

  it('shows "" for a proxy that never listened', async () => {
    const body = { name: 'off', upstream: 'a:1', listen: '', enabled: false };
    expect(JSON.parse((await call('POST', '/proxies', body)).text).listen).toBe('');
  });

  it('leaves a proxy alone that is populated again in another spelling', async () => {
    const port = await create();
    await toxic({ type: 'latency', attributes: { latency: 1 } });
    const one = client(port);
    await until(() => peerSockets.length === 1);
    for (const listen of [`localhost:${port}`, `127.0.0.1:${port}`]) {
      const body = [{ name: 'p', upstream: peerAddress, listen }];
      expect((await call('POST', '/populate', body)).status).toBe(201);
    }
    const shown = JSON.parse((await call('GET', '/proxies/p')).text);
    expect(shown.toxics).toHaveLength(1);
    expect(one.seen).toEqual(['connect']);
  });

  it('makes one of two proxies of a name that are asked for at once', async () => {
    const body = { name: 'r', upstream: peerAddress, listen: '127.0.0.1:0' };
    const both = await Promise.all([1, 2].map(() => call('POST', '/proxies', body)));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
  });

  it('answers a request target in absolute form, and counts bytes of ended links', async () => {
    const port = await create();
    const one = client(port);
    await until(() => peerSockets.length === 1);
    one.socket.end('12345');
    await until(() => one.seen.includes('end'));
    await until(() => server.proxies.get('p').connections.length === 0);
    const { hostname, port: api } = new URL(server.url);
    const raw = connect(Number(api), hostname);
    raw.write(`GET ${server.url}/metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    let text = '';
    raw.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    await new Promise((resolve) => raw.once('close', resolve));
    expect(text).toMatch(/^HTTP\/1\.1 200/);
    expect(text).toMatch(
      /toxiproxy_proxy_received_bytes_total\{direction="upstream",.*proxy="p".*\} 5\n/,
    );
  });
});

const BLOCK = Buffer.alloc(65_536, 1);

/** The peer sends without end, as fast as it may; answers how much it has handed over. */
function flood(socket: Socket): () => number {
  let sent = 0;
  const more = () => {
    while (!socket.destroyed) {
      sent += BLOCK.length;
      if (!socket.write(BLOCK)) return;
    }
  };
  socket.on('drain', more);
  more();
  return () => sent;
}

const MIB = 2 ** 20;
/** Both kernels' buffers of the two connections, at most. */
const KERNEL_BYTES = 24 * MIB;

describe('back-pressure', () => {
  it.each<[string, object, number]>([
    ['bandwidth', { rate: 1 }, 2 * MIB],
    ['bandwidth', { rate: 0 }, 2 * MIB],
    ['latency', { latency: 1e6 }, 34 * MIB],
    ['slicer', { average_size: 1, size_variation: 0, delay: 1e6 }, 2 * MIB],
  ])('bounds what a connection holds behind %s %j', async (type, attributes, most) => {
    const port = await create();
    await toxic({ type, attributes });
    const one = client(port);
    await until(() => peerSockets.length === 1);
    const sent = flood(peerSockets[0]!);
    let before = -1;
    await until(() => {
      const isStill = sent() === before;
      before = sent();
      return isStill;
    });
    await settle();
    expect(sent() - one.bytes()).toBeLessThan(most + KERNEL_BYTES);
    one.socket.destroy();
  });

  it('lets nothing through early when a toxic is added, changed or removed behind a limit', async () => {
    const port = await create();
    await toxic({ name: 'b', type: 'bandwidth', attributes: { rate: 1 } });
    const one = client(port);
    await until(() => peerSockets.length === 1);
    flood(peerSockets[0]!);
    await settle();
    await toxic({ name: 'n', type: 'noop' });
    await call('POST', '/proxies/p/toxics/b', { attributes: { rate: 2 } });
    await call('POST', '/proxies/p/toxics/b', { toxicity: 1 });
    await toxic({ name: 'l', type: 'latency', attributes: { latency: 1 } });
    await call('DELETE', '/proxies/p/toxics/n');
    await settle();
    expect(one.bytes()).toBeLessThan(MIB / 4);
    one.socket.destroy();
  });

  it('answers the removal of a stalled limit, and then lets all through', async () => {
    const port = await create();
    await toxic({ name: 'b', type: 'bandwidth', attributes: { rate: 0 } });
    const one = client(port);
    await until(() => peerSockets.length === 1);
    peerSockets[0]!.write(BLOCK);
    await settle();
    expect(one.bytes()).toBe(0);
    expect((await call('DELETE', '/proxies/p/toxics/b')).status).toBe(204);
    await until(() => one.bytes() === BLOCK.length);
  });

  it('has no effect at toxicity 0, not even when it is removed', async () => {
    const one = client(await create());
    await toxic({ name: 't', type: 'timeout', toxicity: 0, attributes: { timeout: 0 } });
    await until(() => peerSockets.length === 1);
    await call('DELETE', '/proxies/p/toxics/t');
    peerSockets[0]!.write('still here');
    await until(() => one.bytes() === 10);
    expect(one.seen).toEqual(['connect', 'data']);
  });
});

type Way = 'toxics' | 'cut';
const STREAMS = ['upstream', 'downstream'] as const;

async function cut(way: Way): Promise<void> {
  if (way === 'cut') await call('POST', '/assay/proxies/p/cut', {});
  else
    for (const stream of STREAMS) {
      await toxic({ name: `cut-${stream}`, type: 'timeout', stream, attributes: { timeout: 0 } });
    }
}

async function heal(way: Way): Promise<void> {
  if (way === 'cut') await call('DELETE', '/assay/proxies/p/cut');
  else for (const stream of STREAMS) await call('DELETE', `/proxies/p/toxics/cut-${stream}`);
}

describe.each<Way>(['toxics', 'cut'])('a partition by %s', (way) => {
  it.each(['end', 'destroy', 'resetAndDestroy'] as const)(
    'hides that the peer calls %s until the heal, and then resets',
    async (how) => {
      const one = client(await create());
      await until(() => peerSockets.length === 1);
      await cut(way);
      peerSockets[0]![how]();
      await settle();
      expect(one.seen).toEqual(['connect']);
      await heal(way);
      await until(() => one.seen.length > 1);
      expect(one.seen).toEqual(['connect', 'reset']);
    },
  );

  it('hides from the peer that the client ends, likewise', async () => {
    const one = client(await create());
    await until(() => peerSockets.length === 1);
    const seen: string[] = [];
    for (const what of ['end', 'error'] as const) peerSockets[0]!.on(what, () => seen.push(what));
    peerSockets[0]!.resume();
    await cut(way);
    one.socket.destroy();
    await settle();
    expect(seen).toEqual([]);
    await heal(way);
    await until(() => seen.length > 0);
    expect(seen).toEqual(['error']);
  });

  it('keeps a new connection silent, does not reach the peer, and resets it at the heal', async () => {
    const port = await create();
    await cut(way);
    const one = client(port);
    one.socket.write('hello');
    await until(() => one.seen.includes('connect'));
    await settle();
    expect([one.seen, peerSockets.length]).toEqual([['connect'], 0]);
    await heal(way);
    await until(() => one.seen.length > 1);
    expect([one.seen, peerSockets.length]).toEqual([['connect', 'reset'], 0]);
    const next = client(port);
    await until(() => peerSockets.length === 1);
    expect(next.seen).toEqual(['connect']);
  });
});

describe('a proxy that is removed', () => {
  it('frees its port at once, whatever its connections still hold', async () => {
    const port = await create();
    const slow = client(port);
    await until(() => peerSockets.length === 1);
    slow.socket.pause();
    peerSockets[0]!.write(Buffer.alloc(20_000_000));
    const proxy = server.proxies.get('p');
    await until(() => peerSockets[0]!.writableLength > 0 && proxy.connections.length === 1);
    proxy.stop();
    expect(proxy.connections).toHaveLength(1);
    const again = { name: 'q', upstream: peerAddress, listen: `127.0.0.1:${port}` };
    expect((await call('POST', '/proxies', again)).status).toBe(201);
    const next = client(port);
    await until(() => peerSockets.length === 2);
    await until(() => proxy.connections.length === 0);
    for (const { socket } of [slow, next]) socket.destroy();
  });
});
