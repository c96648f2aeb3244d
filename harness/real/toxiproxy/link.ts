/**
 * Link: one direction of a connection, from a socket through the stages of its toxics to the other
 * socket. Which toxics take part is rolled for each connection, and again for a toxic that changes
 * and for its neighbour.
 *
 * Memory: what the stages hold and what waits in the socket stays below a bound, plus one chunk for
 * each stage; beyond it the link stops reading, and TCP slows the sender down. All links of the
 * process share `ROOM_BYTES`.
 */
import type { Socket } from 'node:net';
import type { Prng } from '../../random/prng.ts';
import type { Held, LinkControl, Next, Stage } from './stage.ts';
import { makeStage } from './stages.ts';
import type { Direction, Toxic } from './toxic.ts';

const HELD_BYTES_MAX = 2 ** 20;
/** A latency needs room for all that is under way meanwhile, as in the original: 1,024 chunks. */
const HELD_BYTES_MAX_LATENCY = 2 ** 25;
/** Of all links together; a link that many others live beside still gets one chunk. */
const ROOM_BYTES = 2 ** 28;
const HELD_BYTES_MIN = 2 ** 16;

export interface LinkOwner {
  readonly id: number;
  close(): void;
  reset(): void;
  /** Logs the result of each roll. */
  rolled(toxic: Toxic, direction: Direction, point: number, takesPart: boolean): void;
}

interface Slot {
  readonly toxic: Toxic;
  stage: Stage | undefined;
  takesPart: boolean;
  readonly control: LinkControl;
}

export class Link {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #direction: Direction;
  readonly #owner: LinkOwner;
  readonly #random: Prng;
  readonly #slots: Slot[] = [];
  static #live = 0;
  #isLive = false;
  #ended = false;
  #isPaused = false;
  /** Discards incoming data: a one-way cut. */
  isCut = false;
  /** Bytes or the close were discarded: nothing may follow them. */
  hasGap = false;

  constructor(from: Socket, to: Socket, direction: Direction, owner: LinkOwner, random: Prng) {
    this.#from = from;
    this.#to = to;
    this.#direction = direction;
    this.#owner = owner;
    this.#random = random;
  }

  /** Begins to carry bytes, through these toxics. */
  start(toxics: readonly Toxic[]): void {
    this.#isLive = true;
    Link.#live++;
    for (const toxic of toxics) this.#slots.push(this.#slotFor(toxic, true));
    for (let i = this.#slots.length - 1; i >= 0; i--) this.#fill(i);
    this.#from.on('data', (chunk: Buffer) => this.#enter(chunk));
    this.#from.once('end', () => this.#finish());
    this.#from.once('close', () => this.#finish());
    this.#to.on('drain', () => this.#relieve());
  }

  /** Whether a toxic of this link swallows everything: a message of the handshake, too. */
  static swallows(toxics: readonly Toxic[]): boolean {
    return toxics.some(
      ({ type, attributes, toxicity }) =>
        type === 'timeout' && toxicity === 1 && Number(attributes.timeout) <= 0,
    );
  }

  add(toxic: Toxic): void {
    const last = this.#slots.length - 1;
    this.#slots.push(this.#slotFor(toxic, false));
    this.#refill(last + 1);
    if (last >= 0) this.#refill(last);
  }

  update(toxic: Toxic): void {
    const at = this.#slots.findIndex((slot) => slot.toxic === toxic);
    if (at < 0) return;
    this.#refill(at);
    if (at > 0) this.#refill(at - 1);
  }

  /** Answers whether the toxic took part here. */
  remove(toxic: Toxic): boolean {
    const at = this.#slots.findIndex((slot) => slot.toxic === toxic);
    if (at < 0) return false;
    const [slot] = this.#slots.splice(at, 1);
    for (const held of slot!.stage?.take() ?? []) this.#forward(held, at);
    if (at > 0) this.#refill(at - 1);
    return slot!.takesPart;
  }

  /** Drops held data: both sockets are closed. */
  stop(): void {
    for (const { stage } of this.#slots.splice(0)) stage?.take();
    if (this.#isLive) Link.#live--;
    this.#isLive = false;
  }

  #slotFor(toxic: Toxic, isOlder: boolean): Slot {
    const { close, reset } = this.#owner;
    const control = {
      close: close.bind(this.#owner),
      reset: (isOlder ? reset : close).bind(this.#owner),
      lost: () => {
        this.hasGap = true;
      },
      passed: 0,
      random: this.#random,
    };
    return { toxic, stage: undefined, takesPart: false, control };
  }

  #refill(at: number): void {
    const held = this.#slots[at]!.stage?.take() ?? [];
    this.#fill(at);
    for (const one of held) this.#forward(one, at);
    this.#relieve();
  }

  #fill(at: number): void {
    const slot = this.#slots[at]!;
    const point = this.#random.fraction();
    const takesPart = point < slot.toxic.toxicity;
    this.#owner.rolled(slot.toxic, this.#direction, point, takesPart);
    slot.takesPart = takesPart;
    const { type, attributes } = slot.toxic;
    slot.stage = makeStage(takesPart ? type : 'noop', attributes, this.#after(slot), slot.control);
  }

  /** What comes after a slot, as the chain is when a chunk arrives. */
  #after(slot: Slot): Next {
    const at = () => this.#slots.indexOf(slot) + 1;
    return {
      push: (chunk, arrived) => this.#forward({ chunk, arrived }, at()),
      end: () => this.#forward({ chunk: undefined, arrived: 0 }, at()),
    };
  }

  /** Hands a chunk, or the close, to the stage at `at`, or to the socket behind the last. */
  #forward({ chunk, arrived }: Held, at: number): void {
    const stage = this.#slots[at]?.stage;
    if (stage === undefined) {
      if (chunk === undefined) this.#close();
      else this.#write(chunk);
    } else if (chunk === undefined) stage.end();
    else stage.push(chunk, arrived);
  }

  #enter(chunk: Buffer): void {
    if (this.isCut) {
      this.hasGap = true;
      return;
    }
    if (this.hasGap) return;
    this.#forward({ chunk, arrived: performance.now() }, 0);
    if (this.#slots.length > 0) this.#restrain();
  }

  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.isCut) {
      this.hasGap = true; // the close is a message too, and does not get through
      return;
    }
    this.#forward({ chunk: undefined, arrived: performance.now() }, 0);
  }

  #write(chunk: Buffer): void {
    if (this.#to.destroyed || this.#to.writableEnded) return;
    this.#to.write(chunk);
    if (this.#isPaused) this.#relieve();
    else if (this.#to.writableNeedDrain) this.#restrain();
  }

  get #heldBytes(): number {
    let held = this.#to.destroyed ? 0 : this.#to.writableLength;
    for (const { stage } of this.#slots) held += stage?.heldBytes ?? 0;
    return held;
  }

  get #heldBytesMax(): number {
    const isLatent = this.#slots.some(({ toxic }) => toxic.type === 'latency');
    const most = isLatent ? HELD_BYTES_MAX_LATENCY : HELD_BYTES_MAX;
    return Math.max(HELD_BYTES_MIN, Math.min(most, ROOM_BYTES / Link.#live));
  }

  #restrain(): void {
    if (this.#isPaused || this.#heldBytes <= this.#heldBytesMax) return;
    this.#isPaused = true;
    this.#from.pause();
  }

  #relieve(): void {
    if (!this.#isPaused || this.#heldBytes > this.#heldBytesMax / 2) return;
    this.#isPaused = false;
    this.#from.resume();
  }

  /** Half-close is not kept: the other socket is closed in both directions, once it is written. */
  #close(): void {
    this.#to.destroySoon();
  }
}
