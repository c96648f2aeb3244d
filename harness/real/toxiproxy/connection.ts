/**
 * Connection: a client's socket, a socket to the upstream, and a link each way.
 *
 * A client whose upstream can't be dialled, for whatever reason, is closed; nobody else notices. A
 * client that comes while its way is cut is accepted by the kernel and stays silent: its upstream is
 * not dialled, because the handshake would have to cross the cut. It ends with RST at the heal.
 */
import { Socket } from 'node:net';
import type { Prng } from '../../random/prng.ts';
import { dialAddress } from './address.ts';
import { Link, type LinkOwner } from './link.ts';
import type { Direction, Toxic } from './toxic.ts';

export type Note = (what: string, facts: Readonly<Record<string, unknown>>) => void;

/** Bytes of each direction: read from one socket, written to the other. */
export type ConnectionTraffic = Readonly<
  Record<Direction, { readonly received: number; readonly sent: number }>
>;

export interface ConnectionOptions {
  readonly id: number;
  readonly client: Socket;
  /** As it was asked for: it may be no address at all. */
  readonly upstream: string;
  readonly random: Prng;
  readonly note: Note;
  readonly toxics: (direction: Direction) => readonly Toxic[];
  readonly isCut: (direction: Direction) => boolean;
  readonly closed: (traffic: ConnectionTraffic) => void;
}

export class Connection implements LinkOwner {
  readonly id: number;
  /** The client's address. */
  readonly source: string;
  readonly #client: Socket;
  readonly #upstream: Socket;
  #isDialled = false;
  readonly #links: Readonly<Record<Direction, Link>>;
  readonly #note: Note;

  constructor({ id, client, upstream, random, note, toxics, isCut, closed }: ConnectionOptions) {
    this.id = id;
    this.source = client.remoteAddress ?? '';
    this.#client = client;
    this.#note = note;
    client.pause();
    this.#upstream = new Socket({ allowHalfOpen: true });
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
        closed({
          upstream: { received: client.bytesRead, sent: this.#upstream.bytesWritten },
          downstream: { received: this.#upstream.bytesRead, sent: client.bytesWritten },
        });
      });
    }
    this.#upstream.once('connect', () => {
      this.#upstream.setNoDelay(true);
      this.#links.upstream.start(toxics('upstream'));
      this.#links.downstream.start(toxics('downstream'));
      client.resume();
    });
    // Once connected, an error is a message of the peer, and goes through the link as its close.
    const refuse = (error: Error) => this.#refuse(error);
    this.#upstream.once('error', refuse);
    this.#upstream.once('connect', () => this.#upstream.off('error', refuse));
    // The original dials behind a timeout of the downstream, and so does this.
    const isSilent = isCut('upstream') || isCut('downstream') || Link.swallows(toxics('upstream'));
    if (!isSilent) this.#dial(upstream);
    else client.resume(); // what it sends is lost; a close of its own is noticed
  }

  #dial(upstream: string): void {
    this.#isDialled = true;
    try {
      this.#upstream.connect(dialAddress(upstream));
    } catch (error) {
      this.#refuse(error as Error);
    }
  }

  #refuse({ message }: Error): void {
    this.#note('refused', { connection: this.id, error: message });
    this.#client.destroySoon();
    this.#upstream.destroy();
  }

  link(direction: Direction): Link {
    return this.#links[direction];
  }

  close(): void {
    this.#client.destroySoon();
    if (this.#isDialled) this.#upstream.destroySoon();
    else this.#upstream.destroy();
  }

  reset(): void {
    this.#note('reset', { connection: this.id });
    this.#client.resetAndDestroy();
    this.#upstream.resetAndDestroy();
  }

  /** Whether bytes or a close were discarded, or it came while its way was cut. */
  get hasGap(): boolean {
    return !this.#isDialled || this.#links.upstream.hasGap || this.#links.downstream.hasGap;
  }

  /** Starts or ends a cut. What lost bytes in it never carries later ones: it ends with RST. */
  setCut(direction: Direction, isCut: boolean): void {
    const link = this.#links[direction];
    if (link.isCut && !isCut && this.hasGap) this.reset();
    link.isCut = isCut;
  }

  rolled(toxic: Toxic, direction: Direction, point: number, takesPart: boolean): void {
    if (toxic.toxicity === 1) return;
    this.#note('rolled', { connection: this.id, direction, toxic: toxic.name, point, takesPart });
  }
}
