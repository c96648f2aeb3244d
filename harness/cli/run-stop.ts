/**
 * RunStop: what ends a run before its last cell. The first SIGINT or SIGTERM, the time limit or an
 * output directory that can't be written stops it; the first reason is kept. A second signal ends
 * the process at once. npm and a terminal send the same Ctrl-C twice within milliseconds, so
 * signals of the first second count as one.
 */
import { performance } from 'node:perf_hooks';

const SAME_SIGNAL_MS = 1000;
const EXIT_INTERRUPTED = 130;

export class RunStop {
  readonly #abort = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;
  #why: string | undefined;
  #signalledAt: number | undefined;

  constructor(timeLimitSeconds?: number) {
    process.on('SIGINT', this.#signalled).on('SIGTERM', this.#signalled);
    if (timeLimitSeconds === undefined) return;
    const why = `the time limit of ${timeLimitSeconds} s`;
    this.#timer = setTimeout(() => this.stop(why), timeLimitSeconds * 1000);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Undefined unless the run was stopped. */
  get why(): string | undefined {
    return this.#why;
  }

  stop(why: string): void {
    this.#why ??= why;
    this.#abort.abort();
  }

  /** Signals end the process again as they do by default. */
  end(): void {
    clearTimeout(this.#timer);
    process.off('SIGINT', this.#signalled).off('SIGTERM', this.#signalled);
  }

  readonly #signalled = (signal: NodeJS.Signals) => {
    const now = performance.now();
    if (this.#signalledAt !== undefined) {
      if (now - this.#signalledAt > SAME_SIGNAL_MS) process.exit(EXIT_INTERRUPTED);
      return;
    }
    this.#signalledAt = now;
    console.error(`assay: ${signal}: writing the report of what has finished; again: end at once`);
    this.stop(signal);
  };
}
