/**
 * Ingest: a stream of batches, acknowledged in order. At most `ingestQueue` batches wait; while
 * that many do, the stream is paused and flow control slows the sender down.
 */
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { Limits } from './limits.ts';
import type { Operations } from './operations.ts';
import { ServerError, toServiceError } from './status.ts';
import type { Calls, Committed } from './wire.ts';

type Batch = Calls['Ingest']['request'];

export interface IngestParts {
  readonly operations: Operations;
  readonly limits: Limits;
  refuseIfStopping(): void;
}

/** Resolves when the stream has ended. The first batch that fails ends it with that error. */
export async function ingest(
  call: ServerDuplexStream<Batch, Committed>,
  { operations, limits, refuseIfStopping }: IngestParts,
): Promise<void> {
  let waiting = 0;
  let failed = false;
  let last: Promise<void> = Promise.resolve();
  const fail = (error: unknown) => {
    if (failed) return;
    failed = true;
    call.emit('error', toServiceError(error));
  };
  const commit = (batch: Batch): Promise<Committed> => {
    refuseIfStopping();
    if (batch.transaction !== '') {
      throw new ServerError('invalid-request', 'a batch of an ingest belongs to no transaction');
    }
    return operations.write(batch.changes, '', batch.once);
  };
  call.on('data', (batch: Batch) => {
    if (failed) return;
    if (++waiting >= limits.ingestQueue) call.pause();
    const committed = Promise.resolve().then(() => commit(batch));
    committed.catch(() => undefined); // met below, in order
    last = last.then(async () => {
      try {
        const answer = await committed;
        if (!failed) call.write(answer);
      } catch (error) {
        fail(error);
      }
      if (--waiting < limits.ingestQueue) call.resume();
    });
  });
  await new Promise<void>((resolve) => {
    call.on('end', resolve);
    call.on('cancelled', resolve);
    call.on('error', () => resolve());
  });
  await last;
  if (!failed && !call.cancelled) call.end();
}
