/**
 * MemoryStream: both directions of one streaming call. The server waits in `send` until the client
 * takes the reply, and in `next` until the client pushes a request: as flow control makes it.
 */
import type { ServiceRequests } from '../simulation/sim/simulated-service.ts';

interface Sent {
  readonly reply: object;
  taken(): void;
}

export class MemoryStream implements ServiceRequests {
  readonly patienceMs: number;
  isCancelled = false;
  readonly #requests: object[] = [];
  readonly #sent: Sent[] = [];
  #hasEnded = false;
  #isOver = false;
  #nextWaits: ((request: object | undefined) => void) | undefined;
  #takeWaits: ((reply: object | undefined) => void) | undefined;

  constructor(patienceMs: number) {
    this.patienceMs = patienceMs;
  }

  /** The client sends a request. */
  push(request: object): void {
    this.#requests.push(request);
    this.#wakeServer();
  }

  /** The client sends no more. */
  end(): void {
    this.#hasEnded = true;
    this.#wakeServer();
  }

  /** The client leaves. */
  cancel(): void {
    this.isCancelled = true;
    for (const { taken } of this.#sent.splice(0)) taken();
    this.#wakeServer();
    this.finish();
  }

  /** The server is done; replies that were sent can still be taken. */
  finish(): void {
    this.#isOver = true;
    this.#wakeClient();
  }

  /** The next reply; `undefined` when there will be none. */
  take(): Promise<object | undefined> {
    return new Promise((resolve) => {
      this.#takeWaits = resolve;
      this.#wakeClient();
    });
  }

  next(): Promise<object | undefined> {
    return new Promise((resolve) => {
      this.#nextWaits = resolve;
      this.#wakeServer();
    });
  }

  send(reply: object): Promise<void> {
    if (this.isCancelled) return Promise.resolve();
    return new Promise((resolve) => {
      this.#sent.push({ reply, taken: resolve });
      this.#wakeClient();
    });
  }

  #wakeServer(): void {
    const resolve = this.#nextWaits;
    const isReady = this.#requests.length > 0 || this.#hasEnded || this.isCancelled;
    if (resolve === undefined || !isReady) return;
    this.#nextWaits = undefined;
    resolve(this.isCancelled ? undefined : this.#requests.shift());
  }

  #wakeClient(): void {
    const resolve = this.#takeWaits;
    if (resolve === undefined || (this.#sent.length === 0 && !this.#isOver)) return;
    this.#takeWaits = undefined;
    const sent = this.#sent.shift();
    sent?.taken();
    resolve(sent?.reply);
  }
}
