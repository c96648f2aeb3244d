/**
 * SocketsRun: a server in a process of its own, beside one client that behaves well. Every act of
 * `acts.ts` is performed, in an order drawn from the seed. After each one: the process
 * lives, its health port answers, its limits hold, and the client is served. In the end, with all
 * connections still there, whatever they held is given back, and the server closes.
 *
 * Waits are bounded by many times what the server's own limits say, so that load alone breaks none.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { get as httpGet } from 'node:http';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RemoteStore, ServerProgram } from '../../contract/remote.ts';
import type { HostileSocketsPlan } from '../../contract/scenario.ts';
import type { Settings } from '../../contract/target.ts';
import { Prng } from '../../random/prng.ts';
import { freePort } from '../ports.ts';
import { ServerProcess } from '../server-process.ts';
import type { Watchdog } from '../watchdog.ts';
import { ACTS, type Act, ENCRYPTED_ACTS } from './acts.ts';
import { HostileSockets } from './hostile-sockets.ts';
import { TEST_CERTIFICATE, TEST_KEY } from './test-certificate.ts';
import { TLS_ACTS } from './tls-acts.ts';

export interface SocketsRunParts {
  readonly program: ServerProgram;
  readonly settings: Settings;
  readonly plan: HostileSocketsPlan;
  readonly seed: number;
  readonly directory: string;
  /** Where the server's log is kept. */
  readonly artefacts: string;
  readonly progress: (done: number, total: number, unit: string) => unknown;
  readonly figures: Figures;
}

export type Figures = ReturnType<typeof newFigures>;

export function newFigures() {
  return { acts: 0, connections: 0, answers: 0, slowestMs: 0, grownBytes: 0 };
}

const LIMITS = {
  concurrency: 4,
  connections: 300,
  connectionIdleMs: 2000,
  receiving: 16,
  receiveMs: 1000,
  unread: 16,
  transactions: 30,
  transactionMs: 1500,
  ranges: 32,
  ingests: 8,
  stallMs: 1000,
  requestMs: 2000,
  shutdownMs: 1000,
} as const;
/** As the server counts them; each has a limit. */
const HELD = ['connections', 'receiving', 'unread', 'transactions', 'ranges', 'ingests'] as const;
const HOST = '127.0.0.1';
const PATIENCE_MS = 30_000;
/** Of a client that behaves well, on a machine that has much else to do: handshakes cost. */
const CLIENT_PATIENCE_MS = 90_000;
const POLL_MS = 100;
const TRIES = 4;
/** For a close, whose limit is a second. */
const CLOSE_PATIENCE_MS = 12_000;
/** Of the process, above what it took before. */
const GROWTH_MAX_BYTES = 512 * 2 ** 20;
const PAGE_BYTES = 4096;
/** Beside its connections: files of the store, the health port's connections, and what is just closed. */
const HANDLES_BESIDE = 250;
const HANDLE_LOOKS = 20;
const VALUES = 100;
const VALUE_BYTES = 20_000;

/** What is wrong with the server. */
export class Problem extends Error {}

export class SocketsRun {
  readonly #parts: SocketsRunParts;
  readonly #server: ServerProcess;
  readonly #healthPort: number;
  readonly #address: string;
  readonly #sockets: HostileSockets;
  readonly #figures: Figures;
  #client!: RemoteStore;
  readonly #acts: readonly Act[];
  #bytesBefore = 0;
  #handlesBefore = 0;

  private constructor(
    parts: SocketsRunParts,
    server: ServerProcess,
    ports: { readonly grpc: number; readonly health: number },
  ) {
    this.#parts = parts;
    this.#server = server;
    this.#healthPort = ports.health;
    const { tls = false } = parts.plan;
    this.#acts = tls ? [...TLS_ACTS, ...ENCRYPTED_ACTS] : ACTS;
    this.#address = `${tls ? 'localhost' : HOST}:${ports.grpc}`;
    const authority = tls ? { authority: TEST_CERTIFICATE } : {};
    this.#sockets = new HostileSockets(
      { host: HOST, ...ports, ...authority },
      new Prng(parts.seed),
    );
    this.#figures = parts.figures;
  }

  static async start(parts: SocketsRunParts, watchdog: Watchdog): Promise<SocketsRun> {
    const directory = join(parts.directory, 'store');
    mkdirSync(directory, { recursive: true });
    const ports = { grpc: await freePort(), health: await freePort() };
    const { settings, program, plan } = parts;
    const request = {
      directory,
      settings,
      limits: LIMITS,
      host: HOST,
      port: ports.grpc,
      healthPort: ports.health,
      ...(plan.tls === true && { tls: writeCertificate(parts.directory) }),
    };
    const server = new ServerProcess(
      {
        name: 'server',
        program: process.execPath,
        args: program.args(request),
        environment: {},
        directory: parts.directory,
        logFile: join(parts.artefacts, 'server.log'),
      },
      watchdog,
    );
    const run = new SocketsRun(parts, server, ports);
    await server.start(() => run.#health('live'));
    return run;
  }

  /** Throws Problem. */
  async run(): Promise<void> {
    const { program, plan, seed, progress } = this.#parts;
    this.#client = await program.connect(this.#address, {
      deadlineMs: CLIENT_PATIENCE_MS,
      ...(plan.tls === true && { tls: { authority: TEST_CERTIFICATE } }),
    });
    for (let i = 0; i < VALUES; i++) {
      await this.#client.put(keyOf(i), new Uint8Array(VALUE_BYTES).fill(i));
    }
    this.#bytesBefore = this.#residentBytes();
    this.#handlesBefore = this.#handles();
    const total = this.#acts.length * plan.rounds;
    for (let round = 0; round < plan.rounds; round++) {
      for (const act of new Prng(seed).derive('round', round).shuffle(this.#acts)) {
        await this.#sockets.perform(act);
        this.#figures.connections = this.#sockets.made;
        await this.#beServed(act.name);
        await this.#judgeLimits(act.name);
        progress(++this.#figures.acts, total, 'acts');
      }
    }
    await this.#giveBack();
    for (const act of this.#acts) await this.#sockets.perform(act);
    await this.#beServed('all of them at once');
    await this.#close();
  }

  async end(): Promise<void> {
    this.#sockets.release();
    await this.#client?.close({ deadlineMs: 0 }).catch(() => undefined);
    await this.#server.kill();
  }

  /** A write and reads of a client that behaves well, and the health port. */
  async #beServed(beside: string): Promise<void> {
    const began = performance.now();
    const key = keyOf(this.#figures.acts % VALUES);
    const value = new Uint8Array(VALUE_BYTES).fill(this.#figures.acts);
    try {
      await this.#client.put(key, value);
      const read = await this.#client.get(key);
      if (Buffer.compare(value, read ?? new Uint8Array(0)) !== 0) {
        throw new Problem(`a value was read that was not written, beside: ${beside}`);
      }
      let seen = 0;
      for await (const _ of this.#client.range({ limit: 5 })) seen++;
      if (seen !== 5) throw new Problem(`a range gave ${seen} of 5 records, beside: ${beside}`);
      await this.#health('ready');
    } catch (error) {
      if (error instanceof Problem) throw error;
      throw new Problem(
        this.#server.hasCrashed
          ? `the server ended, beside: ${beside}: ${this.#server.lastWords()}`
          : `a client that behaves well was not served, beside: ${beside}: ${(error as Error)?.message ?? error}`,
      );
    }
    this.#figures.answers += 4;
    this.#figures.slowestMs = Math.max(this.#figures.slowestMs, performance.now() - began);
  }

  async #judgeLimits(beside: string): Promise<void> {
    const held = await this.#held();
    for (const what of HELD) {
      if (held[what] <= LIMITS[what]) continue;
      const limit = LIMITS[what];
      throw new Problem(`${held[what]} ${what} are held, and the limit is ${limit}: ${beside}`);
    }
    const most = this.#handlesBefore + LIMITS.connections + HANDLES_BESIDE;
    for (let looks = 1; this.#handles() > most; looks++) {
      if (looks === HANDLE_LOOKS)
        throw new Problem(`${this.#handles()} files and sockets are open, beside: ${beside}`);
      await sleep(POLL_MS);
    }
    const grown = this.#residentBytes() - this.#bytesBefore;
    this.#figures.grownBytes = Math.max(this.#figures.grownBytes, grown);
    if (grown <= GROWTH_MAX_BYTES) return;
    throw new Problem(`the server took ${grown} bytes more, beside: ${beside}`);
  }

  /** Those who hold it are still there, and do nothing. */
  async #giveBack(): Promise<void> {
    let left = '';
    const isBack = await until(async () => {
      const held = await this.#held();
      // The client that behaves well has a connection.
      const most: Partial<Record<string, number>> = { connections: 1 };
      left = HELD.filter((what) => held[what] > (most[what] ?? 0))
        .map((what) => `${held[what]} ${what}`)
        .join(', ');
      const more = this.#handles() - this.#handlesBefore;
      if (more > HANDLES_BESIDE) left += ` ${more} files and sockets`;
      return left === '';
    });
    if (isBack) return;
    throw new Problem(`all deadlines are over, and these are held: ${left}`);
  }

  async #close(): Promise<void> {
    const ended = this.#server.terminate();
    const code = await Promise.race([
      ended,
      sleep(CLOSE_PATIENCE_MS, 'late' as const, { ref: false }),
    ]);
    if (code === 'late') {
      throw new Problem(`it did not close; its limit is ${LIMITS.shutdownMs} ms`);
    }
    if (code === 0) return;
    throw new Problem(`it closed with exit code ${code}: ${this.#server.lastWords()}`);
  }

  async #held(): Promise<Record<(typeof HELD)[number], number>> {
    const text = await request(this.#healthPort, '/metrics').catch((error: unknown) => {
      throw new Problem(`its metrics can't be read: ${(error as Error)?.message ?? error}`);
    });
    const figureOf = (what: string) =>
      Number(new RegExp(`^assay_${what} (.*)$`, 'm').exec(text)?.[1] ?? Number.NaN);
    return Object.fromEntries(HELD.map((what) => [what, figureOf(what)])) as never;
  }

  #health(what: 'live' | 'ready'): Promise<string> {
    return request(this.#healthPort, `/health/${what}`);
  }

  /** Files and sockets that its process has open; 0 where the system does not say. */
  #handles(): number {
    try {
      return readdirSync(`/proc/${this.#server.pid}/fd`).length;
    } catch {
      return 0;
    }
  }

  /** 0 where the system does not say. */
  #residentBytes(): number {
    try {
      const pages = readFileSync(`/proc/${this.#server.pid}/statm`, 'utf8').split(' ')[1];
      return Number(pages) * PAGE_BYTES;
    } catch {
      return 0;
    }
  }
}

function writeCertificate(directory: string) {
  const files = {
    key: join(directory, 'key.pem'),
    certificate: join(directory, 'certificate.pem'),
  };
  writeFileSync(files.key, TEST_KEY, { mode: 0o600 });
  writeFileSync(files.certificate, TEST_CERTIFICATE);
  return files;
}

function keyOf(i: number): Uint8Array {
  return Uint8Array.of(107, i);
}

/** Tries again, as probes do, when its connection was closed. */
async function request(port: number, path: string): Promise<string> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask(port, path);
    } catch (error) {
      if (tries === TRIES || (error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
    }
  }
}

/** On a connection of its own. Rejects for any status but 200. */
function ask(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = httpGet({ host: HOST, port, path, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (data: string) => {
        text += data;
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`${path} answers ${response.statusCode}: ${text}`));
      });
    });
    asked.setTimeout(PATIENCE_MS, () => asked.destroy(new Error(`${path} does not answer`)));
    asked.on('error', reject);
  });
}

async function until(condition: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}
