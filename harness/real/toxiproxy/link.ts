/**
 * Link: one direction of a connection, from a socket through the stages of its toxics to the other
 * socket. Which toxics take part is rolled for each connection, and again for a toxic that changes
 * and for its neighbour.
 */
import type { Socket } from 'node:net';
import type { Prng } from '../../random/prng.ts';
import { type LinkControl, makeStage, type Next, type Stage } from './stage.ts';
import type { Direction, Toxic } from './toxic.ts';

/** Bytes that may wait in a slow socket before the other side is told to wait. */
const WAITING_MAX = 1 << 20;

export interface LinkOwner {
  readonly id: number;
  close(): void;
  reset(): void;
  /** Notes what was rolled. */
  rolled(toxic: Toxic, direction: Direction, point: number, takesPart: boolean): void;
}

interface Slot {
  readonly toxic: Toxic;
  stage: Stage | undefined;
  readonly control: LinkControl;
}

export class Link {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #direction: Direction;
  readonly #owner: LinkOwner;
  readonly #random: Prng;
  readonly #slots: Slot[] = [];
  #ended = false;
  /** Discards what comes: a one-way cut. */
  isCut = false;
  /** Bytes were discarded: nothing may follow them. */
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
    for (const toxic of toxics) this.#slots.push(this.#slotFor(toxic, true));
    for (let i = this.#slots.length - 1; i >= 0; i--) this.#fill(i);
    const first: Next = { push: (chunk) => this.#enter(chunk), end: () => this.#finish() };
    this.#from.on('data', (chunk: Buffer) => first.push(chunk));
    this.#from.once('end', () => first.end());
    this.#from.once('close', () => first.end());
    this.#to.on('drain', () => this.#from.resume());
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

  /** Answers whether there was such a toxic here. */
  remove(toxic: Toxic): boolean {
    const at = this.#slots.findIndex((slot) => slot.toxic === toxic);
    if (at < 0) return false;
    this.#slots[at]!.stage?.stop();
    this.#slots.splice(at, 1);
    if (at > 0) this.#refill(at - 1);
    return true;
  }

  stop(): void {
    for (const { stage } of this.#slots.splice(0)) stage?.stop();
  }

  #slotFor(toxic: Toxic, isOlder: boolean): Slot {
    const { close, reset } = this.#owner;
    const control = {
      close: close.bind(this.#owner),
      reset: (isOlder ? reset : close).bind(this.#owner),
      passed: 0,
      random: this.#random,
    };
    return { toxic, stage: undefined, control };
  }

  #refill(at: number): void {
    this.#slots[at]!.stage?.stop();
    this.#fill(at);
  }

  #fill(at: number): void {
    const slot = this.#slots[at]!;
    const point = this.#random.fraction();
    const takesPart = point < slot.toxic.toxicity;
    this.#owner.rolled(slot.toxic, this.#direction, point, takesPart);
    const { type, attributes } = slot.toxic;
    slot.stage = makeStage(takesPart ? type : 'noop', attributes, this.#after(slot), slot.control);
  }

  /** What comes after a slot, as the chain is when a chunk arrives. */
  #after(slot: Slot): Next {
    const next = () => this.#slots[this.#slots.indexOf(slot) + 1]?.stage;
    return {
      push: (chunk) => {
        const stage = next();
        if (stage === undefined) this.#write(chunk);
        else stage.push(chunk);
      },
      end: () => {
        const stage = next();
        if (stage === undefined) this.#close();
        else stage.end();
      },
    };
  }

  #enter(chunk: Buffer): void {
    if (this.isCut) {
      this.hasGap = true;
      return;
    }
    if (this.hasGap) return;
    const stage = this.#slots[0]?.stage;
    if (stage === undefined) this.#write(chunk);
    else stage.push(chunk);
  }

  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.isCut) return; // the close is a message too, and does not get through
    const stage = this.#slots[0]?.stage;
    if (stage === undefined) this.#close();
    else stage.end();
  }

  #write(chunk: Buffer): void {
    if (this.#to.destroyed || this.#to.writableEnded) return;
    this.#to.write(chunk);
    if (this.#to.writableLength > WAITING_MAX) this.#from.pause();
  }

  /** Half-close is not kept: the other socket is closed in both directions, once it is written. */
  #close(): void {
    this.#to.destroySoon();
  }
}
