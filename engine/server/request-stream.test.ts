import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { limitsFrom } from './limits.ts';
import { type IngestCall, readAhead } from './request-stream.ts';

const TURNS = 200;

/** A client that sends batches of `batchBytes` as long as they are asked for. */
function streamOf(batchBytes: number) {
  const sent = { count: 0 };
  const call = new Duplex({
    objectMode: true,
    read() {
      const number = sent.count++;
      setImmediate(() => {
        const change = { key: new Uint8Array(1), value: new Uint8Array(batchBytes - 1) };
        call.push({ number, changes: [change] });
      });
    },
    write: (_reply, _encoding, done) => done(),
  });
  return { call: call as unknown as IngestCall, sent };
}

async function settled(): Promise<void> {
  for (let i = 0; i < TURNS; i++) await turn();
}

describe('an ingest that is read ahead', () => {
  it.each([
    [10_000, 1, 1],
    [1000, 10, 10],
    [10, 16, 16],
  ])('holds no more than its limits in batches of %i bytes', async (bytes, most, least) => {
    const limits = limitsFrom({ ingestQueue: 16, ingestQueueBytes: 10_000 });
    const { call, sent } = streamOf(bytes);
    const { next } = readAhead(call, limits);
    await settled();
    for (let taken = 0; taken < 40; taken++) {
      const ahead = sent.count - taken;
      expect(ahead).toBeGreaterThanOrEqual(least);
      expect(ahead).toBeLessThanOrEqual(most + 1); // and one on its way
      expect(await next()).toMatchObject({ number: taken });
      await settled();
    }
  });

  it('ends with the stream, all that was sent before having been taken', async () => {
    const { call } = streamOf(100);
    const { next } = readAhead(call, limitsFrom({ ingestQueue: 2 }));
    await settled();
    call.push(null);
    await settled();
    expect(await next()).toMatchObject({ number: 0 });
    expect(await next()).toMatchObject({ number: 1 });
    expect(await next()).toBeUndefined();
  });
});
