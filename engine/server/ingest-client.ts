/**
 * Ingest from the client's side: keeps a window of batches in flight and waits for the stream to
 * take more. When the stream breaks it is opened again and what has no acknowledgement is sent once
 * more, under the same sequences, so that each batch is applied once. No stream is held open while
 * the caller has nothing to send and nothing is in flight.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { type Channel, ClientError } from './channel.ts';
import { ownChanges } from './client-arguments.ts';
import { fromServiceError, type WireError } from './status.ts';
import { type Calls, type Change, type Committed, type Once, STORE_SERVICE } from './wire.ts';

export type IngestProgress = (acknowledgedBatches: number) => void;

/**
 * Why an ingest stopped. The batches were applied in order: `acknowledged` surely, of the `unsure`
 * behind them perhaps some, and none of the rest. `definite`: none at all was.
 */
export class IngestError extends ClientError {
  readonly acknowledged: number;
  readonly unsure: number;

  constructor(error: WireError, acknowledged: number, unsure: number) {
    const counts = `${acknowledged} batches acknowledged, ${unsure} perhaps applied`;
    const definite = acknowledged === 0 && unsure === 0;
    super({ ...error, definite, message: `${error.message} (${counts})` });
    this.acknowledged = acknowledged;
    this.unsure = unsure;
  }
}

type Batch = Calls['Ingest']['request'];
type Stream = ClientDuplexStream<Batch, Committed>;
type Batches = AsyncIterable<readonly Change[]> | Iterable<readonly Change[]>;

export interface Sequences {
  next(): Promise<Once>;
  answered(once: Once): void;
  /** The server does not know the session any more: from here on another. */
  renew(once: Once): void;
}

interface Open {
  batch: Batch;
  /** A stream that it was sent through broke, so it may have been applied. */
  isUnsure: boolean;
}

const WINDOW = 64;
const RETRY_MS = 100;

/** Throws IngestError, or what `batches` throws. */
export async function ingestBatches(
  channel: Channel,
  batches: Batches,
  sequences: Sequences,
  progress: IngestProgress = () => undefined,
): Promise<{ readonly batches: number }> {
  const run = new IngestRun(channel, batches, sequences, progress);
  try {
    await run.run();
  } finally {
    await run.closeSource();
  }
  return { batches: run.acknowledged };
}

class IngestRun {
  readonly #channel: Channel;
  readonly #source: AsyncIterator<readonly Change[]> | Iterator<readonly Change[]>;
  readonly #sequences: Sequences;
  readonly #progress: IngestProgress;
  /** Without an acknowledgement, in order; at most a window. */
  readonly #open: Open[] = [];
  #isExhausted = false;
  acknowledged = 0;

  constructor(channel: Channel, batches: Batches, sequences: Sequences, progress: IngestProgress) {
    this.#channel = channel;
    this.#source =
      Symbol.asyncIterator in batches
        ? batches[Symbol.asyncIterator]()
        : batches[Symbol.iterator]();
    this.#sequences = sequences;
    this.#progress = progress;
  }

  async run(): Promise<void> {
    for (let silentSince = Date.now(); ; ) {
      if (this.#open.length === 0) await this.#take();
      if (this.#open.length === 0) return;
      const before = this.acknowledged;
      const failure = await this.#stream();
      if (failure === undefined) continue;
      const error = fromServiceError(failure);
      if (!error.isRestUntouched) for (const open of this.#open) open.isUnsure = true;
      if (this.acknowledged > before) silentSince = Date.now();
      const isPatient = Date.now() - silentSince < this.#channel.deadlineMs;
      const canGoOn = error.isTransient || (await this.#renewed(error));
      if (!this.#channel.retries || !canGoOn || !isPatient) throw this.#stopped(error);
      await sleep(RETRY_MS);
    }
  }

  async closeSource(): Promise<void> {
    if (!this.#isExhausted) await this.#source.return?.();
  }

  /** Puts the next batch of the caller behind those that are open, if there is one. */
  async #take(): Promise<Open | undefined> {
    const { done, value } = await this.#source.next();
    if (done === true) {
      this.#isExhausted = true;
      return undefined;
    }
    const changes = ownChanges(value);
    const once = await this.#sequences.next();
    const open = { batch: { changes, transaction: '', once }, isUnsure: false };
    this.#open.push(open);
    return open;
  }

  /**
   * One stream, until nothing is left to send or to wait for. Answers what broke it. Throws what
   * the caller's source throws.
   */
  async #stream(): Promise<unknown> {
    const { path, requestSerialize, responseDeserialize } = STORE_SERVICE.Ingest!;
    const stream = this.#channel.grpc.makeBidiStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
    ) as Stream;
    let failure: unknown;
    let wake: () => void = () => undefined;
    const fail = (error: unknown) => {
      failure ??= error;
      wake();
    };
    const late = new Error(`no acknowledgement for ${this.#channel.deadlineMs} ms`);
    const patience = setTimeout(() => fail(late), this.#channel.deadlineMs);
    stream.on('data', () => {
      patience.refresh();
      this.#acknowledge();
      wake();
    });
    stream.on('drain', () => wake());
    stream.on('error', fail);
    stream.on('end', () => fail(new Error('the stream ended early')));
    try {
      for (const { batch } of this.#open) stream.write(batch);
      while (failure === undefined && this.#open.length > 0) {
        const isFull = this.#open.length >= WINDOW || stream.writableNeedDrain;
        if (this.#isExhausted || isFull) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          continue;
        }
        const taken = await this.#take();
        if (taken !== undefined) stream.write(taken.batch);
      }
      return this.#open.length > 0 ? failure : undefined;
    } finally {
      clearTimeout(patience);
      stream.on('error', () => undefined);
      if (failure === undefined) stream.end();
      else stream.cancel();
    }
  }

  #acknowledge(): void {
    const done = this.#open.shift();
    if (done?.batch.once != null) this.#sequences.answered(done.batch.once);
    this.#progress(++this.acknowledged);
  }

  /** Whether what is open can be sent in a new session: only when none of it was applied in the old. */
  async #renewed(error: WireError): Promise<boolean> {
    if (error.code !== 'session-unknown' || this.#open.some(({ isUnsure }) => isUnsure))
      return false;
    for (const open of this.#open) {
      const { once } = open.batch;
      if (once !== null) this.#sequences.renew(once);
      open.batch = { ...open.batch, once: await this.#sequences.next() };
    }
    return true;
  }

  #stopped(error: WireError): IngestError {
    const unsure = this.#open.filter(({ isUnsure }) => isUnsure).length;
    for (const { batch } of this.#open) {
      if (batch.once !== null) this.#sequences.answered(batch.once);
    }
    return new IngestError(error, this.acknowledged, unsure);
  }
}
