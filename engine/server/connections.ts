/**
 * Connections: accepts sockets, bounds their number, and closes idle ones.
 *
 * 1. At most `max` are open. A further one closes the one that has been idle longest, or is refused if none
 *    is idle.
 * 2. A connection is idle while no call is open on it. An unfinished handshake and bytes that form no request
 *    do not count. It is closed after `idleMs`, or up to a quarter later.
 * 3. An error of a socket ends that socket only.
 */
import type { Server, Socket } from 'node:net';
import type { Clock } from '../env/clock.ts';
import { type Lease, Leases } from './leases.ts';

/** In the time that a connection may be idle. */
const SWEEPS = 4;

export class Connections {
  readonly #leases: Leases;
  readonly #clock: Clock;
  readonly #idleMs: number;
  /** By address and port of the client. */
  readonly #open = new Map<string, { readonly lease: Lease; readonly socket: Socket }>();

  #isSweeping = false;

  constructor(clock: Clock, { max, idleMs }: { readonly max: number; readonly idleMs: number }) {
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#leases = new Leases({ clock, max, what: 'connections', evictAfterMs: 0 });
  }

  get count(): number {
    return this.#leases.count;
  }

  get evicted(): number {
    return this.#leases.evicted;
  }

  /** Bounds the connections of `server`, however many servers there are. */
  watch(server: Server): void {
    server.on('connection', (socket) => this.#admit(socket));
    server.on('error', () => undefined); // of accepting one: the others go on
  }

  /** A call has begun on the connection of `peer`; answers what to call when it is over. */
  callBegan(peer: string): () => void {
    const lease = this.#open.get(peer)?.lease;
    lease?.busy();
    return () => lease?.idle();
  }

  /** Ends the connection of `peer`, with all of its calls. */
  drop(peer: string): void {
    this.#open.get(peer)?.socket.destroy();
  }

  dropAll(): void {
    for (const { socket } of [...this.#open.values()]) socket.destroy();
  }

  #admit(socket: Socket): void {
    socket.on('error', () => undefined); // 'close' follows
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    let lease: Lease;
    try {
      lease = this.#leases.take(() => socket.destroy());
    } catch {
      socket.destroy();
      return;
    }
    this.#open.set(peer, { lease, socket });
    this.#sweep();
    socket.on('close', () => {
      lease.release();
      if (this.#open.get(peer)?.lease === lease) this.#open.delete(peer);
    });
  }

  /** As long as any is open. */
  #sweep(): void {
    if (this.#isSweeping || this.count === 0) return;
    this.#isSweeping = true;
    this.#clock.after(this.#idleMs / SWEEPS, () => {
      this.#isSweeping = false;
      this.#leases.evictIdleFor(this.#idleMs);
      this.#sweep();
    });
  }
}
