/** Connection: a client's socket, a socket to the upstream, and a link each way. */
import { connect, type Socket } from 'node:net';
import type { Prng } from '../../random/prng.ts';
import { Link, type LinkOwner } from './link.ts';
import type { Direction, Toxic } from './toxic.ts';

export type Note = (what: string, facts: Readonly<Record<string, unknown>>) => void;

export interface ConnectionOptions {
  readonly id: number;
  readonly client: Socket;
  readonly upstream: { readonly host: string; readonly port: number };
  readonly random: Prng;
  readonly note: Note;
  readonly toxics: (direction: Direction) => readonly Toxic[];
  readonly isCut: (direction: Direction) => boolean;
  readonly closed: () => void;
}

export class Connection implements LinkOwner {
  readonly id: number;
  /** The client's address. */
  readonly source: string;
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #links: Readonly<Record<Direction, Link>>;
  readonly #note: Note;

  constructor({ id, client, upstream, random, note, toxics, isCut, closed }: ConnectionOptions) {
    this.id = id;
    this.source = client.remoteAddress ?? '';
    this.#client = client;
    this.#note = note;
    client.pause();
    this.#upstream = connect({ ...upstream, allowHalfOpen: true, noDelay: true });
    this.#links = {
      upstream: new Link(client, this.#upstream, 'upstream', this, random.derive('upstream')),
      downstream: new Link(this.#upstream, client, 'downstream', this, random.derive('downstream')),
    };
    for (const direction of ['upstream', 'downstream'] as const) {
      this.#links[direction].isCut = isCut(direction);
    }
    let open = 2;
    for (const socket of [client, this.#upstream]) {
      socket.on('error', () => socket.destroy());
      socket.once('close', () => {
        open--;
        if (open > 0) return;
        for (const link of Object.values(this.#links)) link.stop();
        closed();
      });
    }
    this.#upstream.once('connect', () => {
      this.#links.upstream.start(toxics('upstream'));
      this.#links.downstream.start(toxics('downstream'));
      client.resume();
    });
    this.#upstream.once('error', (error) => {
      if (!this.#upstream.connecting && this.#upstream.bytesRead + this.#upstream.bytesWritten > 0)
        return;
      note('refused', { connection: id, error: error.message });
      client.destroySoon();
    });
  }

  link(direction: Direction): Link {
    return this.#links[direction];
  }

  close(): void {
    this.#client.destroySoon();
    this.#upstream.destroySoon();
  }

  reset(): void {
    this.#note('reset', { connection: this.id });
    this.#client.resetAndDestroy();
    this.#upstream.resetAndDestroy();
  }

  /** Starts or ends a cut. What lost bytes in it never carries later ones: it ends with RST. */
  setCut(direction: Direction, isCut: boolean): void {
    const link = this.#links[direction];
    if (link.isCut && !isCut && link.hasGap) this.reset();
    link.isCut = isCut;
  }

  rolled(toxic: Toxic, direction: Direction, point: number, takesPart: boolean): void {
    if (toxic.toxicity === 1) return;
    this.#note('rolled', { connection: this.id, direction, toxic: toxic.name, point, takesPart });
  }
}
