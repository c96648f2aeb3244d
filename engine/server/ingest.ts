/**
 * Ingest: a stream of batches, applied and acknowledged in stream order.
 *
 * 1. A batch is begun when the one before it is committed: what was applied is a prefix of the
 *    stream, whenever it ends.
 * 2. At most `ingestQueue` batches, and `ingestQueueBytes`, are read ahead; beyond it flow control slows
 *    the sender down.
 * 3. Each batch goes through admission as any other write does.
 * 4. The error that ends a stream says how many of its batches were applied. It is definite only if
 *    none was, and `rest` says whether the batch that failed surely was not.
 */
import type { Clock } from '../env/clock.ts';
import type { Admission } from './admission.ts';
import type { RequestStream } from './call.ts';
import type { Leases } from './leases.ts';
import type { Limits } from './limits.ts';
import { IngestStopped, ServerError } from './status.ts';
import { StreamWait } from './stream-wait.ts';
import type { Calls, Committed } from './wire.ts';

type Batch = Calls['Ingest']['request'];

export interface IngestParts {
  readonly clock: Clock;
  readonly limits: Limits;
  readonly admission: Admission;
  readonly leases: Leases;
  apply(batch: Batch): Promise<Committed>;
  refuseIfStopping(): void;
}

/** Resolves when the stream has ended. Throws IngestStopped. */
export async function ingest(
  parts: IngestParts,
  call: RequestStream<Batch, Committed>,
): Promise<void> {
  const { clock, limits, admission, leases, apply } = parts;
  const wait = new StreamWait(clock);
  const lease = leases.take(() =>
    wait.revoke(new ServerError('stream-idle', 'it gave its place to another that sends')),
  );
  const silent = () =>
    new ServerError('stream-idle', `its client sent nothing for ${limits.requestMs} ms`);
  const taken = () =>
    wait.for(sent, limits.stallMs, () => {
      const what = `its client took no acknowledgement for ${limits.stallMs} ms`;
      return new ServerError('reader-stalled', what);
    });
  let applied = 0;
  let sent = Promise.resolve();
  try {
    for (;;) {
      const batch = await wait.for(call.next(), limits.requestMs, silent);
      if (batch === undefined) break;
      parts.refuseIfStopping();
      lease.busy();
      const committed = await admission
        .run(limits.requestMs, () => apply(batch))
        .finally(lease.idle);
      applied++;
      await taken();
      sent = call.send(committed);
    }
    await taken();
  } catch (error) {
    throw new IngestStopped(error, applied);
  } finally {
    lease.release();
  }
}
