/**
 * StoreService: what each call does, with its limits, whatever carries the calls. Everything that
 * it needs of the world arrives as arguments, so it runs in a simulation as it does behind gRPC.
 *
 * 1. Reads and writes are admitted apart: writers that wait for the disk never keep readers out.
 * 2. A call whose client gave up is not begun; one that runs is finished, because its outcome would
 *    be unknown otherwise.
 */
import type { Database } from '../database.ts';
import type { Clock, Timer } from '../env/clock.ts';
import type { Random } from '../env/random.ts';
import { Admission } from './admission.ts';
import type { Call, ReplyStream, RequestStream } from './call.ts';
import { ingest } from './ingest.ts';
import { Leases } from './leases.ts';
import type { Limits } from './limits.ts';
import { Operations } from './operations.ts';
import { streamRange } from './range-stream.ts';
import { Sessions } from './sessions.ts';
import { ServerError } from './status.ts';
import { Transactions } from './transactions.ts';
import { bytesOf, type CallName, type Calls, type Committed } from './wire.ts';

export type UnaryName = Exclude<CallName, 'Range' | 'Ingest'>;

type Request<C extends CallName> = Calls[C]['request'];
type Reply<C extends CallName> = Calls[C]['reply'];

export interface ServiceParts {
  readonly store: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Limits;
  verify(): Promise<Reply<'Verify'>>;
  /** Told of each call that has ended: `ok` or an error's code. */
  finished?(name: CallName, outcome: string, durationMs: number): void;
}

interface Unary<C extends CallName> {
  /** `admin`: few at a time, for as long as they take. */
  readonly kind: 'read' | 'write' | 'admin';
  run(request: Request<C>): Promise<Reply<C>> | Reply<C>;
}

type UnaryTable = { readonly [C in UnaryName]: Unary<C> };

/** Checkpoints and walks of `Verify` that run at a time. */
const ADMIN_MAX = 4;
const CLEAN_UPS_PER_IDLE_TIME = 10;
/** Between attempts to flush and merge again after a failure, when no writer makes them. */
const MAINTAIN_AGAIN_MS = 1000;
/** A stream idle for less than this never gives its place to another. */
const EVICT_STREAM_AFTER_MS = 10;
/** Requests that wait this long mean that the server is stuck. */
const STUCK_MS = 1000;

export class StoreService {
  readonly #parts: ServiceParts;
  readonly #unary: UnaryTable;
  readonly #operations: Operations;
  readonly reads: Admission;
  readonly writes: Admission;
  readonly #admin: Admission;
  readonly sessions: Sessions;
  readonly transactions: Transactions;
  readonly ranges: Leases;
  readonly ingests: Leases;
  #verifying: Promise<Reply<'Verify'>> | undefined;
  readonly #timers = new Set<Timer>();
  #stopping = false;

  constructor(parts: ServiceParts) {
    const { store, clock, limits } = parts;
    this.#parts = parts;
    const { sessions, sessionIdleMs, sessionResults, sessionPruneAt } = limits;
    const now = () => clock.monotonicMs();
    const results = { resultsMax: sessionResults, pruneAt: sessionPruneAt };
    this.sessions = new Sessions(store, sessions, sessionIdleMs, now, {
      random: parts.random,
      ...results,
    });
    this.transactions = new Transactions(parts);
    this.#operations = new Operations(store, this.sessions, this.transactions);
    const admission = (running: number) =>
      new Admission(running, limits.queue, { clock, waitingBytes: limits.queueBytes });
    this.reads = admission(limits.concurrency);
    this.writes = admission(limits.concurrency);
    this.#admin = admission(ADMIN_MAX);
    const evictAfterMs = EVICT_STREAM_AFTER_MS;
    this.ranges = new Leases({ clock, max: limits.ranges, what: 'ranges', evictAfterMs });
    this.ingests = new Leases({ clock, max: limits.ingests, what: 'ingests', evictAfterMs });
    this.#unary = this.#unaryTable();
    this.sessions.removeOrphans().catch(() => undefined); // the next start tries again
    const cleanUpMs = limits.sessionIdleMs / CLEAN_UPS_PER_IDLE_TIME;
    this.#repeat(cleanUpMs, () => this.sessions.cleanUp());
    this.#repeat(MAINTAIN_AGAIN_MS, () => this.#maintainAgain());
  }

  /** Throws ServerError or StoreError. */
  unary<C extends UnaryName>(name: C, request: Request<C>, call: Call): Promise<Reply<C>> {
    const { kind, run } = this.#unary[name] as Unary<C>;
    const admission = { read: this.reads, write: this.writes, admin: this.#admin }[kind];
    const begun = () => {
      if (call.isCancelled) {
        throw new ServerError('deadline-exceeded', 'the client gave up before it was begun');
      }
      return run(request);
    };
    return this.#measured(name, async () => {
      this.#refuseIfStopping();
      const patienceMs = Math.min(call.patienceMs, this.#parts.limits.requestMs);
      return await admission.run(patienceMs, begun, bytesOf(request));
    });
  }

  /** Sends the records of a range; see range-stream.ts. Throws ServerError or StoreError. */
  range(request: Request<'Range'>, call: ReplyStream<Reply<'Range'>>): Promise<void> {
    const { clock, limits } = this.#parts;
    const parts = { clock, limits, admission: this.reads, leases: this.ranges };
    return this.#measured('Range', async () => {
      this.#refuseIfStopping();
      await streamRange(parts, this.#operations.range(request), call);
    });
  }

  /** Applies what a client streams; see ingest.ts. Throws IngestStopped. */
  ingest(call: RequestStream<Request<'Ingest'>, Committed>): Promise<void> {
    const { clock, limits } = this.#parts;
    const parts = { clock, limits, admission: this.writes, leases: this.ingests };
    const apply = async ({ changes, transaction, once }: Request<'Ingest'>) => {
      if (transaction === '') return this.#operations.write(changes, '', once);
      throw new ServerError('invalid-request', 'a batch of an ingest belongs to no transaction');
    };
    const refuseIfStopping = () => this.#refuseIfStopping();
    return this.#measured('Ingest', () => ingest({ ...parts, apply, refuseIfStopping }, call));
  }

  /** Why requests would fail now, or not be answered in time; `undefined` when they would not. */
  notReady(): string | undefined {
    if (this.#stopping) return 'shutting down';
    const { logFailure, maintenanceFailure } = this.#parts.store.stats();
    const failure = logFailure ?? maintenanceFailure;
    if (failure !== undefined) return failure;
    for (const [kind, admission] of [
      ['reads', this.reads],
      ['writes', this.writes],
    ] as const) {
      const { running, waiting, waitingMs, isFull } = admission;
      const load = `${running} ${kind} run and ${waiting} wait`;
      if (isFull) return `overloaded: ${load}`;
      if (waitingMs > STUCK_MS) return `stuck: ${load}, the first for ${Math.floor(waitingMs)} ms`;
    }
    const stalledMs = this.writes.longestMs;
    if (stalledMs > STUCK_MS) return `writers stalled: one runs for ${Math.floor(stalledMs)} ms`;
    return undefined;
  }

  /** From here on every request is refused. */
  stop(): void {
    this.#stopping = true;
    for (const timer of this.#timers) timer.cancel();
  }

  #refuseIfStopping(): void {
    if (this.#stopping) throw new ServerError('shutting-down', 'the server is stopping');
  }

  /**
   * A store that is not ready gets no writes, and without them would never notice that the disk has
   * space again.
   */
  async #maintainAgain(): Promise<void> {
    const { store } = this.#parts;
    const { maintenanceFailure, logFailure } = store.stats();
    if (maintenanceFailure !== undefined && logFailure === undefined) await store.checkpoint();
  }

  /** Until the service stops; what fails is tried again the next time. */
  #repeat(everyMs: number, act: () => Promise<void>): void {
    const timer = this.#parts.clock.after(everyMs, () => {
      this.#timers.delete(timer);
      const again = () => {
        if (!this.#stopping) this.#repeat(everyMs, act);
      };
      act().then(again, again);
    });
    this.#timers.add(timer);
  }

  #unaryTable(): UnaryTable {
    const { sessions, transactions } = this;
    const { store } = this.#parts;
    const operations = this.#operations;
    const none = new Uint8Array(0);
    return {
      OpenSession: {
        kind: 'write',
        run: async () => ({ id: await sessions.open(), idleMs: sessions.idleMs }),
      },
      CloseSession: {
        kind: 'write',
        run: async ({ id }) => {
          await sessions.close(id);
          return {};
        },
      },
      Get: { kind: 'read', run: (request) => operations.get(request) },
      Put: {
        kind: 'write',
        run: ({ key, value, transaction, once }) =>
          operations.write([{ key, value, remove: false }], transaction, once),
      },
      Delete: {
        kind: 'write',
        run: ({ key, transaction, once }) =>
          operations.write([{ key, value: none, remove: true }], transaction, once),
      },
      Batch: {
        kind: 'write',
        run: ({ changes, transaction, once }) => operations.write(changes, transaction, once),
      },
      Begin: { kind: 'read', run: ({ deadlineMs }) => ({ id: transactions.begin(deadlineMs) }) },
      Commit: { kind: 'write', run: (request) => operations.commit(request) },
      Rollback: {
        kind: 'read',
        run: ({ id }) => {
          transactions.rollback(id);
          return {};
        },
      },
      Checkpoint: {
        kind: 'admin',
        run: async () => ({ ...(await store.checkpoint()), repeated: false }),
      },
      Verify: { kind: 'admin', run: () => this.#verifyOnce() },
      Stats: {
        kind: 'read',
        run: () => {
          const { maintenanceFailure = '', logFailure = '', ...figures } = store.stats();
          return { figures, maintenanceFailure, logFailure };
        },
      },
    };
  }

  /** One verification at a time: concurrent requests share its answer. */
  #verifyOnce(): Promise<Reply<'Verify'>> {
    this.#verifying ??= this.#parts.verify().finally(() => {
      this.#verifying = undefined;
    });
    return this.#verifying;
  }

  async #measured<T>(name: CallName, work: () => Promise<T>): Promise<T> {
    const { clock, finished } = this.#parts;
    const began = clock.monotonicMs();
    let outcome = 'ok';
    try {
      return await work();
    } catch (error) {
      const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
      outcome = String(code ?? cause?.code ?? 'internal');
      throw error;
    } finally {
      finished?.(name, outcome, clock.monotonicMs() - began);
    }
  }
}
