/**
 * Checker: judges a history. Pure: same history, same verdict.
 *
 * Contract: `valid` only with proof for this history; `unknown` when nothing was found to judge.
 * A checker that throws counts as `unknown`.
 */
import type { Operation } from './history.ts';
import type { Verdict } from './verdict.ts';

export interface Checker {
  readonly name: string;
  readonly doc: string;
  /** The kinds of faults it tells apart; left out, one by its own name. */
  readonly kinds?: readonly string[];
  /** `operations` in the order of their invocation. */
  check(operations: readonly Operation[]): Verdict;
}

export function defineChecker(checker: Checker): Checker {
  return checker;
}

/** A checker's answer, with a throw turned into `unknown`. */
export function judge(checker: Checker, operations: readonly Operation[]): Verdict {
  try {
    return checker.check(operations);
  } catch (error) {
    const reason = `${checker.name} threw: ${(error as Error)?.message ?? String(error)}`;
    return { validity: 'unknown', reasons: [reason], counts: {} };
  }
}

const REASONS_MAX = 10;

/** One fault, or one thing that can't be judged, by the index of the event to look at. */
export interface Finding {
  readonly reason: string;
  readonly index: number;
  /** Of a fault. Default: the checker's name. */
  readonly kind?: string;
}

/** Different reasons, the first few of them as text; millions cost no more. */
class Reasons {
  readonly #shown = new Set<string>();
  #more = 0;
  firstIndex = Number.POSITIVE_INFINITY;

  get isEmpty(): boolean {
    return this.#shown.size === 0;
  }

  add({ reason, index }: Finding): void {
    this.firstIndex = Math.min(this.firstIndex, index);
    if (this.#shown.size < REASONS_MAX) this.#shown.add(reason);
    else if (!this.#shown.has(reason)) this.#more++;
  }

  texts(name: string): string[] {
    const texts = [...this.#shown].map((reason) => `${name}: ${reason}`);
    return this.#more === 0 ? texts : [...texts, `${name}: and ${this.#more} more`];
  }
}

/** What a checker found: faults, of the kinds it declares, and operations that it does not understand. */
export class Findings<Kind extends string = string> {
  readonly #name: string;
  readonly #faults = new Reasons();
  readonly #unclear = new Reasons();
  readonly #kinds = new Set<string>();

  constructor(name: string) {
    this.#name = name;
  }

  fault(reason: string, index: number, kind: Kind = this.#name as Kind): void {
    this.#faults.add({ reason, index });
    this.#kinds.add(kind);
  }

  faults(all: Iterable<Finding & { readonly kind?: Kind }>): void {
    for (const { reason, index, kind } of all) this.fault(reason, index, kind);
  }

  /** What the operation holds is not what this workload has, so nothing follows from it. */
  unclear({ invokedIndex }: Pick<Operation, 'invokedIndex'>, reason: string): void {
    this.#unclear.add({ reason: `operation ${invokedIndex}: ${reason}`, index: invokedIndex });
  }

  /** The history as a whole leaves something open. */
  open(reason: string): void {
    this.#unclear.add({ reason, index: Number.POSITIVE_INFINITY });
  }

  /** A fault is one whatever else is unclear; `valid` needs that nothing is. */
  verdict(counts: Readonly<Record<string, number>>, checked: number): Verdict {
    if (!this.#faults.isEmpty) {
      const reasons = this.#faults.texts(this.#name);
      const kinds = [...this.#kinds];
      const firstBadIndex = this.#faults.firstIndex;
      return { validity: 'invalid', reasons, kinds, firstBadIndex, counts };
    }
    if (this.#unclear.isEmpty && checked > 0) return { validity: 'valid', reasons: [], counts };
    const nothing = [`${this.#name}: there was nothing to check`];
    const reasons = this.#unclear.isEmpty ? nothing : this.#unclear.texts(this.#name);
    return { validity: 'unknown', reasons, counts };
  }
}

/** A verdict from a list of faults found; `unknown` when nothing at all was checked. */
export function verdictOf<Kind extends string>(
  name: string,
  faults: Iterable<Finding & { readonly kind?: Kind }>,
  counts: Readonly<Record<string, number>>,
  checked: number,
): Verdict {
  const findings = new Findings<Kind>(name);
  findings.faults(faults);
  return findings.verdict(counts, checked);
}
