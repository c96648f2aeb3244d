/**
 * Leases: who holds the places of one bounded resource (transactions, streams, connections).
 *
 * 1. Never more than `max` are held.
 * 2. When all are held, the one that has been idle longest is revoked, if it was idle for at least
 *    `evictAfterMs`; otherwise the newcomer is refused. So clients that hold places and do nothing
 *    with them lose them to those that work.
 * 3. A lease that is busy is never revoked.
 *
 * Cost: constant for each call. Deadlines are the holders' own.
 */
import type { Clock } from '../env/clock.ts';
import { ServerError } from './status.ts';

export interface Lease {
  /** Marks the lease busy, so that it cannot be revoked. Calls may nest. */
  busy(): void;
  /** Marks the lease idle again. */
  idle(): void;
  /** Releases the lease. A second call does nothing. */
  release(): void;
}

export interface LeasesOptions {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly max: number;
  /** For the message: `transactions`. */
  readonly what: string;
  readonly evictAfterMs: number;
}

interface Held extends Lease {
  work: number;
  readonly revoke: () => void;
}

export class Leases {
  readonly #options: LeasesOptions;
  readonly #held = new Set<Held>();
  /** Those that are idle, the longest first, and since when. */
  readonly #idle = new Map<Held, number>();
  evicted = 0;

  constructor(options: LeasesOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#held.size;
  }

  /** An idle lease. `revoke` is called when it is taken away. Throws ServerError `overloaded`. */
  take(revoke: () => void): Lease {
    if (this.#held.size >= this.#options.max && !this.evictIdlest()) {
      const { max, what } = this.#options;
      throw new ServerError('overloaded', `${max} ${what} are open, which is the limit`);
    }
    const lease: Held = {
      work: 0,
      revoke,
      busy: () => {
        lease.work++;
        this.#idle.delete(lease);
      },
      idle: () => {
        if (--lease.work === 0) this.#rests(lease);
      },
      release: () => {
        this.#held.delete(lease);
        this.#idle.delete(lease);
      },
    };
    this.#held.add(lease);
    this.#rests(lease);
    return lease;
  }

  /** Revokes the lease that has been idle longest. False when none was idle for long enough. */
  evictIdlest(): boolean {
    const { clock, evictAfterMs } = this.#options;
    const [first] = this.#idle;
    if (first === undefined || clock.monotonicMs() - first[1] < evictAfterMs) return false;
    const [lease] = first;
    lease.release();
    this.evicted++;
    lease.revoke();
    return true;
  }

  /** Revokes all that have been idle for at least `ms`. */
  evictIdleFor(ms: number): void {
    const since = this.#options.clock.monotonicMs() - ms;
    for (const [lease, idleSince] of [...this.#idle]) {
      if (idleSince > since) return;
      lease.release();
      this.evicted++;
      lease.revoke();
    }
  }

  #rests(lease: Held): void {
    if (this.#held.has(lease)) this.#idle.set(lease, this.#options.clock.monotonicMs());
  }
}
