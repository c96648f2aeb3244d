/**
 * Ingest from the client's side: keeps a window of batches in flight and waits for the stream to
 * take more. When the stream breaks it is opened again and what has no acknowledgement is sent once
 * more, under the same sequences, so that each batch is applied once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { type Channel, ClientError } from './channel.ts';
import { fromServiceError } from './status.ts';
import { type Calls, type Change, type Committed, type Once, STORE_SERVICE } from './wire.ts';

export type IngestProgress = (acknowledgedBatches: number) => void;

type Batch = Calls['Ingest']['request'];
type Stream = ClientDuplexStream<Batch, Committed>;

interface Sequences {
  next(): Once;
  answered(sequence: number): void;
}

const WINDOW = 64;
const RETRY_MS = 100;

/** Throws ClientError; what was acknowledged before it stays. */
export async function ingestBatches(
  channel: Channel,
  batches: AsyncIterable<readonly Change[]> | Iterable<readonly Change[]>,
  sequences: Sequences,
  progress: IngestProgress = () => undefined,
): Promise<{ readonly batches: number }> {
  const source =
    Symbol.asyncIterator in batches
      ? batches[Symbol.asyncIterator]()
      : (batches as Iterable<readonly Change[]>)[Symbol.iterator]();
  const open: Batch[] = [];
  let exhausted = false;
  let acknowledged = 0;

  const pump = async (stream: Stream): Promise<void> => {
    let failure: unknown;
    let ended = false;
    let wake: () => void = () => undefined;
    const woken = () => new Promise<void>((resolve) => (wake = resolve));
    stream.on('data', () => {
      const done = open.shift();
      if (done?.once != null) sequences.answered(done.once.sequence);
      progress(++acknowledged);
      wake();
    });
    stream.on('drain', () => wake());
    stream.on('error', (error) => {
      failure = error;
      wake();
    });
    stream.on('end', () => {
      ended = true;
      wake();
    });
    for (const batch of open) stream.write(batch); // at most a window
    while (failure === undefined && !ended && (!exhausted || open.length > 0)) {
      if (exhausted || open.length >= WINDOW || stream.writableNeedDrain) {
        await woken();
        continue;
      }
      const { done, value } = await source.next();
      if (done === true) exhausted = true;
      else {
        const batch: Batch = { changes: value, transaction: '', once: sequences.next() };
        open.push(batch);
        stream.write(batch);
      }
    }
    if (failure !== undefined) throw failure;
    stream.end();
    if (open.length > 0) throw new Error('the stream ended early');
  };

  for (let silentSince = Date.now(); ; ) {
    const before = acknowledged;
    const { path, requestSerialize, responseDeserialize } = STORE_SERVICE.Ingest!;
    const stream = channel.grpc.makeBidiStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
    ) as Stream;
    try {
      await pump(stream);
      return { batches: acknowledged };
    } catch (failure) {
      stream.on('error', () => undefined);
      stream.cancel();
      const error = fromServiceError(failure);
      if (acknowledged > before) silentSince = Date.now();
      const patient = Date.now() - silentSince < channel.deadlineMs;
      if (!channel.retries || !error.isTransient || !patient) throw new ClientError(error);
      await sleep(RETRY_MS);
    }
  }
}
