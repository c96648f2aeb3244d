import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmbedded } from '../site/embedded-proxy.ts';

/** ASSAY_TEST_FUZZ=100000 is what a night takes. */
const CASES = Number(process.env.ASSAY_TEST_FUZZ ?? 5000);
const SWEEP_EVERY = 50;
const OVERSIZED = (1 << 20) + 1;
const HANGS_MS = 10_000;
const MEGABYTE = 2 ** 20;
/** What the process may have grown by since the first tenth, whatever came. */
const GROWTH_MAX = 96 * MEGABYTE;

let server: Awaited<ReturnType<typeof startEmbedded>>;
let port: number;
beforeAll(async () => {
  server = await startEmbedded(1);
  port = Number(new URL(server.url).port);
});
afterAll(() => server.stop());

/** A client: the pieces it sends, and whether it then waits, or is gone at once. */
interface Talk {
  readonly pieces: readonly string[];
  readonly leaves: boolean;
}

const paths = fc.constantFrom(
  '/proxies',
  '/proxies/p',
  '/proxies/p/toxics',
  '/proxies/p/toxics/t',
  '/populate',
  '/reset',
  '/version',
  '/metrics',
  '/x',
  '/proxies//toxics',
  '/assay/events',
  '/assay/proxies/p/cut',
  '/assay/proxies/p/half-open',
  '/assay/proxies/p/resets',
);
const methods = fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE', 'HEAD', 'PUT', 'OPTIONS', 'NOPE');
const proxy = fc.record({
  name: fc.constantFrom('p', 'q', '', 'ü/..'),
  listen: fc.constantFrom('127.0.0.1:0', 'nope', '', '127.0.0.1:99999', '[::1]:0'),
  upstream: fc.constantFrom('127.0.0.1:1', '', 'x', '127.0.0.1:70000'),
  enabled: fc.oneof(fc.boolean(), fc.string()),
});
const toxic = fc.record({
  name: fc.constantFrom('t', 'u'),
  type: fc.constantFrom('latency', 'bandwidth', 'slicer', 'timeout', 'limit_data', 'odd'),
  stream: fc.constantFrom('upstream', 'downstream', 'UPSTREAM', 'sideways'),
  toxicity: fc.oneof(fc.double(), fc.integer()),
  attributes: fc.dictionary(
    fc.constantFrom('latency', 'jitter', 'rate', 'average_size', 'size_variation', 'bytes'),
    fc.oneof(fc.integer(), fc.double(), fc.string()),
  ),
});
const bodies = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.oneof(proxy, toxic, fc.array(proxy)).map((one) => JSON.stringify(one)),
  },
  { weight: 2, arbitrary: fc.json() },
  { weight: 2, arbitrary: fc.string({ unit: 'binary' }) },
  { weight: 1, arbitrary: fc.constant('[') },
);

const whole = fc
  .tuple(methods, paths, bodies)
  .map(([method, path, body]) => requestText(method, path, body, Buffer.byteLength(body)));
const miscounted = fc
  .tuple(methods, paths, bodies, fc.integer({ min: -5, max: 5000 }))
  .map(([method, path, body, length]) => requestText(method, path, body, length));
const chunked = fc
  .tuple(paths, fc.string())
  .map(
    ([path, text]) =>
      `POST ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${text}`,
  );
const garbage = fc.string({ unit: 'binary', maxLength: 300 });
const longHeader = fc.constant(`GET /version HTTP/1.1\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`);
const oversized = fc
  .constantFrom('/proxies', '/populate')
  .map((path) => requestText('POST', path, '"'.repeat(OVERSIZED), OVERSIZED));

const texts = fc.oneof(
  { weight: 60, arbitrary: whole },
  { weight: 15, arbitrary: miscounted },
  { weight: 10, arbitrary: chunked },
  { weight: 13, arbitrary: garbage },
  { weight: 1, arbitrary: longHeader },
  { weight: 1, arbitrary: oversized },
);

/** One request or several in a row, whole or broken off, in pieces. */
const talks: fc.Arbitrary<Talk> = fc
  .tuple(
    fc.array(texts, { minLength: 1, maxLength: 3 }),
    fc.double({ min: 0.05, max: 1.6, noNaN: true }),
    fc.integer({ min: 1, max: 4 }),
    fc.boolean(),
  )
  .map(([parts, share, pieces, leaves]) => {
    const all = parts.join('');
    const text = all.slice(0, Math.ceil(all.length * Math.min(1, share)));
    const size = Math.max(1, Math.ceil(text.length / pieces));
    const cut = Array.from({ length: pieces }, (_, i) => text.slice(i * size, (i + 1) * size));
    return { pieces: cut.filter((piece) => piece !== ''), leaves };
  });

function requestText(method: string, path: string, body: string, length: number): string {
  return `${method} ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n${body}`;
}

/** Sends the pieces of all clients in turns; resolves when every connection is closed. */
async function converse(all: readonly Talk[]): Promise<void> {
  const sockets = all.map(() => connect({ port, host: '127.0.0.1', allowHalfOpen: true }));
  const closed = sockets.map(closing);
  const turns = Math.max(...all.map(({ pieces }) => pieces.length));
  for (let turn = 0; turn < turns; turn++) {
    for (const [i, { pieces }] of all.entries()) {
      const piece = pieces[turn];
      if (piece !== undefined && sockets[i]!.writable) sockets[i]!.write(piece, 'latin1');
    }
    await new Promise(setImmediate);
  }
  for (const [i, { leaves }] of all.entries()) {
    if (leaves) sockets[i]!.destroy();
    else sockets[i]!.end();
  }
  await Promise.all(closed);
}

function closing(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('a connection was left hanging')), HANGS_MS);
    socket.resume();
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clearTimeout(late);
      resolve();
    });
  });
}

async function sweep(): Promise<void> {
  const answer = await fetch(`${server.url}/proxies`);
  for (const name of Object.keys((await answer.json()) as object)) {
    await fetch(`${server.url}/proxies/${encodeURIComponent(name)}`, { method: 'DELETE' });
  }
}

const descriptors = () => readdirSync(`/proc/${server.pid}/fd`).length;
const residentBytes = () =>
  1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]);

describe(`the API under ${CASES} fuzzed conversations`, () => {
  it('neither ends, nor hangs, nor leaks', async () => {
    const begin = descriptors();
    let cases = 0;
    let early = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(talks, { minLength: 1, maxLength: 3 }), async (all) => {
        await converse(all);
        if (++cases % SWEEP_EVERY === 0) await sweep();
        if (cases === Math.ceil(CASES / 10)) early = residentBytes();
      }),
      { numRuns: CASES, endOnFailure: true },
    );
    await sweep();
    expect((await fetch(`${server.url}/version`)).status).toBe(200);
    // A connection that is kept alive by `fetch` here and there.
    expect(descriptors()).toBeLessThanOrEqual(begin + 8);
    expect(residentBytes() - early).toBeLessThan(GROWTH_MAX);
  }, 3_600_000);
});
