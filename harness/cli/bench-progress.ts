/** What a benchmark shows while it runs: a line a job, and how far the current one is. */

import { short } from '../../reports/bench-text.ts';
import type { PlannedJob } from '../bench/jobs.ts';
import type { BenchWatcher } from '../bench/run-bench.ts';
import type { BenchOutcome } from '../contract/bench-record.ts';

const LINE_EVERY_MS = 30_000;

export class BenchProgress implements BenchWatcher {
  readonly #jobs: number;
  readonly #isTerminal = process.stderr.isTTY === true;
  readonly #began = Date.now();
  #ended = 0;
  #jobBegan = 0;
  #shown = 0;

  constructor(jobs: number) {
    this.#jobs = jobs;
  }

  started({ job }: PlannedJob, index: number): void {
    this.#ended = index;
    this.#jobBegan = Date.now();
    this.#shown = this.#jobBegan;
    this.#line(`${job.workload} on ${job.store}`);
  }

  progressed({ job }: PlannedJob, share: number): void {
    const now = Date.now();
    if (!this.#isTerminal && now - this.#shown < LINE_EVERY_MS) return;
    this.#shown = now;
    const left = share > 0.01 ? ((now - this.#jobBegan) * (1 - share)) / share / 1000 : undefined;
    const eta = left === undefined ? '' : `, about ${Math.ceil(left)} s to go`;
    this.#line(`${job.workload} on ${job.store}: ${Math.round(100 * share)} %${eta}`);
  }

  finished({ job, repetition }: PlannedJob, outcome: BenchOutcome): void {
    const rate = `${short(outcome.perSecond)} ${outcome.unit}/s`;
    const [first] = Object.values(outcome.latency);
    const tail =
      first === undefined
        ? ''
        : `, p50 ${short(first.p50)} p95 ${short(first.p95)} p99 ${short(first.p99)} µs`;
    const wrong = outcome.wrong > 0 ? `, ${outcome.wrong} WRONG VALUES` : '';
    const which = repetition > 1 ? ` (${repetition})` : '';
    this.#clear();
    process.stderr.write(
      `${job.workload.padEnd(18)} ${job.store.padEnd(14)} ${rate}${tail}${wrong}${which}\n`,
    );
  }

  failed({ job }: PlannedJob, error: string): void {
    this.#clear();
    const [what] = error.split('\n'); // where it came from is in the record
    process.stderr.write(`${job.workload.padEnd(18)} ${job.store.padEnd(14)} failed: ${what}\n`);
  }

  end(): void {
    this.#clear();
  }

  #line(what: string): void {
    const minutes = ((Date.now() - this.#began) / 60_000).toFixed(1);
    const text = `[${this.#ended + 1}/${this.#jobs}, ${minutes} min] ${what}`;
    if (this.#isTerminal) process.stderr.write(`\r\x1b[K${text}`);
    else if (Date.now() - this.#jobBegan >= LINE_EVERY_MS) process.stderr.write(`${text}\n`);
  }

  #clear(): void {
    if (this.#isTerminal) process.stderr.write('\r\x1b[K');
  }
}
