/**
 * HostileClient: takes everything a server gives without credentials and misuses it: ranges it stops reading,
 * ingests and transactions it abandons, sessions it never uses, malformed requests.
 */
import type { Prng } from '../random/prng.ts';
import type { Scheduler } from '../simulation/sim/scheduler.ts';
import type { ServiceError, SimulatedService } from '../simulation/sim/simulated-service.ts';
import { MemoryStream } from './memory-stream.ts';
import { oddRequest, UNARY_CALLS } from './odd-requests.ts';

export interface HostileParts {
  readonly scheduler: Scheduler;
  readonly random: Prng;
  readonly service: SimulatedService;
  /** Told of each act by name. */
  acted(what: string): void;
}

const NONE = new Uint8Array(0);
const EVERYTHING = { from: NONE, to: NONE, prefix: NONE, limit: 0, transaction: '' };
const REST_MS = 60;
const PATIENCE_MS = 3000;
const SHORT_PATIENCE_MS = 2;
/** Of a value; a transaction of a few is over its limit. */
const BIG_BYTES = 20_000;
const FOR_EVER = Number.POSITIVE_INFINITY;

export class HostileClient {
  readonly #parts: HostileParts;
  readonly #random: Prng;
  #session: Uint8Array | undefined;
  #isOver = false;
  /** Of a stream that nobody waits for. */
  #failure: unknown;

  constructor(parts: HostileParts) {
    this.#parts = parts;
    this.#random = parts.random;
  }

  stop(): void {
    this.#isOver = true;
  }

  /** Until it is stopped. Throws when an answer is no typed error, or a limit does not hold. */
  async run(): Promise<void> {
    const { scheduler, acted } = this.#parts;
    const acts: Readonly<Record<string, () => Promise<void> | void>> = {
      'range that is not read': () => this.#stallRange(0),
      'range that is half read': () => this.#stallRange(1),
      'ingest that sends nothing': () => this.#idleIngest(),
      'ingest whose answers are not read': () => this.#deafIngest(),
      'abandoned transaction': () => this.#hoard(),
      'sessions that are not used': () => this.#openSessions(),
      'odd request': () => this.#sendOdd(),
      'requests given up at once': () => this.#giveUp(),
    };
    const names = Object.keys(acts);
    while (!this.#isOver) {
      const name = this.#random.pick(names);
      acted(name);
      await acts[name]!();
      if (this.#failure !== undefined) throw this.#failure;
      await scheduler.sleep(REST_MS * this.#random.fraction());
    }
  }

  /** Reads `pages` pages, then stops reading. */
  async #stallRange(pages: number): Promise<void> {
    const stream = new MemoryStream(FOR_EVER);
    const request = { ...EVERYTHING, reverse: this.#random.chance(0.5) };
    this.#parts.service.range(request, stream).then(
      () => stream.finish(),
      () => stream.finish(),
    );
    for (let i = 0; i < pages; i++) await stream.take();
  }

  #idleIngest(): void {
    this.#parts.service.ingest(new MemoryStream(FOR_EVER)).catch(() => undefined);
  }

  #deafIngest(): void {
    const stream = new MemoryStream(FOR_EVER);
    this.#parts.service.ingest(stream).catch(() => undefined);
    for (let i = 0; i < 4; i++) {
      const change = { key: Uint8Array.of(104, i), value: NONE, remove: false };
      stream.push({ changes: [change], transaction: '', once: null });
    }
  }

  async #hoard(): Promise<void> {
    const begun = await this.#call('Begin', { deadlineMs: this.#random.pick([0, 1e9]) });
    if (begun === undefined) return;
    const { id } = begun as { id: string };
    const value = new Uint8Array(BIG_BYTES);
    for (let i = this.#random.below(12); i > 0; i--) {
      const key = Uint8Array.of(104, i);
      await this.#call('Put', { key, value, transaction: id, once: null });
    }
  }

  async #openSessions(): Promise<void> {
    for (let i = 0; i < 3; i++) {
      const opened = await this.#call('OpenSession', {});
      if (opened !== undefined) this.#session = (opened as { id: Uint8Array }).id;
    }
  }

  async #sendOdd(): Promise<void> {
    const name = this.#random.pick(UNARY_CALLS);
    const request = oddRequest(this.#random, name, this.#session);
    if (this.#random.chance(0.8)) {
      await this.#call(name, request);
      return;
    }
    const stream = new MemoryStream(PATIENCE_MS);
    const { service, scheduler } = this.#parts;
    const note = (error: unknown) => {
      try {
        refuseUntyped(error);
      } catch (untyped) {
        this.#failure ??= untyped;
      }
    };
    if (this.#random.chance(0.5)) service.range(request, stream).catch(note);
    else {
      service.ingest(stream).catch(note);
      stream.push(request);
      stream.end();
    }
    scheduler.after(SHORT_PATIENCE_MS, () => stream.cancel());
  }

  /** More than may run, and nobody waits for them. */
  async #giveUp(): Promise<void> {
    const requests = Array.from({ length: 4 }, (_, i) => {
      const put = { key: Uint8Array.of(104, i), value: NONE, transaction: '', once: null };
      return this.#call('Put', put, SHORT_PATIENCE_MS);
    });
    await Promise.all(requests);
  }

  async #call(name: string, request: object, patienceMs = PATIENCE_MS) {
    const call = { patienceMs, isCancelled: false };
    const timer = this.#parts.scheduler.after(patienceMs, () => {
      call.isCancelled = true;
    });
    try {
      return await this.#parts.service.call(name, request, call);
    } catch (error) {
      refuseUntyped(error);
      return undefined;
    } finally {
      timer.cancel();
    }
  }
}

/** Throws for an answer that is no error of the server's own. */
function refuseUntyped(error: unknown): void {
  const { code, definite, message } = error as ServiceError;
  if (typeof definite === 'boolean' && code !== 'internal') return;
  throw new Error(`a request was answered with an error of no known kind: ${message ?? error}`);
}
