/**
 * Range streams: pages of records, read when the client has taken the page before.
 *
 * 1. A place in admission is held only while a page is read, never while the client is waited for.
 * 2. At most two pages of a stream are in memory: the one that is sent, and the next.
 * 3. A client that takes nothing for `stallMs` loses its stream with `reader-stalled`; earlier, when
 *    all streams are open and another client wants one.
 */
import type { Clock } from '../env/clock.ts';
import type { KeyValue } from '../mvcc/range-read.ts';
import type { Admission } from './admission.ts';
import type { ReplyStream } from './call.ts';
import type { Leases } from './leases.ts';
import type { Limits } from './limits.ts';
import { ServerError } from './status.ts';
import { StreamWait } from './stream-wait.ts';
import type { Calls, WireRecord } from './wire.ts';

/** Records and bytes of one page. */
const PAGE_RECORDS = 256;
const PAGE_BYTES = 64 * 1024;

export interface RangeParts {
  readonly clock: Clock;
  readonly limits: Limits;
  readonly admission: Admission;
  readonly leases: Leases;
}

/** Resolves when all records are sent, or the client has left. */
export async function streamRange(
  { clock, limits, admission, leases }: RangeParts,
  records: Generator<KeyValue, void, void>,
  call: ReplyStream<Calls['Range']['reply']>,
): Promise<void> {
  const wait = new StreamWait(clock);
  const deadlineMs = clock.monotonicMs() + Math.min(call.patienceMs, limits.requestMs);
  const lease = leases.take(() =>
    wait.revoke(stalled('gave its place to another, because its client read nothing')),
  );
  let sent = Promise.resolve();
  try {
    for (;;) {
      const leftMs = deadlineMs - clock.monotonicMs();
      if (leftMs <= 0) {
        throw new ServerError('deadline-exceeded', 'the deadline passed amid the range');
      }
      lease.busy();
      const page = await admission.run(leftMs, () => nextPage(records)).finally(lease.idle);
      const late = () => stalled(`its client read nothing for ${limits.stallMs} ms`);
      await wait.for(sent, limits.stallMs, late);
      if (page.length === 0 || call.isCancelled) return;
      sent = call.send({ records: page });
    }
  } finally {
    lease.release();
    records.return();
  }
}

function nextPage(records: Iterator<KeyValue>): readonly WireRecord[] {
  const page: WireRecord[] = [];
  for (let bytes = 0; page.length < PAGE_RECORDS && bytes < PAGE_BYTES; ) {
    const { done, value } = records.next();
    if (done === true) break;
    page.push(value);
    bytes += value.key.length + value.value.length;
  }
  return page;
}

function stalled(what: string): ServerError {
  return new ServerError(
    'reader-stalled',
    `the range was ended: ${what}; read it again from there`,
  );
}
