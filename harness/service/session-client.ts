/**
 * SessionClient: a client as careful as the real one must be: its session, its sequences, and what
 * it knows of each write afterwards.
 */
import type { Prng } from '../random/prng.ts';
import type { ServiceError } from '../simulation/sim/simulated-service.ts';
import type { DoublingTransport } from './doubling-transport.ts';

export interface Once {
  readonly session: Uint8Array;
  readonly sequence: number;
  readonly answeredBelow: number;
}

/** `unsure`: it may have been applied, or may be yet. */
export type Outcome = 'ok' | 'refused' | 'unsure';

const PATIENCE_MS = 2500;
/** Of some writes: too short for a queue. */
const SHORT_PATIENCE_MS = 1.5;

export class SessionClient {
  readonly transport: DoublingTransport;
  readonly #random: Prng;
  #session: Uint8Array | undefined;
  #nextSequence = 1;
  /** Whether it tells the server which answers it has. */
  readonly #acknowledges: boolean;

  constructor(transport: DoublingTransport, random: Prng) {
    this.transport = transport;
    this.#random = random;
    this.#acknowledges = random.chance(0.8);
  }

  async write(name: string, request: object): Promise<Outcome> {
    const once = await this.nextOnce();
    if (once === undefined) return 'refused';
    const answer = this.transport.call(
      name,
      { transaction: '', ...request, once },
      this.#patience(),
    );
    const outcome = await this.settle(answer);
    // The write may be running, or waiting, when its session ends.
    if (outcome === 'unsure' && this.#random.chance(0.4)) await this.closeSession();
    return outcome;
  }

  async settle(answer: Promise<unknown>): Promise<Outcome> {
    try {
      await answer;
      return 'ok';
    } catch (error) {
      const { code, definite } = error as ServiceError;
      if (code === 'session-unknown') this.#session = undefined;
      return definite ? 'refused' : 'unsure';
    }
  }

  /** `undefined` when no session could be opened: nothing was sent. */
  async nextOnce(): Promise<Once | undefined> {
    if (this.#session === undefined) {
      const opened = await this.transport
        .call('OpenSession', {}, PATIENCE_MS)
        .catch(() => undefined);
      if (opened === undefined) return undefined;
      this.#session = (opened as { id: Uint8Array }).id;
      this.#nextSequence = 1;
    }
    const sequence = this.#nextSequence++;
    const answeredBelow = this.#acknowledges ? sequence : 1;
    return { session: this.#session, sequence, answeredBelow };
  }

  /** Closes the session, perhaps beside requests of it that are still under way. */
  async closeSession(): Promise<void> {
    const id = this.#session;
    if (id === undefined) return;
    this.#session = undefined;
    await this.transport.call('CloseSession', { id }, PATIENCE_MS).catch(() => undefined);
  }

  forgetSession(): void {
    this.#session = undefined;
  }

  async read(name: string, request: object): Promise<object | undefined> {
    return await this.transport.call(name, request, PATIENCE_MS).catch(() => undefined);
  }

  #patience(): number {
    return this.#random.chance(0.2) ? SHORT_PATIENCE_MS : PATIENCE_MS;
  }
}
