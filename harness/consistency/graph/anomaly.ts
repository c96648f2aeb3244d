/**
 * Anomalies by their names in the literature (Adya 1999; Elle, VLDB 2020; Plume, OOPSLA 2024),
 * counted, with a few examples each.
 */
import type { AnomalyReport, NamedCycle } from '../../contract/check-result.ts';

export type { AnomalyReport, NamedCycle } from '../../contract/check-result.ts';

const CYCLES = ['G0', 'G1c', 'G-single', 'G-nonadjacent', 'G2-item', 'G2'] as const;

/** All other anomalies; those with a cycle describe it in their own words. */
const OTHERS = [
  'duplicate-elements',
  'garbage-read',
  'G1a',
  'G1b',
  'internal',
  'incompatible-order',
  'dirty-update',
  'future-read',
  'not-own-write',
  'not-last-own-write',
  'non-repeatable-read',
  'lost-update',
  'cyclic-causality',
  'non-monotonic-read',
  'non-monotonic-read-inferred',
  'fractured-read',
  'fractured-read-inferred',
  'causality-violation',
  'causality-violation-inferred',
  'phantom',
  'snapshot-timestamp',
  'write-overlap',
  'session-timestamp',
] as const;

export type AnomalyName = (typeof OTHERS)[number] | (typeof CYCLES)[number];

/** A cycle may consist of dependencies only, or also need session order, or real-time order. */
const STRENGTHS = ['', '-process', '-realtime'] as const;
export type Strength = (typeof STRENGTHS)[number];

export type Anomaly = AnomalyName | `${(typeof CYCLES)[number]}${Strength}`;

/** Every anomaly that a report can name. */
export const ANOMALIES: readonly Anomaly[] = [
  ...OTHERS,
  ...CYCLES.flatMap((cycle) => STRENGTHS.map((strength) => `${cycle}${strength}` as const)),
];

/** Plume's names, for those who compare. */
export const PLUME_NAMES: ReadonlyMap<string, string> = new Map([
  ['garbage-read', 'ThinAirRead'],
  ['G1a', 'AbortedRead'],
  ['future-read', 'FutureRead'],
  ['not-own-write', 'NotMyOwnWrite'],
  ['not-last-own-write', 'NotMyLastWrite'],
  ['G1b', 'IntermediateRead'],
  ['cyclic-causality', 'CyclicCO'],
  ['non-monotonic-read', 'NonMonoReadCO'],
  ['non-monotonic-read-inferred', 'NonMonoReadAO'],
  ['non-repeatable-read', 'NonRepeatableRead'],
  ['fractured-read', 'FracturedReadCO'],
  ['fractured-read-inferred', 'FracturedReadAO'],
  ['causality-violation', 'COConflictAO'],
  ['causality-violation-inferred', 'ConflictAO'],
]);

/** An example: a sentence, possibly with its cycle. */
export type Example = string | { readonly text: string; readonly cycle: NamedCycle };

const EXAMPLES_MAX = 3;

export class AnomalyLog {
  readonly #found = new Map<Anomaly, { count: number; examples: string[]; cycles: NamedCycle[] }>();

  /** `example` is evaluated only while more examples are needed. */
  add(name: Anomaly, example: () => Example, count = 1): void {
    let report = this.#found.get(name);
    if (report === undefined) {
      report = { count: 0, examples: [], cycles: [] };
      this.#found.set(name, report);
    }
    report.count += count;
    if (report.examples.length >= EXAMPLES_MAX) return;
    const one = example();
    report.examples.push(typeof one === 'string' ? one : one.text);
    if (typeof one !== 'string') report.cycles.push(one.cycle);
  }

  /** Merges the findings of another log. */
  merge(name: string, { count, examples, cycles }: AnomalyReport): void {
    const report = this.#found.get(name as Anomaly);
    const known = report ?? { count: 0, examples: [], cycles: [] };
    known.count += count;
    known.examples.push(...examples.slice(0, EXAMPLES_MAX - known.examples.length));
    known.cycles.push(...cycles);
    this.#found.set(name as Anomaly, known);
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
