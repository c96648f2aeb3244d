/**
 * Sessions: writes that are applied once, however often they are sent.
 *
 * The result of a write is a record of its own, committed with the write in one transaction; a
 * repeated request finds it and changes nothing, also after a crash in between. Records go when the
 * client says that it has the answer, or with the session. A request of a session that is unknown
 * is refused, so a late duplicate never finds its record gone and is never applied again.
 * (RIFL: Lee and others, "Implementing linearizability at large scale and low latency", SOSP 2015.)
 *
 * Keys: `\0assay/session/ID` holds the sequence below which all is answered; `\0assay/result/ID SEQ`
 * is there when that write was committed.
 *
 * One process holds the store, so what is in memory decides; the records are for the next process.
 */
import { randomBytes } from 'node:crypto';
import type { Database } from '../database.ts';
import { utf8 } from '../format/bytes.ts';
import { ServerError } from './status.ts';
import type { Committed, Once } from './wire.ts';

const SYSTEM = utf8.encode('\0assay/');
const SESSIONS = utf8.encode('\0assay/session/');
const RESULTS = utf8.encode('\0assay/result/');
const ID_BYTES = 16;
/** Answered results are removed in groups of so many. */
const PRUNE_AT = 64;

interface Session {
  readonly id: Uint8Array;
  answeredBelow: number;
  prunedBelow: number;
  readonly inFlight: Map<number, Promise<Committed>>;
  lastUsedMs: number;
}

/** What a write adds to its own transaction, so that it counts as done. */
export type MarkDone = (put: (key: Uint8Array, value: Uint8Array) => void) => void;

export class Sessions {
  readonly #store: Database;
  readonly #sessions = new Map<string, Session>();
  readonly #max: number;
  readonly #idleMs: number;
  readonly #now: () => number;

  /** Loads the sessions that the process before left. `now`: monotonic milliseconds. */
  constructor(store: Database, max: number, idleMs: number, now: () => number) {
    this.#store = store;
    this.#max = max;
    this.#idleMs = idleMs;
    this.#now = now;
    for (const { key, value } of store.range({ prefix: SESSIONS })) {
      const answeredBelow = Number(Buffer.from(value).readBigUInt64BE());
      this.#add(key.slice(SESSIONS.length), answeredBelow);
    }
  }

  get count(): number {
    return this.#sessions.size;
  }

  get idleMs(): number {
    return this.#idleMs;
  }

  /** Durable when it answers. Throws ServerError `overloaded` when there are too many. */
  async open(): Promise<Uint8Array> {
    if (this.#sessions.size >= this.#max) {
      throw new ServerError('overloaded', `${this.#max} sessions are open, which is the limit`);
    }
    const session = this.#add(randomBytes(ID_BYTES), 1);
    await this.#store.put(sessionKey(session.id), uint64(1), { durability: 'sync' });
    return session.id;
  }

  /** Forgets the session and its results. Unknown ones are gone already. */
  async close(id: Uint8Array): Promise<void> {
    const session = this.#sessions.get(nameOf(id));
    if (session === undefined) return;
    this.#sessions.delete(nameOf(id)); // from here on every request of it is refused
    await Promise.allSettled(session.inFlight.values());
    await this.#store.transact((transaction) => {
      transaction.delete(sessionKey(id));
      for (const { key } of transaction.range({ prefix: resultKey(id) })) transaction.delete(key);
    });
  }

  /** Closes the sessions that nobody used for a while. */
  async closeIdle(): Promise<void> {
    for (const session of [...this.#sessions.values()]) {
      const idle = this.#now() - session.lastUsedMs > this.#idleMs;
      if (idle && session.inFlight.size === 0) await this.close(session.id);
    }
  }

  /**
   * Runs `apply` unless the write was applied before; `apply` must call what it is handed within
   * its transaction. Two requests with one sequence share one run.
   * Throws ServerError `session-unknown`, `invalid-request`, or what `apply` throws.
   */
  async once(
    { session: id, sequence, answeredBelow }: Once,
    apply: (markDone: MarkDone) => Promise<Committed>,
  ): Promise<Committed> {
    const session = this.#sessions.get(nameOf(id));
    if (session === undefined) {
      throw new ServerError('session-unknown', 'the session is unknown: closed, or idle too long');
    }
    if (!Number.isSafeInteger(sequence) || sequence < 1) {
      throw new ServerError('invalid-request', 'sequence is not a positive integer');
    }
    session.lastUsedMs = this.#now();
    if (sequence < session.answeredBelow) {
      throw new ServerError('invalid-request', `write ${sequence} was answered before`, false);
    }
    session.answeredBelow = Math.max(session.answeredBelow, Math.min(answeredBelow, sequence));
    const running = session.inFlight.get(sequence);
    if (running !== undefined) return { ...(await running), repeated: true };
    const key = resultKey(id, sequence);
    if (this.#store.get(key) !== undefined) {
      return { timestamp: this.#store.visibleTimestamp, repeated: true };
    }
    const run = apply((put) => put(key, new Uint8Array(0)));
    session.inFlight.set(sequence, run);
    try {
      return await run;
    } finally {
      session.inFlight.delete(sequence);
      if (session.answeredBelow - session.prunedBelow >= PRUNE_AT) await this.#prune(session);
    }
  }

  async #prune(session: Session): Promise<void> {
    const { id, prunedBelow, answeredBelow } = session;
    session.prunedBelow = answeredBelow;
    await this.#store.transact((transaction) => {
      transaction.put(sessionKey(id), uint64(answeredBelow));
      const to = resultKey(id, answeredBelow);
      for (const { key } of transaction.range({ from: resultKey(id, prunedBelow), to })) {
        transaction.delete(key);
      }
    });
  }

  #add(id: Uint8Array, answeredBelow: number): Session {
    const session: Session = {
      id,
      answeredBelow,
      prunedBelow: answeredBelow,
      inFlight: new Map(),
      lastUsedMs: this.#now(),
    };
    this.#sessions.set(nameOf(id), session);
    return session;
  }
}

/** Keys of the server's own; clients neither see nor write them. */
export function isSystemKey(key: Uint8Array): boolean {
  return SYSTEM.every((byte, i) => key[i] === byte);
}

function nameOf(id: Uint8Array): string {
  return Buffer.from(id).toString('hex');
}

function sessionKey(id: Uint8Array): Uint8Array {
  return Buffer.concat([SESSIONS, id]);
}

function resultKey(id: Uint8Array, sequence?: number): Uint8Array {
  return Buffer.concat([RESULTS, id, ...(sequence === undefined ? [] : [uint64(sequence)])]);
}

function uint64(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
