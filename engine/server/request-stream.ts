/**
 * Request stream: the batches of one ingest as the service asks for them. The transport would read 16
 * messages ahead, whatever their size: here the next is asked for only while those that wait are few
 * and small, so that a stream holds `ingestQueueBytes` and one message at most.
 */
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { RequestStream } from './call.ts';
import type { Limits } from './limits.ts';
import { bytesOf, type Calls, type Committed } from './wire.ts';

type Batch = Calls['Ingest']['request'];
export type IngestCall = ServerDuplexStream<Batch, Committed>;

export function readAhead(
  call: IngestCall,
  { ingestQueue, ingestQueueBytes }: Limits,
): Pick<RequestStream<Batch, Committed>, 'next'> {
  const waiting: Batch[] = [];
  let waitingBytes = 0;
  let ended = false;
  let isReadDue = false;
  let wake: (() => void) | undefined;
  const end = () => {
    ended = true;
    wake?.();
  };
  const read = call._read.bind(call);
  const readIfRoom = () => {
    isReadDue = waiting.length >= ingestQueue || waitingBytes >= ingestQueueBytes;
    if (!isReadDue) read(0);
  };
  call._read = readIfRoom;
  call.on('data', (batch: Batch) => {
    waiting.push(batch);
    waitingBytes += bytesOf(batch);
    wake?.();
  });
  call.on('end', end);
  call.on('cancelled', end);
  call.on('error', end);
  return {
    async next() {
      while (waiting.length === 0 && !ended) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (call.cancelled) return undefined;
      const batch = waiting.shift();
      if (batch !== undefined) waitingBytes -= bytesOf(batch);
      if (isReadDue) readIfRoom();
      return batch;
    },
  };
}
