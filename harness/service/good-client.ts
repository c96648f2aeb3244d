/** GoodClient: a well-behaved client that uses every call and measures its waits in virtual time. */
import type { Prng } from '../random/prng.ts';
import type { Scheduler } from '../simulation/sim/scheduler.ts';
import type { ServiceError, SimulatedService } from '../simulation/sim/simulated-service.ts';
import { MemoryStream } from './memory-stream.ts';

export interface GoodParts {
  readonly scheduler: Scheduler;
  readonly random: Prng;
  readonly service: SimulatedService;
}

const PATIENCE_MS = 10_000;
const RETRY_MS = 20;
const THINK_MS = 5;
const READ_MS = 100;
const KEYS = 600;
/** A range of all keys takes several pages. */
const VALUE_BYTES = 400;
const LOAD_BATCH = 50;

const utf8 = new TextEncoder();
const NONE = new Uint8Array(0);
const PREFIX = utf8.encode('good/');
const keyOf = (number: number) => utf8.encode(`good/${String(number).padStart(6, '0')}`);

export class GoodClient {
  readonly #parts: GoodParts;
  readonly #random: Prng;
  /** Of what it waited for since it was asked last, in virtual milliseconds. */
  #waitsMs: number[] = [];
  #session: Uint8Array | undefined;
  #sequence = 1;

  constructor(parts: GoodParts) {
    this.#parts = parts;
    this.#random = parts.random;
  }

  async load(): Promise<void> {
    for (let first = 0; first < KEYS; first += LOAD_BATCH) {
      const changes = Array.from({ length: LOAD_BATCH }, (_, i) => ({
        key: keyOf(first + i),
        value: new Uint8Array(VALUE_BYTES),
        remove: false,
      }));
      await this.#write('Batch', { changes, transaction: '' });
    }
  }

  /** Answers how long the slowest hundredth waited, at least. Throws when it is not served. */
  async run(operations: number): Promise<number> {
    this.#waitsMs = [];
    const acts = [() => this.#get(), () => this.put(), () => this.#raise(), () => this.#readAll()];
    for (let i = 0; i < operations; i++) {
      const began = this.#parts.scheduler.nowMs;
      await acts[i % acts.length]!();
      this.#waitsMs.push(this.#parts.scheduler.nowMs - began);
      await this.#parts.scheduler.sleep(THINK_MS * this.#random.fraction());
    }
    const sorted = this.#waitsMs.sort((a, b) => a - b);
    return sorted[Math.floor(0.99 * (sorted.length - 1))]!;
  }

  /** Throws when a read takes longer than reads do. */
  async readPromptly(): Promise<void> {
    const began = this.#parts.scheduler.nowMs;
    await this.#get();
    await this.#readAll();
    const tookMs = this.#parts.scheduler.nowMs - began;
    if (tookMs > READ_MS)
      throw new Error(`reads took ${tookMs.toFixed(0)} ms beside writers that wait`);
  }

  async #get(): Promise<void> {
    const { found } = (await this.#call('Get', { key: this.#key(), transaction: '' })) as {
      found: boolean;
    };
    if (!found) throw new Error('a record of the well-behaved client is gone');
  }

  async put(): Promise<void> {
    const value = new Uint8Array(VALUE_BYTES);
    await this.#write('Put', { key: this.#key(), value, transaction: '' });
  }

  async #raise(): Promise<void> {
    const { id: transaction } = (await this.#call('Begin', { deadlineMs: 0 })) as { id: string };
    const key = this.#key();
    await this.#call('Get', { key, transaction });
    const value = new Uint8Array(VALUE_BYTES);
    await this.#call('Put', { key, value, transaction, once: null });
    await this.#write('Commit', { transaction });
  }

  /** Reads promptly, to the end. */
  async #readAll(): Promise<void> {
    const stream = new MemoryStream(PATIENCE_MS);
    const request = { from: NONE, to: NONE, prefix: PREFIX, reverse: false, limit: 0 };
    let failure: unknown;
    this.#parts.service.range({ ...request, transaction: '' }, stream).then(
      () => stream.finish(),
      (error: unknown) => {
        failure = error;
        stream.finish();
      },
    );
    let records = 0;
    for (let page = await stream.take(); page !== undefined; page = await stream.take()) {
      records += (page as { records: readonly object[] }).records.length;
      await this.#parts.scheduler.sleep(0.1);
    }
    if (failure !== undefined) throw notServed('Range', failure as ServiceError);
    if (records !== KEYS) throw new Error(`a range showed ${records} records, not ${KEYS}`);
  }

  #key(): Uint8Array {
    return keyOf(this.#random.below(KEYS));
  }

  /** In another session, when the server has closed one that was idle. */
  async #write(name: string, request: object): Promise<void> {
    try {
      await this.#call(name, { ...request, once: await this.#once() });
    } catch (error) {
      if ((error as { cause?: ServiceError }).cause?.code !== 'session-unknown') throw error;
      this.#session = undefined;
      await this.#call(name, { ...request, once: await this.#once() });
    }
  }

  async #once() {
    this.#session ??= ((await this.#call('OpenSession', {})) as { id: Uint8Array }).id;
    const sequence = this.#sequence++;
    return { session: this.#session, sequence, answeredBelow: sequence };
  }

  /** Again while the server is overloaded, as the real client. */
  async #call(name: string, request: object): Promise<object> {
    const { service, scheduler } = this.#parts;
    for (const giveUpMs = scheduler.nowMs + PATIENCE_MS; ; ) {
      try {
        return await service.call(name, request, { patienceMs: PATIENCE_MS, isCancelled: false });
      } catch (error) {
        const { code } = error as ServiceError;
        if (code !== 'overloaded' || scheduler.nowMs > giveUpMs) {
          throw notServed(name, error as ServiceError);
        }
        await scheduler.sleep(RETRY_MS);
      }
    }
  }
}

function notServed(name: string, cause: ServiceError): Error {
  const { code, message } = cause;
  return new Error(`the well-behaved client's ${name} was refused: ${code}, ${message}`, { cause });
}
