/**
 * Pacer: lets bytes go on in pieces, one after the other, each after a time that it takes. Chunks are
 * cut when a piece is due, not when they come: what waits costs no more than its bytes, and is handed
 * over whole when the toxic goes.
 */
import { cancelLater, type Later, later } from './later.ts';
import { costOf, type Held, type Next, type Stage } from './stage.ts';

export interface Pace {
  /** Length of the next piece, at most; 1 or more. */
  readonly pieceBytes: () => number;
  /** How long a piece takes, from the end of the one before. */
  readonly delayMs: (bytes: number) => number;
}

/** Of one turn of the event loop: the server answers between two of them. */
const PIECES_PER_TURN_MAX = 512;

export class Pacer implements Stage {
  readonly #next: Next;
  readonly #pace: Pace;
  readonly #held: Held[] = [];
  /** Bytes of the first chunk that have gone on. */
  #gone = 0;
  /** Length of the piece under way. */
  #piece = 0;
  /** When the piece under way, or the last one, is through. */
  #due = 0;
  #timer: Later | undefined;
  heldBytes = 0;

  constructor(next: Next, pace: Pace) {
    this.#next = next;
    this.#pace = pace;
  }

  push(chunk: Buffer, arrived: number): void {
    this.#hold({ chunk, arrived });
  }

  end(): void {
    this.#hold({ chunk: undefined, arrived: performance.now() });
  }

  take(): Held[] {
    cancelLater(this.#timer);
    this.heldBytes = 0;
    const [first, ...others] = this.#held.splice(0);
    if (first === undefined) return [];
    return [{ ...first, chunk: first.chunk?.subarray(this.#gone) }, ...others];
  }

  #hold(held: Held): void {
    this.#held.push(held);
    this.heldBytes += costOf(held);
    if (this.#held.length > 1) return;
    this.#startPiece(performance.now());
    this.#arm();
  }

  /** Starts the time of the next piece; a close takes none. */
  #startPiece(now: number): void {
    const chunk = this.#held[0]?.chunk;
    this.#piece = 0;
    if (chunk === undefined) return;
    this.#piece = Math.min(this.#pace.pieceBytes(), chunk.length - this.#gone);
    this.#due = Math.max(this.#due, now) + this.#pace.delayMs(this.#piece);
  }

  #arm(): void {
    if (this.#held.length === 0 || this.#due === Number.POSITIVE_INFINITY) return;
    this.#timer = later(this.#due - performance.now(), () => this.#fire());
  }

  #fire(): void {
    const now = performance.now();
    for (let i = 0; i < PIECES_PER_TURN_MAX && this.#held.length > 0; i++) {
      if (this.#due > now + 0.5) break;
      this.#passPiece();
      this.#startPiece(this.#due);
    }
    this.#arm();
  }

  #passPiece(): void {
    const first = this.#held[0]!;
    const { chunk, arrived } = first;
    const from = this.#gone;
    this.#gone += this.#piece;
    this.heldBytes -= this.#piece;
    if (chunk === undefined || this.#gone === chunk.length) {
      this.#held.shift();
      this.heldBytes -= costOf(first) - (chunk?.length ?? 0);
      this.#gone = 0;
    }
    if (chunk === undefined) this.#next.end();
    else this.#next.push(chunk.subarray(from, from + this.#piece), arrived);
  }
}
