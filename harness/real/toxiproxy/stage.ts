/**
 * Stage: what one toxic does to one direction of one connection. Chunks come in by `push`, the
 * close by `end`; what goes on is handed to a `Next`.
 *
 * A stage holds what it delays, and says how many bytes that is: the link stops reading beyond a
 * bound. When a toxic changes, `take` hands what the old stage holds to the new one, so that a
 * change lets nothing through early.
 */
import type { Prng } from '../../random/prng.ts';

export interface Next {
  push(chunk: Buffer, arrived: number): void;
  end(): void;
}

/** What a stage can do to its connection. */
export interface LinkControl {
  /** Closes both sides with FIN. */
  close(): void;
  /** Closes both sides with RST; with FIN when the toxic came after the connection. */
  reset(): void;
  /** Bytes, or the close, of this direction were discarded: nothing may follow them. */
  lost(): void;
  /** Bytes of this direction that a limit has let through. */
  passed: number;
  readonly random: Prng;
}

/** A chunk that waits, or the close that waits behind all chunks. */
export interface Held {
  readonly chunk: Buffer | undefined;
  /** When the link read it, in milliseconds of `performance.now()`. */
  readonly arrived: number;
}

export interface Stage {
  push(chunk: Buffer, arrived: number): void;
  end(): void;
  /** Memory used by held chunks, in bytes. */
  readonly heldBytes: number;
  /** Hands over held chunks in order; the stage is unused after that. */
  take(): Held[];
}

/** What a held chunk costs besides its bytes: chunks of a byte would take all memory otherwise. */
const HELD_COST_BYTES = 128;

export const costOf = ({ chunk }: Held): number => (chunk?.length ?? 0) + HELD_COST_BYTES;
