import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { startToxiproxy } from '../../harness/real/toxiproxy/server.ts';
import { nodeEnv } from '../env/node/index.ts';
import { utf8 } from '../format/bytes.ts';
import { open } from '../index.ts';
import { Admission } from './admission.ts';
import { openChannel } from './channel.ts';
import { type ClientOptions, connect, type StoreClient } from './client.ts';
import type { Limits } from './limits.ts';
import { type RunningServer, type ServerOptions, startServer } from './server.ts';
import type { Change, Once } from './wire.ts';

const bytes = (text: string) => utf8.encode(text);
const change = (key: string, value: string): Change => ({
  key: bytes(key),
  value: bytes(value),
  remove: false,
});

let cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
  cleanUps = [];
});

function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'assay-server-'));
  cleanUps.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function serve(
  directory: string,
  limits: Partial<Limits> = {},
  more: ServerOptions = {},
): Promise<RunningServer> {
  const store = await open(nodeEnv(), { directory, durability: 'none' });
  const server = await startServer(store, { port: 0, healthPort: 0, limits, ...more });
  cleanUps.push(() => server.stop());
  return server;
}

function clientOf(port: number, options: ClientOptions = {}): StoreClient {
  // TLS verifies names, not addresses.
  const client = connect(`${options.tls ? 'localhost' : '127.0.0.1'}:${port}`, options);
  cleanUps.push(() => client.close());
  return client;
}

async function read(client: StoreClient, key: string): Promise<string | undefined> {
  const value = await client.get(bytes(key));
  return value === undefined ? undefined : utf8.decode(value);
}

describe('engine server', () => {
  it('puts, gets, deletes, and writes batches as one', async () => {
    const client = clientOf((await serve(scratch())).port);
    const { timestamp } = await client.put(bytes('a'), bytes('1'));
    expect(timestamp).toBeGreaterThan(0);
    expect(await read(client, 'a')).toBe('1');
    await client.batch([change('b', '2'), { ...change('a', ''), remove: true }]);
    expect([await read(client, 'a'), await read(client, 'b')]).toEqual([undefined, '2']);
    await client.delete(bytes('b'));
    expect(await read(client, 'b')).toBeUndefined();
  });

  it('streams ranges of many pages, both ways, and keeps its own records to itself', async () => {
    const client = clientOf((await serve(scratch())).port);
    const names = Array.from({ length: 3000 }, (_, i) => `k${String(i).padStart(5, '0')}`);
    await client.batch(names.map((name) => change(name, 'x'.repeat(100))));
    const all: string[] = [];
    for await (const { key } of client.range()) all.push(utf8.decode(key));
    expect(all).toEqual(names);
    const last: string[] = [];
    for await (const { key } of client.range({ prefix: bytes('k02'), reverse: true, limit: 3 })) {
      last.push(utf8.decode(key));
    }
    expect(last).toEqual(['k02999', 'k02998', 'k02997']);
    for await (const { key } of client.range()) {
      expect(utf8.decode(key)).toBe('k00000');
      break; // leaving early ends the stream
    }
    const own = client.put(bytes('\0assay/session/x'), bytes('1'));
    await expect(own).rejects.toMatchObject({ code: 'invalid-request', definite: true });
  });

  it('holds transactions: own writes, snapshots, conflicts, and a body run again', async () => {
    const { port } = await serve(scratch());
    const [one, other] = [clientOf(port), clientOf(port)];
    await one.put(bytes('n'), bytes('0'));
    const transaction = await one.begin();
    expect(utf8.decode((await transaction.get(bytes('n')))!)).toBe('0');
    await transaction.put(bytes('n'), bytes('1'));
    expect(utf8.decode((await transaction.get(bytes('n')))!)).toBe('1');
    expect(await read(other, 'n')).toBe('0');
    await other.put(bytes('n'), bytes('7'));
    await expect(transaction.commit()).rejects.toMatchObject({ code: 'conflict', definite: true });
    const increment = (client: StoreClient) =>
      client.transact(async (t) => {
        const value = Number(utf8.decode((await t.get(bytes('n')))!));
        await t.put(bytes('n'), bytes(String(value + 1)));
      });
    await Promise.all([one, other, one, other, one].map(increment));
    expect(await read(one, 'n')).toBe('12');
  });

  it('rolls back a transaction past its deadline', async () => {
    const client = clientOf((await serve(scratch())).port);
    const transaction = await client.begin(1);
    await transaction.put(bytes('a'), bytes('1')).catch(() => undefined);
    await expect(
      (async () => {
        for (;;) await transaction.get(bytes('a')); // until the timer has fired
      })(),
    ).rejects.toMatchObject({ code: 'transaction-unknown', definite: true });
    await expect(transaction.commit()).rejects.toMatchObject({ code: 'transaction-unknown' });
    expect(await read(client, 'a')).toBeUndefined();
  });

  it('applies a write once, however often it is sent, also after a restart', async () => {
    const directory = scratch();
    const first = await serve(directory);
    const raw = rawPuts(first.port);
    const session = await raw.open();
    const once = { session, sequence: 50, answeredBelow: 1 };
    expect(await raw.put('1', once)).toMatchObject({ repeated: false });
    const other = clientOf(first.port);
    await other.put(bytes('a'), bytes('2'));
    expect(await raw.put('1', once)).toMatchObject({ repeated: true });
    expect(await read(other, 'a')).toBe('2');
    await first.stop();
    const second = await serve(directory);
    const later = rawPuts(second.port);
    const reader = clientOf(second.port);
    expect(await later.put('1', once)).toMatchObject({ repeated: true });
    expect(await read(reader, 'a')).toBe('2');
    const foreign = { ...once, session: new Uint8Array(16) };
    await expect(later.put('3', foreign)).rejects.toMatchObject({ code: 'session-unknown' });
    const next = { ...once, sequence: 51, answeredBelow: 51 };
    expect(await later.put('4', next)).toMatchObject({ repeated: false });
    await expect(later.put('5', once)).rejects.toMatchObject({
      code: 'invalid-request',
      definite: false, // an earlier request of that number may have been applied
    });
    expect(await read(reader, 'a')).toBe('4');
  });

  it('ends sessions that nobody uses, with all they left', async () => {
    const directory = scratch();
    const server = await serve(directory, { sessionIdleMs: 300 });
    const client = clientOf(server.port);
    for (let i = 0; i < 200; i++) await client.put(bytes('a'), bytes(String(i)));
    const gauge = async () =>
      /^assay_sessions (\d+)$/m.exec(await httpText(server, '/metrics'))?.[1];
    while ((await gauge()) !== '0') await client.get(bytes('a'));
    await client.put(bytes('a'), bytes('y')); // in a new session
    await client.close();
    await server.stop();
    const store = await open(nodeEnv(), { directory });
    expect([...store.range()].map(({ key }) => utf8.decode(key))).toEqual(['a']);
    await store.close();
  });

  it('answers RESOURCE_EXHAUSTED instead of queueing without bound', async () => {
    const server = await serve(scratch(), { sessions: 1, transactions: 2, messageBytes: 10_000 });
    const client = clientOf(server.port, { retry: false });
    await client.put(bytes('a'), bytes('1'));
    await expect(clientOf(server.port, { retry: false }).put(bytes('b'), bytes('1')))
      .rejects //
      .toMatchObject({ code: 'overloaded', definite: true });
    await Promise.all([client.begin(), client.begin()]);
    await expect(client.begin()).rejects.toMatchObject({ code: 'overloaded', definite: true });
    await expect(client.put(bytes('a'), new Uint8Array(20_000))).rejects.toMatchObject({
      code: 'resource-exhausted',
      definite: true,
    });
  });

  it('ingests, acknowledges in order, and resumes a broken stream without doubles', async () => {
    const server = await serve(scratch(), { ingestQueue: 4 });
    const toxiproxy = await startToxiproxy({ host: '127.0.0.1', port: 0, seed: 1 });
    cleanUps.push(() => toxiproxy.close());
    const proxy = await toxiproxy.proxies.create({
      name: 'way',
      listen: '127.0.0.1:0',
      upstream: `127.0.0.1:${server.port}`,
    });
    const client = clientOf(Number(proxy.listen.split(':')[1]));
    const batches = Array.from({ length: 400 }, (_, i) => [change(`k${i}`, 'v'.repeat(500))]);
    let breaks = 0;
    const { batches: done } = await client.ingest(batches, (count) => {
      if (count % 100 === 50) breaks += proxy.resetConnections();
    });
    expect(done).toBe(400);
    expect(breaks).toBeGreaterThan(2);
    const own = clientOf(server.port);
    let records = 0;
    for await (const _ of own.range()) records++;
    expect(records).toBe(400);
    const { figures } = await own.stats();
    // Session records come on top; a batch that was applied twice would have a commit of its own.
    expect(figures.lastTimestamp).toBeLessThan(400 + 20);
  });

  it('keeps every counter exact while its connections break (property)', async () => {
    const server = await serve(scratch());
    const toxiproxy = await startToxiproxy({ host: '127.0.0.1', port: 0, seed: 2 });
    cleanUps.push(() => toxiproxy.close());
    const proxy = await toxiproxy.proxies.create({
      name: 'way',
      listen: '127.0.0.1:0',
      upstream: `127.0.0.1:${server.port}`,
    });
    const client = clientOf(Number(proxy.listen.split(':')[1]));
    const script = fc.array(fc.record({ key: fc.nat(2), breakAt: fc.nat(3) }), { maxLength: 12 });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(script, async (steps) => {
        const prefix = `run ${run++}/`;
        const counts = [0, 0, 0];
        for (const { key, breakAt } of steps) {
          await client.transact(async (t) => {
            if (breakAt === 1) proxy.resetConnections();
            const name = bytes(`${prefix}${key}`);
            const value = await t.get(name);
            const count = value === undefined ? 0 : Number(utf8.decode(value));
            await t.put(name, bytes(String(count + 1)));
            if (breakAt === 2) queueMicrotask(() => proxy.resetConnections());
            if (breakAt === 3) setImmediate(() => proxy.resetConnections());
          });
          counts[key]!++;
        }
        for (const [key, count] of counts.entries()) {
          const value = await read(client, `${prefix}${key}`);
          if (Number(value ?? 0) !== count) return false;
        }
        return true;
      }),
      { numRuns: 20 },
    );
  });

  it('says how it is: live, ready, metrics, stats, verify, checkpoint', async () => {
    const server = await serve(scratch());
    const client = clientOf(server.port);
    await client.put(bytes('a'), bytes('1'));
    await client.checkpoint();
    expect(await client.verify()).toMatchObject({ problems: [], runs: 1 });
    expect((await client.stats()).figures.flushes).toBe(1);
    expect(await httpText(server, '/health/live')).toContain('true');
    expect(await httpText(server, '/health/ready')).toContain('true');
    expect(await httpText(server, '/metrics')).toMatch(
      /assay_requests_total\{call="Put",outcome="ok"\} 1/,
    );
    expect(await httpText(server, '/nothing')).toContain('try /health/live');
  });

  it('is not ready once its log has failed, and says why', async () => {
    const env = nodeEnv();
    let fails = false;
    const unlessItFails = <A extends unknown[]>(run: (...args: A) => Promise<void>) => {
      return (...args: A) => (fails ? Promise.reject(new Error('EIO')) : run(...args));
    };
    const disk = {
      ...env.disk,
      sync: unlessItFails(env.disk.sync),
      writeDurable: unlessItFails(env.disk.writeDurable),
    };
    const store = await open({ ...env, disk }, { directory: scratch() });
    const server = await startServer(store, { port: 0, healthPort: 0 });
    cleanUps.push(() => server.stop());
    const client = clientOf(server.port, { retry: false });
    await client.put(bytes('a'), bytes('1'));
    expect(await httpText(server, '/health/ready')).toContain('true');
    fails = true;
    await expect(client.put(bytes('a'), bytes('2'))).rejects.toMatchObject({ definite: false });
    const answer = await fetch(`http://127.0.0.1:${server.healthPort}/health/ready`);
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('EIO');
    expect((await client.stats()).logFailure).toContain('EIO');
    await expect(client.put(bytes('a'), bytes('3'))).rejects.toMatchObject({
      code: 'store-failed',
      definite: true,
    });
  });

  it('stops gracefully: what runs is answered, what comes later is refused', async () => {
    const directory = scratch();
    const server = await serve(directory);
    const client = clientOf(server.port, { retry: false });
    await client.get(bytes('x'));
    const running = Array.from({ length: 50 }, (_, i) => client.put(bytes(`k${i}`), bytes('v')));
    const outcomes = Promise.allSettled(running);
    await server.stop();
    const answered = (await outcomes).filter(({ status }) => status === 'fulfilled').length;
    await expect(client.get(bytes('x'))).rejects.toMatchObject({ isTransient: true });
    const store = await open(nodeEnv(), { directory });
    expect([...store.range({ prefix: bytes('k') })].length).toBeGreaterThanOrEqual(answered);
    await store.close();
  });

  it('speaks TLS, and refuses clients without a certificate when told to', async () => {
    const file = (name: string) =>
      readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');
    const [key, certificate] = [file('test-key.pem'), file('test-certificate.pem')];
    const tls = { key, certificate, clientAuthority: certificate };
    const { port } = await serve(scratch(), {}, { tls });
    const known = clientOf(port, { tls: { authority: certificate, key, certificate } });
    await known.put(bytes('a'), bytes('1'));
    expect(await read(known, 'a')).toBe('1');
    const strange = clientOf(port, { retry: false, tls: { authority: certificate } });
    await expect(strange.get(bytes('a'))).rejects.toMatchObject({ code: 'unavailable' });
    const plain = clientOf(port, { retry: false });
    await expect(plain.get(bytes('a'))).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('admission', () => {
  it('never runs or queues more than it may, and starts in order (property)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.boolean(), { maxLength: 40 }),
        async (runningMax, waitingMax, script) => {
          const admission = new Admission(runningMax, waitingMax);
          const ends: (() => void)[] = [];
          const begun: number[] = [];
          let refused = 0;
          const all: Promise<unknown>[] = [];
          for (const [i, arrives] of script.entries()) {
            if (arrives) {
              const work = () => {
                begun.push(i);
                return new Promise<void>((resolve) => ends.push(resolve));
              };
              all.push(admission.run(60_000, work).catch(() => refused++));
            } else ends.shift()?.();
            await new Promise(setImmediate);
            expect(ends.length).toBeLessThanOrEqual(runningMax);
            expect(admission.waiting).toBeLessThanOrEqual(waitingMax);
          }
          while (begun.length + refused < all.length || ends.length > 0) {
            ends.shift()?.();
            await new Promise(setImmediate);
          }
          await Promise.all(all);
          expect(begun).toEqual([...begun].sort((a, b) => a - b));
          expect([admission.running, admission.waiting]).toEqual([0, 0]);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('gives up on who waited past the deadline', async () => {
    const admission = new Admission(1, 1);
    let end: () => void = () => undefined;
    const running = admission.run(1000, () => new Promise<void>((resolve) => (end = resolve)));
    await expect(admission.run(1, async () => 1)).rejects.toMatchObject({
      code: 'deadline-exceeded',
      definite: true,
    });
    end();
    await running;
    expect(admission.running).toBe(0);
  });
});

/** Puts of the key `a` under a sequence that the test chooses. */
function rawPuts(port: number) {
  const channel = openChannel(`127.0.0.1:${port}`, { retry: false });
  cleanUps.push(() => channel.close());
  return {
    open: async () => (await channel.call('OpenSession', {})).id,
    put: (value: string, once: Once) =>
      channel.call('Put', { key: bytes('a'), value: bytes(value), transaction: '', once }),
  };
}

async function httpText({ healthPort }: RunningServer, path: string): Promise<string> {
  return (await fetch(`http://127.0.0.1:${healthPort}${path}`)).text();
}
