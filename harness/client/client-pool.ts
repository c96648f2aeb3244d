/**
 * Client pool of a network run. Each client is pinned to one node through its own link and has one operation in
 * flight. An operation that times out is recorded as indeterminate, and its session is closed; the client then
 * connects anew.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../contract/cluster.ts';
import { isOperationError, type Session } from '../contract/target.ts';
import type { Invocation, WorkloadInstance } from '../contract/workload.ts';
import type { Recorder } from '../history/recorder.ts';
import type { Prng } from '../random/prng.ts';

export interface ClientPoolParts {
  readonly cluster: Cluster;
  readonly nodes: number;
  readonly workload: WorkloadInstance;
  readonly recorder: Recorder;
  readonly random: Prng;
  readonly clients: number;
  readonly ratePerSecond: number;
  readonly timeoutMs: number;
}

const RECONNECT_MS = 100;
/** Error codes of targets for sessions that can no longer be used. */
const LOST = 'disconnected';

export class ClientPool {
  readonly #parts: ClientPoolParts;
  readonly #acknowledged: number[];
  readonly #lastOk: number[];
  #process = 0;
  #sequence = 0;
  #stopped = false;
  #working: Promise<unknown> = Promise.resolve();

  constructor(parts: ClientPoolParts) {
    this.#parts = parts;
    this.#acknowledged = new Array<number>(parts.nodes).fill(0);
    this.#lastOk = new Array<number>(parts.clients).fill(Number.NEGATIVE_INFINITY);
  }

  start(): void {
    const clients = Array.from({ length: this.#parts.clients }, (_, i) => this.#work(i));
    this.#working = Promise.all(clients);
  }

  /** Lets the operations that run come to an end. Throws what broke a client. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#working;
  }

  /** Operations acknowledged, of the clients of one node or of all. */
  acknowledged(node?: number): number {
    if (node !== undefined) return this.#acknowledged[node] ?? 0;
    return this.#acknowledged.reduce((sum, count) => sum + count, 0);
  }

  /** When each client last had an answer, in `performance.now()`. */
  get lastOk(): readonly number[] {
    return this.#lastOk;
  }

  /** One operation of a process of its own. Never throws for what the target does. */
  async once(
    client: number,
    node: number,
    invocation: Invocation,
  ): Promise<'ok' | 'fail' | 'info'> {
    const session = await this.#connect(client, node).catch(() => undefined);
    if (session === undefined) return 'fail';
    try {
      return (await this.#invoke(session, this.#process++, invocation)).type;
    } finally {
      await close(session);
    }
  }

  async #work(client: number): Promise<void> {
    const { nodes, random, ratePerSecond, workload } = this.#parts;
    const node = client % nodes;
    const own = random.derive(`client ${client}`);
    let process = this.#process++;
    let session: Session | undefined;
    while (!this.#stopped) {
      session ??= await this.#connect(client, node).catch(() => undefined);
      if (session === undefined) {
        await sleep(RECONNECT_MS);
        continue;
      }
      const began = performance.now();
      const invocation = workload.next({ random: own, sequence: this.#sequence++ });
      const { type, code } = await this.#invoke(session, process, invocation);
      if (type === 'ok') {
        this.#acknowledged[node] = (this.#acknowledged[node] ?? 0) + 1;
        this.#lastOk[client] = performance.now();
      }
      if (type === 'info') process = this.#process++;
      if (type === 'info' || code === LOST) {
        await close(session);
        session = undefined;
      }
      const pause = ((0.5 + own.fraction()) * 1000) / ratePerSecond;
      const left = pause - (performance.now() - began);
      if (left > 0) await sleep(left);
    }
    if (session !== undefined) await close(session);
  }

  async #invoke(session: Session, process: number, invocation: Invocation) {
    const { recorder, workload, timeoutMs } = this.#parts;
    const { f, value } = invocation;
    recorder.record('invoke', process, f, value);
    try {
      const output = await within(timeoutMs, workload.invoke(session, invocation));
      recorder.record('ok', process, f, output);
      return { type: 'ok', code: '' } as const;
    } catch (error) {
      const known = isOperationError(error);
      const type = known && error.definite ? 'fail' : 'info';
      const code = known ? error.code : String((error as Error)?.message ?? error);
      recorder.record(type, process, f, code);
      return { type, code } as const;
    }
  }

  #connect(client: number, node: number): Promise<Session> {
    return within(this.#parts.timeoutMs, this.#parts.cluster.connect(client, node));
  }
}

async function close(session: Session): Promise<void> {
  await within(RECONNECT_MS, session.close()).catch(() => undefined);
}

/** What `promise` gives, or an indefinite `timeout`. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        Object.assign(new Error(`no answer in ${ms} ms`), { code: 'timeout', definite: false }),
      );
    }, ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
    promise.catch(() => undefined);
  }
}
