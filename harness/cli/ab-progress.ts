/** What `assay bench ab` shows while it runs: the job it is at, and how long is left. */
import type { PlannedJob } from '../bench/jobs.ts';
import type { BenchWatcher } from '../bench/run-bench.ts';
import type { BenchOutcome } from '../contract/bench-record.ts';
import { StatusLine } from './status-line.ts';

export class AbProgress implements BenchWatcher {
  readonly #pairs: number;
  readonly #line = new StatusLine();
  readonly #began = Date.now();
  /** The first job without a saved outcome. */
  #first: number | undefined;
  #index = 0;
  #jobs = 0;

  constructor(pairs: number) {
    this.#pairs = pairs;
  }

  started(planned: PlannedJob, index: number, total: number): void {
    this.#first ??= index;
    this.#index = index;
    this.#jobs = total;
    this.#show(planned);
  }

  progressed(planned: PlannedJob): void {
    this.#show(planned);
  }

  finished(planned: PlannedJob, { wrong }: BenchOutcome): void {
    if (wrong > 0) this.#say(planned, `read ${wrong} values that were never written`);
  }

  failed(planned: PlannedJob, error: string): void {
    this.#say(planned, `failed: ${error.split('\n')[0]}`);
  }

  end(): void {
    this.#line.end();
  }

  #show({ name, repetition }: PlannedJob): void {
    this.#line.show(() => {
      const done = this.#index - this.#first!;
      const elapsed = (Date.now() - this.#began) / 60_000;
      const left = done === 0 ? undefined : (elapsed / done) * (this.#jobs - this.#index);
      const eta = left === undefined ? '' : `, about ${left.toFixed(1)} min to go`;
      return `[${this.#index + 1}/${this.#jobs}, ${elapsed.toFixed(1)} min${eta}] pair ${repetition} of ${this.#pairs}: ${name}`;
    });
  }

  #say({ name }: PlannedJob, what: string): void {
    this.#line.end();
    process.stderr.write(`${name}: ${what}\n`);
  }
}
