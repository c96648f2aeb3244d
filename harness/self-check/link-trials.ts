/**
 * Trials of the proxy's links, with sockets that are no more than counters: memory is bounded, nothing
 * crosses a cut or follows a gap, a rate of 0 stalls, a toxicity of 0 does nothing, an upstream that
 * is no address closes its client and harms nobody else.
 */
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Prng } from '../random/prng.ts';
import { Connection } from '../real/toxiproxy/connection.ts';
import { Link } from '../real/toxiproxy/link.ts';
import type { Toxic } from '../real/toxiproxy/toxic.ts';

const CHUNK = Buffer.alloc(64 << 10);
/** Four times what a link may hold. */
const CHUNKS_MAX = 64;
/** What is delayed by no time has come by then. */
const STALL_MS = 10;

/** Counts what is done to it. */
class CountingSocket extends EventEmitter {
  readonly destroyed = false;
  readonly writableEnded = false;
  readonly writableNeedDrain = false;
  readonly writableLength = 0;
  written = 0;
  isClosed = false;
  isPaused = false;

  write(chunk: Buffer): void {
    this.written += chunk.length;
  }

  destroySoon(): void {
    this.isClosed = true;
  }

  destroy(): void {
    this.isClosed = true;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }
}

interface Ends {
  readonly from: CountingSocket;
  readonly to: CountingSocket;
  readonly link: Link;
}

const owner = { id: 0, close() {}, reset() {}, rolled() {} };
const toxic = (type: string, attributes: Toxic['attributes'], toxicity = 1): Toxic => ({
  name: type,
  type: type as Toxic['type'],
  stream: 'downstream',
  direction: 'downstream',
  toxicity,
  attributes,
});

const SLOW = toxic('bandwidth', { rate: 1 });
const STALLED = toxic('bandwidth', { rate: 0 });
const IDLE = toxic('timeout', { timeout: 0 }, 0);

type Problem = string | undefined;
type LinkTrial = readonly [
  toxics: readonly Toxic[],
  run: (ends: Ends) => Problem | Promise<Problem>,
];

const TRIALS: readonly LinkTrial[] = [
  [
    [SLOW],
    ({ from }) => {
      for (let i = 0; i < CHUNKS_MAX && !from.isPaused; i++) from.emit('data', CHUNK);
      return from.isPaused ? undefined : 'a link reads on, however much it holds';
    },
  ],
  [
    [],
    ({ from, to, link }) => {
      link.isCut = true;
      from.emit('data', CHUNK);
      from.emit('end');
      if (to.written > 0) return 'bytes cross a cut';
      return to.isClosed ? 'a close crosses a cut' : undefined;
    },
  ],
  [
    [],
    ({ from, to, link }) => {
      link.isCut = true;
      from.emit('data', CHUNK);
      link.isCut = false;
      from.emit('data', CHUNK);
      return to.written > 0 ? 'bytes follow a gap' : undefined;
    },
  ],
  [
    [STALLED],
    async ({ from, to, link }) => {
      from.emit('data', CHUNK);
      await sleep(STALL_MS);
      if (to.written > 0) return 'a rate of 0 lets bytes through';
      link.remove(STALLED);
      return to.written === CHUNK.length ? undefined : 'a rate of 0 keeps bytes when it is removed';
    },
  ],
  [
    [IDLE],
    ({ from, to, link }) => {
      from.emit('data', CHUNK);
      if (to.written === 0) return 'a toxicity of 0 holds bytes back';
      return link.remove(IDLE) ? 'a toxicity of 0 took part' : undefined;
    },
  ],
];

/** What is wrong with links, in a sentence. */
export async function tryLinks(): Promise<Problem> {
  for (const [toxics, run] of TRIALS) {
    const [from, to] = [new CountingSocket(), new CountingSocket()];
    const sockets = [from, to] as unknown as [Socket, Socket];
    const link = new Link(...sockets, 'downstream', owner, new Prng(1));
    link.start(toxics);
    try {
      const problem = await run({ from, to, link });
      if (problem !== undefined) return problem;
    } finally {
      link.stop();
    }
  }
  return UNDIALABLE.map(tryUpstream).find((problem) => problem !== undefined);
}

const UNDIALABLE = ['http://127.0.0.1:1', '127.0.0.1', '127.0.0.1:99999', ''];

/** What is thrown here ends the server. */
function tryUpstream(upstream: string): string | undefined {
  const client = new CountingSocket();
  const shown = `an upstream ${JSON.stringify(upstream)}`;
  try {
    new Connection({
      id: 0,
      client: client as unknown as Socket,
      upstream,
      random: new Prng(1),
      note: () => {},
      toxics: () => [],
      isCut: () => false,
      closed: () => {},
    });
  } catch (error) {
    return `${shown} ends the server: ${(error as Error).message}`;
  }
  return client.isClosed ? undefined : `${shown} leaves its client waiting`;
}
