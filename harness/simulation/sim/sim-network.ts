/**
 * SimNetwork: carries calls from clients to one server in virtual time. A call is a request and a response; each
 * may be delayed, lost or reordered, and a request may be duplicated. A client that waits too long gives up, and
 * its operation is indeterminate. Links can be cut in one or both directions.
 *
 * The server recognises a duplicate request as long as its process lives, like a server that keeps a table of
 * request numbers. Connections end with the process, so nothing that was sent before reaches the next one.
 */
import type { Prng } from '../../random/prng.ts';
import type { Scheduler } from './scheduler.ts';

export interface NetworkKnobs {
  /** Mean of the exponential delay of a message, beyond the least. */
  readonly delayMs: number;
  readonly loss: number;
  readonly duplicate: number;
  /** Longest extra delay of a message. */
  readonly reorderMs: number;
}

export type NetworkEvent = 'lost' | 'duplicated' | 'overtaken' | 'cut' | 'late';

const LEAST_MS = 0.05;

export class SimNetwork {
  readonly #scheduler: Scheduler;
  readonly #random: Prng;
  readonly #told: (event: NetworkEvent) => void;
  readonly #cutTo = new Set<number>();
  readonly #cutFrom = new Set<number>();
  readonly #arrived: number[] = [];
  #sent = 0;
  #incarnation = 0;
  knobs: NetworkKnobs = { delayMs: 0, loss: 0, duplicate: 0, reorderMs: 0 };

  constructor(scheduler: Scheduler, random: Prng, told: (event: NetworkEvent) => void) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#told = told;
  }

  /** `to`: requests of the client do not arrive. `from`: answers to it do not. */
  cut(client: number, ways: { readonly to: boolean; readonly from: boolean }): void {
    if (ways.to) this.#cutTo.add(client);
    if (ways.from) this.#cutFrom.add(client);
  }

  heal(): void {
    this.#cutTo.clear();
    this.#cutFrom.clear();
  }

  /** The server has ended: messages in flight to and from it are lost. */
  serverGone(): void {
    this.#incarnation++;
    this.#arrived.length = 0;
  }

  /** Calls `serve` at the server, at most once, and carries its answer back, if it gets through. */
  call<T>(client: number, serve: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const mine = this.#incarnation;
      const number = ++this.#sent;
      let seen = false;
      const answer = (act: () => void) => {
        if (mine === this.#incarnation) this.#carry(this.#cutFrom.has(client), act);
      };
      const arrive = () => {
        if (mine !== this.#incarnation) return;
        if (seen) return;
        seen = true;
        if (this.#arrived.some((other) => other > number)) this.#told('overtaken');
        this.#arrived.push(number);
        if (this.#arrived.length > 64) this.#arrived.shift();
        serve().then(
          (value) => answer(() => resolve(value)),
          (error: unknown) => answer(() => reject(error)),
        );
      };
      this.#carry(this.#cutTo.has(client), arrive);
      if (this.#random.chance(this.knobs.duplicate)) {
        this.#told('duplicated');
        this.#carry(this.#cutTo.has(client), arrive);
      }
    });
  }

  #carry(isCut: boolean, arrive: () => void): void {
    const { delayMs, loss, reorderMs } = this.knobs;
    if (isCut) {
      this.#told('cut');
      return;
    }
    if (this.#random.chance(loss)) {
      this.#told('lost');
      return;
    }
    const late = delayMs === 0 ? 0 : -delayMs * Math.log(1 - this.#random.fraction());
    if (late > 2 * delayMs && delayMs > 0) this.#told('late');
    const behind = reorderMs * this.#random.fraction();
    this.#scheduler.after(LEAST_MS + late + behind, arrive);
  }
}
