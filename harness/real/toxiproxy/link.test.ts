/** What links and pacers hold: bounded for all links together, cut into pieces only when they go. */
import { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Prng } from '../../random/prng.ts';
import { Link } from './link.ts';
import { Pacer } from './pacer.ts';
import type { Toxic } from './toxic.ts';

const KIB = 2 ** 10;
const MIB = 2 ** 20;
const CHUNK = Buffer.alloc(64 * KIB);
const toxic: Toxic = {
  name: 'l',
  type: 'latency',
  stream: 'downstream',
  direction: 'downstream',
  toxicity: 1,
  attributes: { latency: 1e9, jitter: 0 },
};
const owner = { id: 0, close() {}, reset() {}, rolled() {} };
const links: Link[] = [];

/** A link that nothing leaves; answers how many bytes it reads before it stops reading. */
function readsUntilPaused(): () => number {
  const from = new Socket();
  const link = new Link(from, new Socket(), 'downstream', owner, new Prng(1));
  links.push(link);
  link.start([toxic]);
  return () => {
    let read = 0;
    from.pause = () => {
      from.emit('paused');
      return from;
    };
    let isPaused = false;
    from.once('paused', () => {
      isPaused = true;
    });
    while (!isPaused) {
      from.emit('data', CHUNK);
      read += CHUNK.length;
    }
    return read;
  };
}

afterEach(() => {
  for (const link of links.splice(0)) link.stop();
});

describe('a link behind a long latency', () => {
  it('holds 32 MiB when it is alone', () => {
    expect(readsUntilPaused()()).toBeGreaterThan(31 * MIB);
  });

  it('shares 256 MiB with the other links of the process', () => {
    const all = Array.from({ length: 512 }, readsUntilPaused);
    expect(all[0]!()).toBeLessThan(MIB);
    for (const link of links.splice(0)) link.stop();
    expect(readsUntilPaused()()).toBeGreaterThan(31 * MIB);
  });
});

describe('a pacer', () => {
  it('hands over whole what waits, less the pieces that went', () => {
    const gone: string[] = [];
    const next = { push: (chunk: Buffer) => gone.push(chunk.toString()), end: () => {} };
    const pacer = new Pacer(next, { pieceBytes: () => 1, delayMs: () => Number.POSITIVE_INFINITY });
    pacer.push(Buffer.alloc(MIB), 5);
    pacer.push(Buffer.from('last'), 6);
    pacer.end();
    expect(pacer.heldBytes).toBeLessThan(MIB + KIB);
    expect(pacer.take().map(({ chunk, arrived }) => [chunk?.length, arrived])).toEqual([
      [MIB, 5],
      [4, 6],
      [undefined, expect.any(Number)],
    ]);
    expect([gone, pacer.heldBytes]).toEqual([[], 0]);
  });

  it('lets pieces go in order, the close behind them', async () => {
    const gone: string[] = [];
    const ended = new Promise<void>((resolve) => {
      const next = { push: (chunk: Buffer) => gone.push(chunk.toString()), end: resolve };
      const pacer = new Pacer(next, { pieceBytes: () => 2, delayMs: () => 0 });
      pacer.push(Buffer.from('abc'), 0);
      pacer.push(Buffer.from('defg'), 0);
      pacer.end();
    });
    await ended;
    expect(gone).toEqual(['ab', 'c', 'de', 'fg']);
  });
});
