/**
 * What the original's own API tests ask of a server (Shopify/toxiproxy 2.12, `api_test.go`), asked of
 * the embedded one: 34 cases, named as there, in their order. A request is what the Go client sends:
 * every field, `""` for what was not given, `null` for no attributes. Messages of refusals are
 * compared whole. `TestVersionEndpointReturnsVersion` expects the version that the server was built
 * with; here that is our own.
 */
import { connect, createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type RunningProxy, startEmbedded } from '../site/embedded-proxy.ts';
import { VERSION } from './api.ts';

let server: RunningProxy;
beforeAll(async () => {
  server = await startEmbedded(1);
});
afterAll(() => server.stop());
afterEach(async () => {
  for (const name of Object.keys((await get('/proxies')).body)) {
    await send('DELETE', `/proxies/${name}`);
  }
});

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: bodies of any shape are looked into
  readonly body: any;
  readonly text: string;
  readonly headers: Headers;
}

async function send(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const answer = await fetch(server.url + path, {
    method,
    headers: { 'User-Agent': 'toxiproxy-cli', 'Content-Type': 'application/json', ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = /^[[{]/.test(text);
  return {
    status: answer.status,
    text,
    body: isJson ? JSON.parse(text) : undefined,
    headers: answer.headers,
  };
}
const get = (path: string) => send('GET', path);

const UPSTREAM = 'localhost:20001';
const PROXY = 'mysql_master';

interface Fields {
  readonly name?: string;
  readonly listen?: string;
  readonly upstream?: string;
  readonly enabled?: boolean;
}
/** As the Go client writes it: a field that was not set is there, empty. */
const proxyFields = ({ name = '', listen = '', upstream = '', enabled = false }: Fields) => ({
  name,
  listen,
  upstream,
  enabled,
  toxics: null,
});
const save = (fields: Fields) => send('POST', '/proxies', proxyFields(fields));
const create = (listen: string, name = PROXY) =>
  save({ name, listen, upstream: UPSTREAM, enabled: true });
const populate = (all: readonly Fields[]) => send('POST', '/populate', all.map(proxyFields));

/** The Go client sends 1 for a toxicity of -1. */
const addToxic = (name: string, type: string, stream: string, toxicity = 1, attributes?: object) =>
  send('POST', `/proxies/${PROXY}/toxics`, {
    name,
    type,
    ...(stream !== '' && { stream }),
    toxicity,
    attributes: attributes ?? null,
  });
const toxicsOf = async (name = PROXY) => (await get(`/proxies/${name}/toxics`)).body;
const LATENCY = { latency: 100, jitter: 10 };
const NO_LATENCY = { latency: 0, jitter: 0 };

const refusal = (status: number, error: string) => ({ status, body: { error, status } });

/** Ports that were free a moment ago. */
async function freePorts<const N extends number>(count: N): Promise<number[] & { length: N }> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = [];
  for (const one of servers) {
    await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
    ports.push((one.address() as { port: number }).port);
  }
  await Promise.all(servers.map((one) => new Promise((resolve) => one.close(resolve))));
  return ports as number[] & { length: N };
}

const isUp = (listen: string) =>
  new Promise<boolean>((resolve) => {
    const at = listen.lastIndexOf(':');
    const socket = connect(Number(listen.slice(at + 1)), '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

it('TestRequestId', async () => {
  const { headers } = await send('GET', '/version', undefined, { 'User-Agent': 'curl' });
  expect(headers.has('X-Toxiproxy-Request-Id')).toBe(true);
});

it('TestBrowserGets403', async () => {
  const agent = 'Mozilla/5.0 (Linux; Android 4.4.2); Nexus 5 AppleWebKit/537.36';
  expect((await send('GET', '/proxies', undefined, { 'User-Agent': agent })).status).toBe(403);
});

it('TestNonBrowserGets200', async () => {
  const agent = { 'User-Agent': 'Wget/2.1' };
  expect((await send('GET', '/proxies', undefined, agent)).status).toBe(200);
});

it('TestIndexWithNoProxies', async () => {
  expect(await get('/proxies')).toMatchObject({ status: 200, text: '{}' });
});

it('TestCreateProxyBlankName', async () => {
  expect(await save({ enabled: true })).toMatchObject(refusal(400, 'missing required field: name'));
});

it('TestCreateProxyBlankUpstream', async () => {
  expect(await save({ name: 'test', enabled: true })).toMatchObject(
    refusal(400, 'missing required field: upstream'),
  );
});

it('TestPopulateProxy', async () => {
  const [a, b] = await freePorts(2);
  const { status, body } = await populate([
    { name: 'one', listen: `localhost:${a}`, upstream: 'localhost:7171', enabled: true },
    { name: 'two', listen: `localhost:${b}`, upstream: 'localhost:7474', enabled: true },
  ]);
  expect([status, body.proxies]).toMatchObject([201, [{ name: 'one' }, { name: 'two' }]]);
  for (const { listen } of body.proxies) expect(await isUp(listen)).toBe(true);
});

it('TestPopulateDefaultEnabled', async () => {
  const [port] = await freePorts(1);
  const text = `[{"name": "test", "listen": "localhost:${port}", "upstream": "localhost:7171"}]`;
  expect((await send('POST', '/populate', text)).status).toBe(201);
  expect(Object.keys((await get('/proxies')).body)).toEqual(['test']);
  expect(await isUp(`localhost:${port}`)).toBe(true);
});

it('TestPopulateDisabledProxy', async () => {
  const [a, b] = await freePorts(2);
  const { body } = await populate([
    { name: 'one', listen: `localhost:${a}`, upstream: 'localhost:7171' },
    { name: 'two', listen: `localhost:${b}`, upstream: 'localhost:7474', enabled: true },
  ]);
  expect(body.proxies).toMatchObject([{ name: 'one' }, { name: 'two' }]);
  expect([await isUp(`localhost:${a}`), await isUp(`localhost:${b}`)]).toEqual([false, true]);
});

it('TestPopulateExistingProxy', async () => {
  const [a, b, c] = await freePorts(3);
  const one = { name: 'one', upstream: 'localhost:7171', enabled: true };
  await save({ ...one, listen: `localhost:${a}` });
  await save({ name: 'two', listen: `localhost:${b}`, upstream: 'localhost:7474', enabled: true });
  await send('POST', '/proxies/one/toxics', { type: 'latency', stream: 'downstream', name: '' });
  const { body } = await populate([
    { ...one, listen: `127.0.0.1:${a}` },
    { name: 'two', listen: `127.0.0.1:${c}`, upstream: 'localhost:7676', enabled: true },
  ]);
  expect(body.proxies).toMatchObject([
    { name: 'one', listen: `127.0.0.1:${a}` },
    { name: 'two', listen: `127.0.0.1:${c}` },
  ]);
  expect(await toxicsOf('one')).toMatchObject([{ type: 'latency' }]);
  for (const { listen } of body.proxies) expect(await isUp(listen)).toBe(true);
});

it('TestPopulateWithBadName', async () => {
  const { status, body } = await populate([
    { name: 'one', listen: 'localhost:0', upstream: 'localhost:7171', enabled: true },
    { enabled: true },
  ]);
  const error = 'missing required field: name at proxy 2';
  expect([status, body]).toEqual([400, { error, status: 400, proxies: null }]);
  expect((await get('/proxies')).body).toEqual({});
});

it('TestPopulateProxyWithBadDataShouldReturnError', async () => {
  const upstream = 'localhost:7171';
  const { status } = await populate([
    { name: 'one', listen: 'localhost:0', upstream, enabled: true },
    { name: 'two', listen: 'local373', upstream, enabled: true },
    { name: 'three', listen: 'localhost:0', upstream, enabled: true },
  ]);
  expect(status).toBe(500);
  expect(Object.keys((await get('/proxies')).body)).toEqual(['one']);
});

it('TestPopulateAddToxic', async () => {
  const one = { name: PROXY, listen: 'localhost:0', upstream: 'localhost:7171', enabled: true };
  expect((await populate([one])).body.proxies).toMatchObject([{ name: PROXY }]);
  expect((await addToxic('', 'latency', 'downstream')).status).toBe(200);
});

it('TestListingProxies', async () => {
  const [port] = await freePorts(1);
  await create(`localhost:${port}`);
  expect((await get('/proxies')).body).toMatchObject({
    [PROXY]: { name: PROXY, listen: `127.0.0.1:${port}`, upstream: UPSTREAM, toxics: [] },
  });
});

it('TestCreateAndGetProxy', async () => {
  const [port] = await freePorts(1);
  await create(`localhost:${port}`);
  expect((await get(`/proxies/${PROXY}`)).body).toMatchObject({
    name: PROXY,
    listen: `127.0.0.1:${port}`,
    upstream: UPSTREAM,
    enabled: true,
    toxics: [],
  });
});

it('TestCreateProxyWithSave', async () => {
  const [port] = await freePorts(1);
  const { status, body } = await create(`localhost:${port}`);
  const shown = { name: PROXY, listen: `127.0.0.1:${port}`, upstream: UPSTREAM, enabled: true };
  expect([status, body]).toMatchObject([201, shown]);
  expect(await isUp(body.listen)).toBe(true);
});

it('TestCreateDisabledProxy', async () => {
  const [port] = await freePorts(1);
  await save({ name: PROXY, listen: `localhost:${port}`, upstream: UPSTREAM });
  expect((await get(`/proxies/${PROXY}`)).body).toMatchObject({
    name: PROXY,
    listen: `localhost:${port}`,
    upstream: UPSTREAM,
    enabled: false,
  });
  expect(await isUp(`localhost:${port}`)).toBe(false);
});

it('TestCreateDisabledProxyAndEnable', async () => {
  const [port] = await freePorts(1);
  const fields = { name: PROXY, listen: `localhost:${port}`, upstream: UPSTREAM };
  await save(fields);
  for (const enabled of [true, false]) {
    const { status } = await send('POST', `/proxies/${PROXY}`, proxyFields({ ...fields, enabled }));
    expect([status, await isUp(fields.listen)]).toEqual([200, enabled]);
  }
});

it('TestDeleteProxy', async () => {
  const { listen } = (await create('localhost:0')).body;
  expect(await isUp(listen)).toBe(true);
  expect((await send('DELETE', `/proxies/${PROXY}`)).status).toBe(204);
  expect([await isUp(listen), (await get('/proxies')).body]).toEqual([false, {}]);
  expect(await send('DELETE', `/proxies/${PROXY}`)).toMatchObject(refusal(404, 'proxy not found'));
});

it('TestCreateProxyPortConflict', async () => {
  const [port] = await freePorts(1);
  await create(`localhost:${port}`);
  const error = `listen tcp 127.0.0.1:${port}: bind: address already in use`;
  expect(await create(`localhost:${port}`, 'test')).toMatchObject(refusal(500, error));
  await send('DELETE', `/proxies/${PROXY}`);
  expect((await create(`localhost:${port}`, 'test')).status).toBe(201);
});

it('TestCreateProxyNameConflict', async () => {
  await create('localhost:0');
  expect(await create('localhost:0')).toMatchObject(refusal(409, 'proxy already exists'));
  await send('DELETE', `/proxies/${PROXY}`);
  expect((await create('localhost:0')).status).toBe(201);
});

it('TestResetState', async () => {
  const { listen } = (await create('localhost:0')).body;
  expect((await addToxic('', 'latency', 'downstream', 1, LATENCY)).body.attributes).toEqual(
    LATENCY,
  );
  expect((await send('POST', '/reset', '')).status).toBe(204);
  expect((await get('/proxies')).body[PROXY].enabled).toBe(true);
  expect([await toxicsOf(), await isUp(listen)]).toEqual([[], true]);
});

it('TestListingToxics', async () => {
  await create('localhost:0');
  expect(await toxicsOf()).toEqual([]);
});

const shown = (name: string, attributes: object, stream = 'downstream', toxicity = 1) => [
  { name, type: 'latency', stream, toxicity, attributes },
];

it('TestAddToxic', async () => {
  await create('localhost:0');
  const { body } = await addToxic('foobar', 'latency', 'downstream', 1, LATENCY);
  expect([body, await toxicsOf()]).toEqual([shown('foobar', LATENCY)[0], shown('foobar', LATENCY)]);
});

it('TestAddMultipleToxics', async () => {
  await create('localhost:0');
  for (const name of ['latency1', 'latency2']) await addToxic(name, 'latency', 'downstream');
  expect(await toxicsOf()).toEqual([
    ...shown('latency1', NO_LATENCY),
    ...shown('latency2', NO_LATENCY),
  ]);
});

it('TestAddConflictingToxic', async () => {
  await create('localhost:0');
  await addToxic('foobar', 'latency', 'downstream');
  expect(await addToxic('foobar', 'slow_close', 'downstream')).toMatchObject(
    refusal(409, 'toxic already exists'),
  );
  expect(await toxicsOf()).toEqual(shown('foobar', NO_LATENCY));
});

it('TestAddConflictingToxicsMultistream', async () => {
  await create('localhost:0');
  await addToxic('foobar', 'latency', 'upstream');
  expect(await addToxic('foobar', 'latency', 'downstream')).toMatchObject(
    refusal(409, 'toxic already exists'),
  );
  expect(await toxicsOf()).toEqual(shown('foobar', NO_LATENCY, 'upstream'));
});

it('TestAddConflictingToxicsMultistreamDefaults', async () => {
  await create('localhost:0');
  for (const stream of ['upstream', 'downstream']) await addToxic('', 'latency', stream);
  expect(await toxicsOf()).toEqual([
    ...shown('latency_upstream', NO_LATENCY, 'upstream'),
    ...shown('latency_downstream', NO_LATENCY),
  ]);
});

it('TestAddToxicWithToxicity', async () => {
  await create('localhost:0');
  const { body } = await addToxic('', 'latency', 'downstream', 0.2, LATENCY);
  const expected = shown('latency_downstream', LATENCY, 'downstream', 0.2);
  expect([[body], await toxicsOf()]).toEqual([expected, expected]);
});

it('TestAddNoop', async () => {
  await create('localhost:0');
  const noop = { name: 'foobar', type: 'noop', stream: 'downstream', toxicity: 1 };
  expect((await addToxic('foobar', 'noop', '')).body).toMatchObject(noop);
  expect(await toxicsOf()).toMatchObject([noop]);
});

it('TestUpdateToxics', async () => {
  await create('localhost:0');
  await addToxic('', 'latency', 'downstream', 1, LATENCY);
  const update = (body: object) =>
    send('PATCH', `/proxies/${PROXY}/toxics/latency_downstream`, body);
  const first = await update({ toxicity: 0.5, attributes: { latency: 1000 } });
  expect(first.body).toMatchObject({ toxicity: 0.5, attributes: { latency: 1000, jitter: 10 } });
  const second = await update({ attributes: { latency: 500 } });
  expect(second.body).toMatchObject({ toxicity: 0.5, attributes: { latency: 500, jitter: 10 } });
  expect(await toxicsOf()).toEqual([second.body]);
});

it('TestRemoveToxic', async () => {
  await create('localhost:0');
  await addToxic('', 'latency', 'downstream');
  expect(await toxicsOf()).toEqual(shown('latency_downstream', NO_LATENCY));
  const path = `/proxies/${PROXY}/toxics/latency_downstream`;
  expect((await send('DELETE', path)).status).toBe(204);
  expect(await toxicsOf()).toEqual([]);
});

it('TestVersionEndpointReturnsVersion', async () => {
  expect((await get('/version')).text).toBe(`{"version": "${VERSION}"}\n`);
});

it('TestInvalidStream', async () => {
  await create('localhost:0');
  expect((await addToxic('', 'latency', 'walrustream')).status).toBe(400);
});
