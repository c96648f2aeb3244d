/**
 * Sessions: writes that are applied once, however often they are sent.
 *
 * The result of a write is a record of its own, committed with the write in one transaction; a
 * repeated request finds it and changes nothing, also after a crash in between. Records go when the
 * client says that it has the answer, or with the session. A request of a session that is unknown
 * is refused, so a late duplicate never finds its record gone and is never applied again.
 * (RIFL: Lee and others, "Implementing linearizability at large scale and low latency", SOSP 2015.)
 *
 * 1. What becomes of a write is decided by its commit alone. Clean-up runs beside the answer; when
 *    it fails it is tried again, and nobody else hears of it.
 * 2. A session that is closed stays closed: clean-up of its results has ended before its record goes.
 * 3. One process holds the store, so what is in memory decides; the records are for the next one.
 */
import type { Database } from '../database.ts';
import { nodeRandom } from '../env/node/random.ts';
import type { Random } from '../env/random.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { ID_BYTES, resultKey, SessionRecords } from './session-records.ts';
import { ServerError } from './status.ts';
import type { Committed, Once } from './wire.ts';

/** When all sessions are taken, one is closed that was opened and not written through for this time, */
const EVICT_UNUSED_MS = 100;
/** or that was not used for this time. */
const EVICT_USED_MS = 10_000;

interface Session {
  readonly id: Uint8Array;
  answeredBelow: number;
  prunedBelow: number;
  readonly inFlight: Map<number, Promise<Committed>>;
  lastUsedMs: number;
  hasWritten: boolean;
  pruning: Promise<void> | undefined;
}

/** What a write adds to its own transaction, so that it counts as done. */
export type MarkDone = (put: (key: Uint8Array, value: Uint8Array) => void) => void;

export interface SessionsOptions {
  readonly random?: Random;
  /** Results of one session that its client has not acknowledged. */
  readonly resultsMax?: number;
  /** Answered results are removed in groups of this size. */
  readonly pruneAt?: number;
}

export class Sessions {
  readonly #store: Database;
  readonly #max: number;
  readonly #now: () => number;
  readonly #random: Random;
  readonly #resultsMax: number;
  readonly #pruneAt: number;
  readonly idleMs: number;
  readonly #records: SessionRecords;
  /** The least recently used first. */
  readonly #sessions = new Map<string, Session>();
  /** Closed, and not yet removed from the store. */
  readonly #closed = new Map<string, Session>();
  #opening = 0;

  /** Loads the sessions that the process before left. `now`: monotonic milliseconds. */
  constructor(
    store: Database,
    max: number,
    idleMs: number,
    now: () => number,
    options: SessionsOptions = {},
  ) {
    this.#store = store;
    this.#max = max;
    this.idleMs = idleMs;
    this.#now = now;
    this.#random = options.random ?? nodeRandom;
    this.#resultsMax = options.resultsMax ?? DEFAULT_LIMITS.sessionResults;
    this.#pruneAt = options.pruneAt ?? DEFAULT_LIMITS.sessionPruneAt;
    this.#records = new SessionRecords(store);
    for (const { id, answeredBelow } of this.#records.sessions()) {
      this.#add(id, answeredBelow).hasWritten = true;
    }
  }

  get count(): number {
    return this.#sessions.size;
  }

  /** Durable when it answers. Throws ServerError `overloaded` when there are too many. */
  async open(): Promise<Uint8Array> {
    const max = this.#max;
    if (this.#sessions.size + this.#opening >= max && !this.#evict()) {
      throw new ServerError('overloaded', `${max} sessions are open, which is the limit`);
    }
    this.#opening++;
    try {
      const id = this.#drawId();
      await this.#records.open(id);
      return this.#add(id, 1).id;
    } finally {
      this.#opening--;
    }
  }

  /** Removes the session and its results. Does nothing for unknown ones. */
  async close(id: Uint8Array): Promise<void> {
    const name = nameOf(id);
    const session = this.#sessions.get(name) ?? this.#closed.get(name);
    if (session === undefined) return;
    this.#sessions.delete(name); // from here on every request of it is refused
    this.#closed.set(name, session);
    await Promise.allSettled([...session.inFlight.values(), session.pruning]);
    await this.#records.remove(id);
    this.#closed.delete(name);
  }

  /** Closes idle sessions, and removes what a crash or an error left. */
  async cleanUp(): Promise<void> {
    const now = this.#now();
    for (const session of [...this.#sessions.values()]) {
      const isIdle = now - session.lastUsedMs > this.idleMs && session.inFlight.size === 0;
      if (isIdle) await this.close(session.id);
    }
    for (const session of [...this.#closed.values()]) await this.close(session.id);
  }

  removeOrphans(): Promise<void> {
    return this.#records.removeOrphans((id) => {
      const name = nameOf(id);
      return this.#sessions.has(name) || this.#closed.has(name);
    });
  }

  /**
   * Runs `apply` unless the write was applied before; `apply` must call what it is handed within
   * its transaction. Two requests with one sequence share one run.
   * Throws ServerError `session-unknown`, `invalid-request`, `overloaded`, or what `apply` throws.
   */
  async once(
    { session: id, sequence, answeredBelow }: Once,
    apply: (markDone: MarkDone) => Promise<Committed>,
  ): Promise<Committed> {
    const session = this.#use(id);
    if (!Number.isSafeInteger(sequence) || sequence < 1) {
      throw new ServerError('invalid-request', 'sequence is not a positive integer');
    }
    if (sequence < session.answeredBelow) {
      throw new ServerError('invalid-request', `write ${sequence} was answered before`, false);
    }
    const running = session.inFlight.get(sequence);
    if (running !== undefined) return { ...(await running), repeated: true };
    if (this.#records.hasResult(id, sequence)) {
      return { timestamp: this.#store.visibleTimestamp, repeated: true };
    }
    if (sequence - session.answeredBelow >= this.#resultsMax) {
      const what = `${this.#resultsMax} results of the session are kept; send answered_below`;
      throw new ServerError('overloaded', what);
    }
    session.answeredBelow = Math.max(session.answeredBelow, Math.min(answeredBelow, sequence));
    session.hasWritten = true;
    const run = apply((put) => put(resultKey(id, sequence), new Uint8Array(0)));
    session.inFlight.set(sequence, run);
    try {
      return await run;
    } finally {
      session.inFlight.delete(sequence);
      this.#pruneIfDue(session);
    }
  }

  #use(id: Uint8Array): Session {
    const name = nameOf(id);
    const session = this.#sessions.get(name);
    if (session === undefined) {
      // An earlier request with this sequence may have been applied while the session was known.
      const message = 'the session is unknown: closed, or idle too long; open another';
      throw new ServerError('session-unknown', message, false);
    }
    this.#sessions.delete(name);
    this.#sessions.set(name, session);
    session.lastUsedMs = this.#now();
    return session;
  }

  /** Beside the answer: no error of it is the write's. It is due again after the next write. */
  #pruneIfDue(session: Session): void {
    const { id, answeredBelow, prunedBelow } = session;
    if (session.pruning !== undefined || answeredBelow - prunedBelow < this.#pruneAt) return;
    if (this.#sessions.get(nameOf(id)) !== session) return; // `close` removes everything
    session.pruning = this.#records.prune(id, prunedBelow, answeredBelow).then(
      () => {
        session.prunedBelow = answeredBelow;
        session.pruning = undefined;
      },
      () => {
        session.pruning = undefined;
      },
    );
  }

  /** Closes one that is not in use, to make room. Its removal goes on beside. */
  #evict(): boolean {
    if (this.#closed.size >= this.#max) return false;
    const now = this.#now();
    const idle = [...this.#sessions.values()].filter(({ inFlight }) => inFlight.size === 0);
    const victim =
      idle.find((one) => !one.hasWritten && now - one.lastUsedMs >= EVICT_UNUSED_MS) ??
      idle.find(({ lastUsedMs }) => now - lastUsedMs >= EVICT_USED_MS);
    if (victim === undefined) return false;
    this.close(victim.id).catch(() => undefined); // tried again by cleanUp
    return true;
  }

  #drawId(): Uint8Array {
    const id = Buffer.alloc(ID_BYTES);
    for (let at = 0; at < ID_BYTES; at += 4) {
      id.writeUInt32LE(this.#random.nextUint32(), at);
    }
    return id;
  }

  #add(id: Uint8Array, answeredBelow: number): Session {
    const session: Session = {
      id,
      answeredBelow,
      prunedBelow: 0, // the process before may have left results below `answeredBelow`
      inFlight: new Map(),
      lastUsedMs: this.#now(),
      hasWritten: false,
      pruning: undefined,
    };
    this.#sessions.set(nameOf(id), session);
    return session;
  }
}

function nameOf(id: Uint8Array): string {
  return Buffer.from(id.subarray(0, ID_BYTES + 1)).toString('hex'); // longer ones are nobody's
}
