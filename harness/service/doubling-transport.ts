/**
 * DoublingTransport: carries each call to the server more than once, in virtual time: early, while
 * the first copy is in flight, or late, when its result may have been pruned or its session closed.
 *
 * 1. A call is `ok` when one copy is. It is definite only when every copy was answered so: another
 *    copy may be applied after one was refused.
 * 2. A client that gave up, and a server that went away, leave the outcome open.
 */
import type { Prng } from '../random/prng.ts';
import type { Scheduler } from '../simulation/sim/scheduler.ts';
import type { ServiceError, SimulatedService } from '../simulation/sim/simulated-service.ts';
import { MemoryStream } from './memory-stream.ts';

export interface TransportParts {
  readonly scheduler: Scheduler;
  readonly random: Prng;
  /** The server that runs now. */
  service(): SimulatedService | undefined;
  /** Told of each request that reaches the server. */
  sent(name: string): void;
  /** Told when a server that ran all the while has not answered for `ANSWER_MS`. */
  silent(name: string): void;
}

export interface Copies {
  readonly early: number;
  readonly late: number;
}

interface WireRecord {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

const NONE = new Uint8Array(0);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Longer than any deadline of the server's. */
const ANSWER_MS = 2000;
const WAY_MS = 2;
const LATE_MS = 900;

const openOutcome = (code: string): ServiceError => ({
  code,
  definite: false,
  message: code,
  applied: 0,
  isRestUntouched: false,
});

export class DoublingTransport {
  readonly #parts: TransportParts;
  readonly #random: Prng;
  /** Streams that the server has open: what cuts each off. */
  readonly #streams = new Set<() => void>();
  /** Copies that arrived after the first. */
  doubled = 0;

  constructor(parts: TransportParts) {
    this.#parts = parts;
    this.#random = parts.random;
  }

  /** Mostly doubled; sometimes once, or three times. */
  drawCopies(): Copies {
    return this.#random.pick([
      { early: 1, late: 0 },
      { early: 0, late: 1 },
      { early: 1, late: 1 },
      { early: 0, late: 0 },
    ]);
  }

  /** The process is gone, and every stream with it. */
  serverGone(): void {
    for (const cut of this.#streams) cut();
    this.#streams.clear();
  }

  /** Rejects with ServiceError. */
  call(name: string, request: object, patienceMs: number): Promise<object> {
    const { scheduler } = this.#parts;
    const delays = this.#delays();
    return new Promise((resolve, reject) => {
      let unanswered = delays.length;
      let refusal: ServiceError | undefined;
      const fail = (error: ServiceError) => {
        refusal = refusal?.definite === false ? refusal : error;
        if (--unanswered === 0 || !error.definite) reject(refusal);
      };
      for (const [i, delay] of delays.entries()) {
        const call = { patienceMs, isCancelled: false };
        let server: SimulatedService | undefined;
        let isAnswered = false;
        scheduler.after(delay, () => {
          if (i > 0) this.doubled++;
          server = this.#parts.service();
          this.#parts.sent(name);
          this.#arrive((service) => service.call(name, structuredClone(request), call))
            .finally(() => {
              isAnswered = true;
            })
            .then(resolve, fail);
        });
        scheduler.after(delay + patienceMs, () => {
          call.isCancelled = true;
          const ranOn = server !== undefined && server === this.#parts.service();
          if (ranOn && !isAnswered && patienceMs >= ANSWER_MS) this.#parts.silent(name);
          fail(openOutcome('client-timeout'));
        });
      }
    });
  }

  /**
   * Streams the same batches once for each copy, and takes every acknowledgement. Answers what
   * became of the first copy; the others go on.
   */
  async ingest(
    batches: readonly object[],
    patienceMs: number,
  ): Promise<{ acknowledged: number; copies: number; error: ServiceError | undefined }> {
    const delays = this.#delays();
    const [first, ...others] = delays.map((delay) => this.#stream(batches, delay, patienceMs));
    this.doubled += others.length;
    for (const other of others) other.catch(() => undefined);
    return { ...(await first!), copies: delays.length };
  }

  async #stream(batches: readonly object[], delay: number, patienceMs: number) {
    const { scheduler } = this.#parts;
    await scheduler.sleep(delay);
    const stream = new MemoryStream(patienceMs);
    let error: ServiceError | undefined;
    const done = this.#arrive((service) => service.ingest(stream)).then(
      () => stream.finish(),
      (failure: ServiceError) => {
        error = failure;
        stream.finish();
      },
    );
    const giveUp = this.#cutLater(stream, patienceMs, (code) => {
      error ??= openOutcome(code);
    });
    for (const batch of batches) stream.push(structuredClone(batch));
    stream.end();
    let acknowledged = 0;
    while ((await stream.take()) !== undefined) acknowledged++;
    giveUp();
    if (error === undefined) await done;
    return { acknowledged, error };
  }

  /** The records of a prefix, as text; `undefined` when the range failed. Now and then it is left. */
  async range(
    prefix: Uint8Array,
    patienceMs: number,
  ): Promise<ReadonlyMap<string, string> | undefined> {
    const request = { from: NONE, to: NONE, prefix, reverse: false, limit: 0, transaction: '' };
    const stream = new MemoryStream(patienceMs);
    let failed = false;
    const done = this.#arrive((service) => service.range(request, stream)).then(
      () => stream.finish(),
      () => {
        failed = true;
        stream.finish();
      },
    );
    if (this.#random.chance(0.1)) {
      this.#parts.scheduler.after(2 * patienceMs * this.#random.fraction(), () => stream.cancel());
      return undefined; // nothing of it is ever read
    }
    const giveUp = this.#cutLater(stream, patienceMs, () => {
      failed = true;
    });
    const records = new Map<string, string>();
    for (;;) {
      const page = (await stream.take()) as { records: readonly WireRecord[] } | undefined;
      if (page === undefined) break;
      for (const { key, value } of page.records) records.set(text(key), text(value));
    }
    giveUp();
    if (!failed) await done;
    return failed ? undefined : records;
  }

  /** Cuts the stream off after a time, or when the process goes. Answers what ends the watch. */
  #cutLater(stream: MemoryStream, afterMs: number, told: (code: string) => void): () => void {
    const cut = (code: string) => {
      told(code);
      stream.cancel();
    };
    const timer = this.#parts.scheduler.after(afterMs, () => cut('client-timeout'));
    const gone = () => cut('unavailable');
    this.#streams.add(gone);
    return () => {
      timer.cancel();
      this.#streams.delete(gone);
    };
  }

  #delays(): number[] {
    const { early, late } = this.drawCopies();
    const way = () => WAY_MS * this.#random.fraction();
    return [
      way(),
      ...Array.from({ length: early }, way),
      ...Array.from({ length: late }, () => LATE_MS * this.#random.fraction()),
    ];
  }

  /** Calls the server that runs when the message arrives; its answer is lost with it. */
  async #arrive<T>(serve: (service: SimulatedService) => Promise<T>): Promise<T> {
    const service = this.#parts.service();
    if (service === undefined) throw openOutcome('unavailable');
    const answer = serve(service);
    const back = () => this.#parts.scheduler.sleep(WAY_MS * this.#random.fraction());
    const settled = await answer.then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    await back();
    if (this.#parts.service() !== service) throw openOutcome('unavailable');
    if ('error' in settled) throw settled.error;
    return settled.value;
  }
}
