/** The content of `/metrics`: requests by call and outcome, queues, sessions, and the store's statistics. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5];

export class Metrics {
  readonly #registry = new Registry();
  readonly #requests = new Counter({
    name: 'assay_requests_total',
    help: 'Requests by call and outcome',
    labelNames: ['call', 'outcome'],
    registers: [this.#registry],
  });
  readonly #durations = new Histogram({
    name: 'assay_request_duration_seconds',
    help: 'Time from a request to the end of its reply',
    labelNames: ['call'],
    buckets: SECONDS,
    registers: [this.#registry],
  });

  /** Figures that are read on request. */
  watch(name: string, help: string, read: () => number): void {
    new Gauge({
      name: `assay_${name}`,
      help,
      registers: [this.#registry],
      collect() {
        this.set(read());
      },
    });
  }

  finished(call: string, outcome: string, seconds: number): void {
    this.#requests.inc({ call, outcome });
    this.#durations.observe({ call }, seconds);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
