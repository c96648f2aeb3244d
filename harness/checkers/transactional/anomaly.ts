/**
 * Anomalies by their names in the literature (Adya 1999; Elle, VLDB 2020), counted, with a few
 * examples each.
 */
export type AnomalyName =
  | 'duplicate-elements'
  | 'garbage-read'
  | 'G1a'
  | 'G1b'
  | 'internal'
  | 'incompatible-order'
  | 'dirty-update'
  | 'G0'
  | 'G1c'
  | 'G-single'
  | 'G-nonadjacent'
  | 'G2-item';

/** A cycle may need only dependencies, or a client's own order, or real time too. */
export type Strength = '' | '-process' | '-realtime';

export type Anomaly =
  | AnomalyName
  | `${'G0' | 'G1c' | 'G-single' | 'G-nonadjacent' | 'G2-item'}${Strength}`;

export interface AnomalyReport {
  readonly count: number;
  readonly examples: readonly string[];
}

const EXAMPLES_MAX = 3;

export class AnomalyLog {
  readonly #found = new Map<Anomaly, { count: number; examples: string[] }>();

  /** `example` is worked out only while examples are wanted. */
  add(name: Anomaly, example: () => string, count = 1): void {
    let report = this.#found.get(name);
    if (report === undefined) {
      report = { count: 0, examples: [] };
      this.#found.set(name, report);
    }
    report.count += count;
    if (report.examples.length < EXAMPLES_MAX) report.examples.push(example());
  }

  has(name: Anomaly): boolean {
    return this.#found.has(name);
  }

  get names(): ReadonlySet<Anomaly> {
    return new Set(this.#found.keys());
  }

  get reports(): ReadonlyMap<Anomaly, AnomalyReport> {
    return this.#found;
  }
}
