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

/** A verdict from a list of faults found, each of a kind (default: the checker's name); `unknown` when nothing at all was checked. */
export function verdictOf(
  name: string,
  faults: readonly { readonly reason: string; readonly index: number; readonly kind?: string }[],
  counts: Readonly<Record<string, number>>,
  checked: number,
): Verdict {
  if (faults.length > 0) {
    const different = [...new Set(faults.map((fault) => fault.reason))];
    const reasons = different.slice(0, REASONS_MAX).map((reason) => `${name}: ${reason}`);
    const left = different.length - reasons.length;
    if (left > 0) reasons.push(`${name}: and ${left} more`);
    const firstBadIndex = Math.min(...faults.map((fault) => fault.index));
    const kinds = [...new Set(faults.map(({ kind }) => kind ?? name))];
    return { validity: 'invalid', reasons, kinds, firstBadIndex, counts };
  }
  if (checked > 0) return { validity: 'valid', reasons: [], counts };
  return { validity: 'unknown', reasons: [`${name}: there was nothing to check`], counts };
}
