/**
 * Toxiproxy 2.12's HTTP API: same paths, status codes, bodies and headers. Below `/assay/` what the
 * original does not have: capabilities, the event log, cuts of one direction or one source,
 * half-open connections, and resets of live ones.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError } from './api-error.ts';
import { badBody, listOf, objectOf, parseBody } from './body.ts';
import type { Proxies } from './proxies.ts';
import type { TcpProxy } from './tcp-proxy.ts';
import type { Attributes, Toxic } from './toxic.ts';

export const VERSION = '2.12.0-assay';
const BODY_MAX = 1 << 20;
const JSON_TYPE = 'application/json';

interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly text?: string;
  readonly type?: string;
}

interface Call {
  readonly parameters: readonly string[];
  readonly body: () => Promise<unknown>;
}

type Handler = (proxies: Proxies, call: Call) => Promise<Answer> | Answer;
type Route = readonly [path: RegExp, handlers: Readonly<Record<string, Handler>>];

const ok = (body: unknown): Answer => ({ status: 200, body });
const nothing: Answer = { status: 204 };

const updateProxy: Handler = async (proxies, { parameters: [name], body }) => {
  proxies.get(name!);
  return ok(proxyJson(await proxies.update(name!, objectOf(await body()))));
};

const updateToxic: Handler = async (proxies, { parameters: [name, toxic], body }) => {
  proxies.toxic(name!, toxic!);
  return ok(toxicJson(proxies.updateToxic(name!, toxic!, objectOf(await body()))));
};

const ROUTES: readonly Route[] = [
  [
    /^\/version$/,
    {
      GET: () => ({
        status: 200,
        text: `{"version": "${VERSION}"}\n`,
        type: 'application/json;charset=utf-8',
      }),
    },
  ],
  [
    /^\/reset$/,
    {
      POST: async (proxies) => {
        await proxies.reset();
        return nothing;
      },
    },
  ],
  [/^\/populate$/, { POST: populate }],
  [
    /^\/metrics$/,
    {
      GET: (proxies) => {
        const type = 'text/plain; version=0.0.4; charset=utf-8';
        if (proxies.hasMetrics) return { status: 200, text: proxies.traffic.text, type };
        return { status: 404, text: '404 page not found\n', type: 'text/plain; charset=utf-8' };
      },
    },
  ],
  [
    /^\/proxies$/,
    {
      GET: (proxies) =>
        ok(Object.fromEntries(proxies.all.map((one) => [one.name, proxyJson(one)]))),
      POST: async (proxies, { body }) => {
        const proxy = await proxies.create(objectOf(await body()));
        return { status: 201, body: proxyJson(proxy) };
      },
    },
  ],
  [
    /^\/proxies\/([^/]+)$/,
    {
      GET: (proxies, { parameters: [name] }) => ok(proxyJson(proxies.get(name!))),
      POST: updateProxy,
      PATCH: updateProxy,
      DELETE: (proxies, { parameters: [name] }) => {
        proxies.remove(name!);
        return nothing;
      },
    },
  ],
  [
    /^\/proxies\/([^/]+)\/toxics$/,
    {
      GET: (proxies, { parameters: [name] }) => ok(toxicsOf(proxies.get(name!))),
      POST: async (proxies, { parameters: [name], body }) => {
        proxies.get(name!);
        return ok(toxicJson(proxies.addToxic(name!, objectOf(await body()))));
      },
    },
  ],
  [
    /^\/proxies\/([^/]+)\/toxics\/([^/]+)$/,
    {
      GET: (proxies, { parameters: [name, toxic] }) => ok(toxicJson(proxies.toxic(name!, toxic!))),
      POST: updateToxic,
      PATCH: updateToxic,
      DELETE: (proxies, { parameters: [name, toxic] }) => {
        proxies.removeToxic(name!, toxic!);
        return nothing;
      },
    },
  ],
  [
    /^\/assay\/capabilities$/,
    {
      GET: (proxies) =>
        ok({
          cuts: true,
          sources: true,
          halfOpen: true,
          resets: true,
          events: true,
          seed: proxies.seed,
        }),
    },
  ],
  [/^\/assay\/events$/, { GET: (proxies) => ok(proxies.events) }],
  [
    /^\/assay\/proxies\/([^/]+)\/cut$/,
    {
      POST: async (proxies, { parameters: [name], body }) =>
        ok({ cuts: proxies.cut(name!, objectOf(await body())) }),
      DELETE: (proxies, { parameters: [name] }) => {
        proxies.get(name!).setCuts([]);
        return nothing;
      },
    },
  ],
  [
    /^\/assay\/proxies\/([^/]+)\/half-open$/,
    {
      POST: (proxies, { parameters: [name] }) => {
        proxies.get(name!).isMute = true;
        return nothing;
      },
      DELETE: (proxies, { parameters: [name] }) => {
        proxies.get(name!).isMute = false;
        return nothing;
      },
    },
  ],
  [
    /^\/assay\/proxies\/([^/]+)\/resets$/,
    {
      POST: async (proxies, { parameters: [name], body }) => {
        const { source } = objectOf((await body()) ?? {});
        const from = typeof source === 'string' ? source : undefined;
        return ok({ connections: proxies.get(name!).resetConnections(from) });
      },
    },
  ],
];

async function populate(proxies: Proxies, { body }: Call): Promise<Answer> {
  try {
    const all = await body();
    const { made, error } = await proxies.populate(listOf(all));
    const shown = made.length > 0 ? made.map(proxyJson) : null;
    if (error === undefined) return { status: 201, body: { proxies: shown } };
    return {
      status: error.status,
      body: { error: error.message, status: error.status, proxies: shown },
    };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return {
      status: error.status,
      body: { error: error.message, status: error.status, proxies: null },
    };
  }
}

/** Answers a request, whatever it is. Never throws. */
export async function handle(
  proxies: Proxies,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // A proxy's client sends the whole URL.
  const target = (request.url ?? '/').replace(/^https?:\/\/[^/?]*/i, '');
  const path = target.split('?')[0]! || '/';
  const route = ROUTES.find(([pattern]) => pattern.test(path));
  if (route === undefined) return sendText(response, 404, '404 page not found\n');
  const [pattern, handlers] = route;
  const handler = Object.hasOwn(handlers, request.method ?? '')
    ? handlers[request.method!]
    : undefined;
  if (handler === undefined) {
    response.writeHead(405).end();
    return;
  }
  response.setHeader('X-Toxiproxy-Request-Id', requestId());
  if (/^Mozilla\//.test(request.headers['user-agent'] ?? '')) {
    return sendText(response, 403, 'User agent not allowed\n');
  }
  try {
    const parameters = pattern.exec(path)!.slice(1).map(decode);
    const answer = await handler(proxies, { parameters, body: () => readBody(request) });
    send(response, answer);
  } catch (error) {
    const known = error instanceof ApiError ? error : new ApiError(500, (error as Error).message);
    sendText(
      response,
      known.status,
      `${JSON.stringify({ error: known.message, status: known.status })}\n`,
    );
  }
}

function send(response: ServerResponse, { status, body, text, type = JSON_TYPE }: Answer): void {
  if (body === undefined && text === undefined) {
    response.writeHead(status).end();
    return;
  }
  response.writeHead(status, { 'Content-Type': type }).end(text ?? JSON.stringify(body));
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(text);
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request) {
    size += (piece as Buffer).length;
    if (size > BODY_MAX) throw badBody(`more than ${BODY_MAX} bytes`);
    pieces.push(piece as Buffer);
  }
  return parseBody(Buffer.concat(pieces).toString('utf8'));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Twenty characters, as the original's. */
const requestId = () => randomBytes(10).toString('hex');

function proxyJson(proxy: TcpProxy) {
  const { name, listen, upstream, enabled } = proxy;
  return { name, listen, upstream, enabled, Logger: {}, toxics: toxicsOf(proxy) };
}

function toxicsOf(proxy: TcpProxy) {
  return [...proxy.inDirection('upstream'), ...proxy.inDirection('downstream')].map(toxicJson);
}

function toxicJson({ attributes, name, type, stream, toxicity }: Toxic) {
  return { attributes: exactly(attributes), name, type, stream, toxicity };
}

/** TypeScript's library does not have it yet. */
const { rawJSON: rawJson } = JSON as unknown as { rawJSON(text: string): unknown };

/** Numbers of 64 bits keep their last digit in JSON. */
function exactly(attributes: Attributes) {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      typeof value === 'bigint' ? rawJson(String(value)) : value,
    ]),
  );
}
