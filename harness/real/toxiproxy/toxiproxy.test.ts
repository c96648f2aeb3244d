import { connect, createServer, type Server, type Socket } from 'node:net';
import { Toxiproxy } from 'toxiproxy-node-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunningToxiproxy, startToxiproxy } from './server.ts';

let server: RunningToxiproxy;
let echo: Server;
let upstream: string;
/** What the echo server was sent. */
let received: Buffer;

beforeEach(async () => {
  received = Buffer.alloc(0);
  server = await startToxiproxy({ host: '127.0.0.1', port: 0, seed: 7 });
  echo = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      socket.write(chunk);
    });
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  const { port } = echo.address() as { port: number };
  upstream = `127.0.0.1:${port}`;
});

afterEach(async () => {
  await server.close();
  echo.close();
});

const call = async (method: string, path: string, body?: unknown, headers = {}) => {
  const text = typeof body === 'string' ? body : body === undefined ? null : JSON.stringify(body);
  const response = await fetch(server.url + path, { method, headers, body: text });
  const content = await response.text();
  return { status: response.status, text: content, headers: response.headers };
};
const json = async (method: string, path: string, body?: unknown) => {
  const { status, text } = await call(method, path, body);
  return [status, text === '' ? undefined : JSON.parse(text)];
};
const create = (name = 'p', extra = {}) =>
  json('POST', '/proxies', { name, upstream, listen: '127.0.0.1:0', ...extra });
const toxic = (body: unknown) => json('POST', '/proxies/p/toxics', body);
const portOf = async () => Number((await json('GET', '/proxies/p'))[1].listen.split(':').at(-1));

class Client {
  readonly socket: Socket;
  readonly ended: Promise<'end' | 'reset'>;
  data = Buffer.alloc(0);
  #wake: () => void = () => {};

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.ended = new Promise((resolve) => {
      this.socket.on('error', () => resolve('reset'));
      this.socket.on('close', () => resolve('end'));
    });
    this.socket.on('data', (chunk: Buffer) => {
      this.data = Buffer.concat([this.data, chunk]);
      this.#wake();
    });
  }

  async until(length: number): Promise<string> {
    while (this.data.length < length) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.data.toString();
  }

  async echoes(text: string): Promise<string> {
    const before = this.data.length;
    this.socket.write(text);
    return (await this.until(before + text.length)).slice(before);
  }
}

describe('the API', () => {
  it('creates, shows, updates and deletes proxies as the original does', async () => {
    const [status, proxy] = await create();
    expect(status).toBe(201);
    expect(proxy).toMatchObject({ name: 'p', upstream, enabled: true, Logger: {}, toxics: [] });
    expect(proxy.listen).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(await create()).toEqual([409, { error: 'proxy already exists', status: 409 }]);
    expect(await json('POST', '/proxies/p', { enabled: false })).toEqual([
      200,
      { ...proxy, enabled: false },
    ]);
    expect(await json('PATCH', '/proxies/p', { enabled: true })).toEqual([200, proxy]);
    expect((await json('GET', '/proxies'))[1]).toEqual({ p: proxy });
    expect((await call('DELETE', '/proxies/p')).status).toBe(204);
    expect(await json('GET', '/proxies')).toEqual([200, {}]);
  });

  it.each<[string, string, unknown, number, string]>([
    ['POST', '/proxies', { upstream: 'x:1' }, 400, 'missing required field: name'],
    ['POST', '/proxies', { name: 'x' }, 400, 'missing required field: upstream'],
    ['POST', '/proxies', '{', 400, 'bad request body'],
    [
      'POST',
      '/proxies',
      { name: 'x', upstream: 'a:1', listen: 'nope' },
      500,
      'missing port in address',
    ],
    ['GET', '/proxies/no', undefined, 404, 'proxy not found'],
    ['GET', '/proxies/p/toxics/no', undefined, 404, 'toxic not found'],
    ['POST', '/proxies/p/toxics', { type: 'nope' }, 400, 'invalid toxic type'],
    ['POST', '/proxies/p/toxics', { type: 'noop', stream: 'side' }, 400, 'stream was invalid'],
    [
      'POST',
      '/proxies/p/toxics',
      { type: 'latency', attributes: { latency: 1.5 } },
      400,
      'bad request body',
    ],
    ['POST', '/proxies/p/toxics', { type: 'bandwidth', attributes: { rate: -1 } }, 400, 'rate'],
    ['POST', '/proxies/p/toxics', { type: 'slicer' }, 400, 'average_size'],
    ['POST', '/proxies/p/toxics', { type: 'noop', toxicity: 2 }, 400, 'toxicity'],
  ])('%s %s %j is refused', async (method, path, body, status, message) => {
    await create();
    const answer = await call(method, path, body);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toMatchObject({
      status,
      error: expect.stringContaining(message),
    });
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('x-toxiproxy-request-id')).toHaveLength(20);
  });

  it('answers other paths, methods and browsers as the original does', async () => {
    expect(await call('GET', '/nowhere')).toMatchObject({
      status: 404,
      text: '404 page not found\n',
    });
    expect(await call('GET', '/proxies/')).toMatchObject({ status: 404 });
    expect(await call('PUT', '/proxies')).toMatchObject({ status: 405, text: '' });
    const browser = await call('GET', '/proxies', undefined, { 'User-Agent': 'Mozilla/5.0' });
    expect(browser).toMatchObject({ status: 403, text: 'User agent not allowed\n' });
    expect(JSON.parse((await call('GET', '/version')).text).version).toMatch(/^2\.12\.0/);
  });

  it('populates, and says how far it came', async () => {
    const one = { name: 'a', upstream, listen: '127.0.0.1:0' };
    const [status, { proxies }] = await json('POST', '/populate', [one]);
    expect([status, proxies.length]).toEqual([201, 1]);
    expect(await json('POST', '/populate', [])).toEqual([201, { proxies: null }]);
    expect(await json('POST', '/populate', [one, { name: 'b' }])).toEqual([
      400,
      { error: 'missing required field: upstream at proxy 2', status: 400, proxies: null },
    ]);
    const taken = { name: 'c', upstream, listen: proxies[0].listen };
    const [failed, body] = await json('POST', '/populate', [{ ...one, name: 'b' }, taken]);
    expect(failed).toBe(500);
    expect(body.error).toContain('address already in use');
    expect(body.proxies).toHaveLength(1);
  });

  it('keeps toxics in order, merges attributes, and gives defaults', async () => {
    await create();
    expect(await toxic({ type: 'latency', attributes: { latency: 5, other: 1 } })).toEqual([
      200,
      {
        attributes: { latency: 5, jitter: 0 },
        name: 'latency_downstream',
        type: 'latency',
        stream: 'downstream',
        toxicity: 1,
      },
    ]);
    expect((await toxic({ type: 'latency' }))[0]).toBe(409);
    await toxic({ type: 'noop', stream: 'Upstream', name: 'n' });
    const [, changed] = await json('POST', '/proxies/p/toxics/latency_downstream', {
      attributes: { jitter: 2 },
    });
    expect(changed.attributes).toEqual({ latency: 5, jitter: 2 });
    const [, all] = await json('GET', '/proxies/p/toxics');
    expect(all.map(({ name }: { name: string }) => name)).toEqual(['n', 'latency_downstream']);
    expect((await call('DELETE', '/proxies/p/toxics/n')).status).toBe(204);
    expect((await call('POST', '/reset')).status).toBe(204);
    expect((await json('GET', '/proxies/p/toxics'))[1]).toEqual([]);
  });

  it('is spoken by toxiproxy-node-client', async () => {
    const client = new Toxiproxy(server.url);
    expect(await client.getVersion()).toContain('2.12.0');
    const proxy = await client.createProxy({ name: 'p', listen: '127.0.0.1:0', upstream } as never);
    await proxy.addToxic({
      name: 't',
      type: 'latency',
      stream: 'downstream',
      toxicity: 1,
      attributes: { latency: 1, jitter: 0 },
    } as never);
    const again = await client.get('p');
    const held = await again.getToxic('t');
    expect(held.type).toBe('latency');
    await held.update({ attributes: { latency: 2, jitter: 1 }, toxicity: 0.5 } as never);
    expect((await json('GET', '/proxies/p/toxics/t'))[1]).toMatchObject({
      toxicity: 0.5,
      attributes: { latency: 2 },
    });
    await held.remove();
    await again.update({ enabled: false, listen: again.listen, upstream });
    expect((await client.getAll()).p!.enabled).toBe(false);
    await client.reset();
    expect((await client.get('p')).enabled).toBe(true);
    await (await client.get('p')).remove();
    expect(await client.getAll()).toEqual({});
  });
});

describe('what goes through', () => {
  it('comes out as it went in, both ways, large and small', async () => {
    await create();
    const client = new Client(await portOf());
    expect(await client.echoes('hello')).toBe('hello');
    const large = Buffer.alloc(3_000_000, 'abcdefg');
    client.socket.write(large);
    await client.until(5 + large.length);
    expect(client.data.subarray(5).equals(large)).toBe(true);
    client.socket.end();
    expect(await client.ended).toBe('end');
  });

  it('is sliced, delayed, and released when the toxic is removed', async () => {
    await create();
    await toxic({ type: 'slicer', attributes: { average_size: 4, delay: 10 }, name: 's' });
    await toxic({ type: 'latency', attributes: { latency: 20, jitter: 5 } });
    const client = new Client(await portOf());
    const began = performance.now();
    expect(await client.echoes('0123456789')).toBe('0123456789');
    expect(performance.now() - began).toBeGreaterThanOrEqual(14);
    await json('POST', '/proxies/p/toxics/latency_downstream', {
      attributes: { latency: 3_600_000 },
    });
    client.socket.write('held');
    while (received.length < 14) await new Promise((resolve) => setImmediate(resolve));
    await call('DELETE', '/proxies/p/toxics/latency_downstream');
    expect(await client.until(14)).toBe('0123456789held');
  });

  it('ends after the limit in bytes', async () => {
    await create();
    await toxic({ type: 'limit_data', attributes: { bytes: 6 } });
    const client = new Client(await portOf());
    client.socket.write('0123456789');
    expect(await client.ended).toBe('end');
    expect(client.data.toString()).toBe('012345');
  });

  it('is dropped by a timeout; what lost bytes is reset when it is removed', async () => {
    await create();
    await toxic({ type: 'timeout', attributes: { timeout: 0 } });
    const client = new Client(await portOf());
    client.socket.write('x');
    while (received.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await call('DELETE', '/proxies/p/toxics/timeout_downstream');
    expect(await client.ended).toBe('reset');
    expect(client.data.length).toBe(0);
  });

  it('is reset, on the first chunk', async () => {
    await create();
    await toxic({ type: 'reset_peer', stream: 'upstream' });
    const client = new Client(await portOf());
    client.socket.write('x');
    expect(await client.ended).toBe('reset');
  });

  it('is closed when the proxy is disabled or the upstream refuses', async () => {
    await create();
    const client = new Client(await portOf());
    await client.echoes('x');
    await json('POST', '/proxies/p', { enabled: false });
    expect(await client.ended).toBe('end');
    await create('q', { upstream: '127.0.0.1:1' });
    const [, { listen }] = await json('GET', '/proxies/q');
    expect(await new Client(Number(listen.split(':')[1])).ended).toBe('end');
  });

  it('crosses no cut in the direction that is cut, and the connection ends at the heal', async () => {
    await create();
    const client = new Client(await portOf());
    await client.echoes('before');
    await json('POST', '/assay/proxies/p/cut', { stream: 'downstream' });
    client.socket.write('one way');
    while (received.toString() !== 'beforeone way')
      await new Promise((resolve) => setImmediate(resolve));
    expect(client.data.toString()).toBe('before');
    await json('POST', '/assay/proxies/p/cut', { stream: 'upstream' });
    client.socket.write('no way');
    const other = new Client(await portOf());
    other.socket.write('nor this');
    expect((await call('DELETE', '/assay/proxies/p/cut')).status).toBe(204);
    expect(await client.ended).toBe('reset');
    expect(client.data.toString()).toBe('before');
    expect(received.toString()).toBe('beforeone way');
    other.socket.destroy();
  });

  it('goes nowhere on a half-open connection, and idle ones can be reset', async () => {
    await create();
    const idle = new Client(await portOf());
    await idle.echoes('x');
    expect(await json('POST', '/assay/proxies/p/resets', {})).toEqual([200, { connections: 1 }]);
    expect(await idle.ended).toBe('reset');
    await call('POST', '/assay/proxies/p/half-open');
    const mute = new Client(await portOf());
    await new Promise<void>((resolve) => mute.socket.once('connect', () => resolve()));
    mute.socket.write('anyone?');
    await json('POST', '/proxies/p', { enabled: false });
    expect(await mute.ended).toBe('end');
    expect(received.toString()).toBe('x');
  });

  it('ends with a reset on a connection that was half-open, once that is healed', async () => {
    await create();
    await call('POST', '/assay/proxies/p/half-open');
    const mute = new Client(await portOf());
    mute.socket.write('anyone?');
    const accepted = async () => {
      const [, events] = await json('GET', '/assay/events');
      return (events as { what: string }[]).some(({ what }) => what === 'accepted');
    };
    while (!(await accepted()));
    await call('DELETE', '/assay/proxies/p/half-open');
    expect(await mute.ended).toBe('reset');
    expect(await new Client(await portOf()).echoes('x')).toBe('x');
  });

  it('is rolled for by the seed, and the rolls are logged', async () => {
    const rolls = async (seed: number) => {
      const own = await startToxiproxy({ host: '127.0.0.1', port: 0, seed });
      const proxy = await own.proxies.create({ name: 'p', upstream, listen: '127.0.0.1:0' });
      own.proxies.addToxic('p', { type: 'noop', toxicity: 0.5 });
      for (let i = 0; i < 8; i++) {
        const client = new Client(Number(proxy.listen.split(':')[1]));
        await client.echoes('x');
        client.socket.destroy();
      }
      const found = own.proxies.events
        .filter(({ what }) => what === 'rolled')
        .map(({ point }) => point);
      await own.close();
      return found;
    };
    const first = await rolls(1);
    expect(first).toHaveLength(8);
    expect(await rolls(1)).toEqual(first);
    expect(await rolls(2)).not.toEqual(first);
  });
});
