/**
 * TcpProxy: listens at an address, connects each client to the upstream, and keeps the toxics of both
 * directions in the order they were added.
 *
 * Cuts are ours, not Toxiproxy's: a direction whose bytes are discarded, for all clients or for one
 * source. A connection that lost bytes ends when the cut is healed. `isMute` accepts and never
 * connects: a half-open connection, as far as the client can tell.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { Prng } from '../../random/prng.ts';
import { addressText, resolveListen } from './address.ts';
import { ApiError } from './api-error.ts';
import { Connection, type Note } from './connection.ts';
import { Link } from './link.ts';
import type { Direction, Toxic } from './toxic.ts';
import type { LinkTraffic } from './traffic.ts';

export interface Cut {
  readonly direction: Direction;
  /** Only clients from this address; all when there is none. */
  readonly source?: string | undefined;
}

export interface TcpProxyOptions {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly random: Prng;
  readonly note: Note;
  /** Told of each link that ended. */
  readonly ended: (traffic: LinkTraffic) => void;
}

export class TcpProxy {
  readonly name: string;
  /** As it was asked for; resolved while enabled. */
  listen: string;
  /** As it was asked for. */
  readonly asked: string;
  upstream: string;
  enabled = false;
  #isMute = false;
  toxics: Toxic[] = [];
  cuts: Cut[] = [];
  readonly #connections = new Map<number, Connection>();
  readonly #muted = new Set<Socket>();
  readonly #random: Prng;
  readonly #note: Note;
  readonly #ended: (traffic: LinkTraffic) => void;
  #server: Server | undefined;
  #nextConnection = 0;

  constructor({ name, listen, upstream, random, note, ended }: TcpProxyOptions) {
    this.name = name;
    this.listen = listen;
    this.asked = listen;
    this.upstream = upstream;
    this.#random = random;
    this.#ended = ended;
    this.#note = (what, facts) => note(what, { proxy: name, ...facts });
  }

  get connections(): readonly Connection[] {
    return [...this.#connections.values()];
  }

  /** Throws ApiError 500 when it can't listen there. */
  async start(): Promise<void> {
    if (this.enabled) return;
    const place = await resolveListen(this.listen);
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) =>
      this.#accept(client),
    );
    await new Promise<void>((resolve, reject) => {
      server.once('error', ({ code, message }: NodeJS.ErrnoException) => {
        const why = BIND_ERRORS[code ?? ''] ?? message;
        reject(new ApiError(500, `listen tcp ${addressText(place)}: bind: ${why}`));
      });
      const { host, port } = place;
      server.listen({ port, ...(host !== '' && { host }) }, resolve);
    });
    const bound = server.address();
    if (bound !== null && typeof bound === 'object') {
      this.listen = addressText({ host: bound.address, port: bound.port });
    }
    this.#server = server;
    this.enabled = true;
    this.#note('enabled', { listen: this.listen });
  }

  /**
   * Live connections get FIN, and RST if they are still there after half a second. Answers when the
   * port is free, which is before they have ended.
   */
  stop(): void {
    const server = this.#server;
    this.enabled = false;
    this.#server = undefined;
    if (server === undefined) return;
    const [connections, muted] = [this.connections, [...this.#muted]];
    const stubborn = setTimeout(() => {
      for (const connection of connections) connection.reset();
      for (const client of muted) client.destroy();
    }, STOP_PATIENCE_MS);
    server.close(() => clearTimeout(stubborn));
    for (const connection of connections) connection.close();
    for (const client of muted) client.destroySoon();
    this.#note('disabled', {});
  }

  inDirection(direction: Direction): Toxic[] {
    return this.toxics.filter((toxic) => toxic.direction === direction);
  }

  addToxic(toxic: Toxic): void {
    this.toxics.push(toxic);
    for (const connection of this.connections) connection.link(toxic.direction).add(toxic);
    this.#note('toxic added', { toxic: toxic.name, type: toxic.type, direction: toxic.direction });
  }

  updateToxic(toxic: Toxic): void {
    for (const connection of this.connections) connection.link(toxic.direction).update(toxic);
    const values = Object.entries(toxic.attributes).map(([name, value]) => [name, Number(value)]);
    this.#note('toxic changed', { toxic: toxic.name, ...Object.fromEntries(values) });
  }

  /**
   * Removing a timeout closes the connections that it acted on: with FIN, or with RST where it has
   * swallowed bytes or a close, because nothing may follow a gap.
   */
  removeToxic(toxic: Toxic): void {
    this.toxics = this.toxics.filter((one) => one !== toxic);
    const wasSilent = Link.swallows([toxic]);
    for (const connection of this.connections) {
      const acted = connection.link(toxic.direction).remove(toxic);
      const isHeld = connection.hasGap;
      if (toxic.type !== 'timeout' || !(acted || (wasSilent && isHeld))) continue;
      if (isHeld) connection.reset();
      else connection.close();
    }
    this.#note('toxic removed', { toxic: toxic.name });
  }

  get isMute(): boolean {
    return this.#isMute;
  }

  /** What was swallowed while it was mute is gone, so those connections end with RST. */
  set isMute(isMute: boolean) {
    this.#isMute = isMute;
    if (isMute) return;
    for (const client of this.#muted) client.resetAndDestroy();
  }

  setCuts(cuts: readonly Cut[]): void {
    this.cuts = [...cuts];
    for (const connection of this.connections) {
      for (const direction of ['upstream', 'downstream'] as const) {
        connection.setCut(direction, this.#isCut(connection.source, direction));
      }
    }
    this.#note('cuts', { cuts });
  }

  /** Ends live connections with RST, idle ones too; answers how many. */
  resetConnections(source?: string): number {
    const those = this.connections.filter((one) => source === undefined || one.source === source);
    for (const connection of those) connection.reset();
    return those.length;
  }

  get #labels() {
    return { proxy: this.name, listener: this.listen, upstream: this.upstream };
  }

  #isCut(source: string, direction: Direction): boolean {
    return this.cuts.some(
      (cut) =>
        cut.direction === direction && (cut.source === undefined || source.endsWith(cut.source)),
    );
  }

  #accept(client: Socket): void {
    const id = this.#nextConnection++;
    this.#note('accepted', { connection: id, source: client.remoteAddress });
    if (this.#isMute) {
      this.#muted.add(client);
      client.on('error', () => client.destroy());
      client.once('close', () => this.#muted.delete(client));
      return;
    }
    const source = client.remoteAddress ?? '';
    const connection = new Connection({
      id,
      client,
      upstream: this.upstream,
      random: this.#random.derive(String(id)),
      note: this.#note,
      toxics: (direction) => this.inDirection(direction),
      isCut: (direction) => this.#isCut(source, direction),
      closed: (traffic) => {
        this.#connections.delete(id);
        for (const direction of ['upstream', 'downstream'] as const) {
          this.#ended({ ...this.#labels, direction, ...traffic[direction] });
        }
      },
    });
    this.#connections.set(id, connection);
  }
}

const STOP_PATIENCE_MS = 500;

/** In the words of Go, which clients compare. */
const BIND_ERRORS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'address already in use',
  EACCES: 'permission denied',
  EADDRNOTAVAIL: 'cannot assign requested address',
};
