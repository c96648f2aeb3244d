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
  /** The kinds of violations it distinguishes. Default: one, with the checker's name. */
  readonly kinds?: readonly string[];
  /** `operations` in the order of their invocation. */
  check(operations: readonly Operation[]): Verdict;
}

export function defineChecker(checker: Checker): Checker {
  return checker;
}

/** Runs a checker; an exception becomes `unknown`. */
export function judge(checker: Checker, operations: readonly Operation[]): Verdict {
  try {
    return checker.check(operations);
  } catch (error) {
    const reason = `${checker.name} threw: ${(error as Error)?.message ?? String(error)}`;
    return { validity: 'unknown', reasons: [reason], counts: {} };
  }
}

const REASONS_MAX = 10;

/** One violation, or one thing that cannot be judged, with the index of its event. */
export interface Finding {
  readonly reason: string;
  readonly index: number;
  /** Kind of a violation. Default: the checker's name. */
  readonly kind?: string;
}

/** Distinct reasons; only the first few are kept as text, so that millions cost no more. */
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

/** The findings of a checker: violations of the kinds it declares, and operations it does not understand. */
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

  /** The operation does not belong to this workload, so it proves nothing. */
  unclear({ invokedIndex }: Pick<Operation, 'invokedIndex'>, reason: string): void {
    this.#unclear.add({ reason: `operation ${invokedIndex}: ${reason}`, index: invokedIndex });
  }

  /** Something in the history as a whole cannot be decided. */
  open(reason: string): void {
    this.#unclear.add({ reason, index: Number.POSITIVE_INFINITY });
  }

  /** A violation stands even if other operations are unclear; `valid` requires that none is. */
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

/** Makes a verdict of a list of violations; `unknown` if nothing was judged. */
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
