/** What a check of a recorded history found, as far as pages show it. */
import type { Operation } from './history.ts';
import type { Validity } from './verdict.ts';

/** A cycle with the names of its transactions, and why each comes before the next. */
export interface NamedCycle {
  /** One more than edges: the first is the last again. */
  readonly nodes: readonly string[];
  /** `kind`: ww, wr, rw, process, realtime or visible. */
  readonly edges: readonly { readonly kind: string; readonly why: string }[];
}

export interface AnomalyReport {
  readonly count: number;
  readonly examples: readonly string[];
  /** The cycles of the examples, where there are any. */
  readonly cycles: readonly NamedCycle[];
}

/** Where an object stops being linearizable. */
export interface LinearizabilityFailure {
  readonly object: string;
  /** The index of the event that ends the shortest prefix that is not linearizable. */
  readonly prefixEnd: number;
  /** The longest order that was found, and what can't follow it. */
  readonly order: readonly Operation[];
  readonly stuck: readonly Operation[];
}

/** One history of a page. */
export interface CheckedFile {
  readonly file: string;
  readonly validity: Validity;
  readonly reasons: readonly string[];
  /** Of transactions: each level with `holds`, `violated` or `unknown`. */
  readonly levels: readonly (readonly [level: string, status: string])[];
  readonly anomalies: readonly (readonly [name: string, report: AnomalyReport])[];
  readonly failure?: LinearizabilityFailure | undefined;
}
