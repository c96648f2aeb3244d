/**
 * What a cell proves, from what its checkers said and what its scenario expects.
 *
 * | expect      | checkers: valid          | invalid                              | other   |
 * |-------------|--------------------------|--------------------------------------|---------|
 * | `holds`     | valid                    | invalid                              | as said |
 * | `mustFind`  | unknown (not reproduced) | valid if of a named kind, else unknown | as said |
 * | `may-find`  | valid                    | valid                                | as said |
 *
 * A planted bug must be caught, and only a scenario that expects `holds` can catch one. One whose
 * edited module was never loaded proves nothing.
 */
import type { MutantOutcome } from '../contract/run-record.ts';
import type { Expectation } from '../contract/scenario.ts';
import type { Validity, Verdict } from '../contract/verdict.ts';

type Said = Pick<Verdict, 'validity' | 'kinds'>;

export function cellValidity(
  expect: Expectation,
  said: Said,
  mutant: MutantOutcome['outcome'] | undefined,
): Validity {
  if (mutant !== undefined) return mutant === 'caught' ? 'valid' : 'unknown';
  const { validity, kinds = [] } = said;
  if (validity !== 'valid' && validity !== 'invalid') return validity;
  if (expect === 'holds') return validity;
  if (expect === 'may-find') return 'valid';
  return validity === 'invalid' && expect.mustFind.some((kind) => kinds.includes(kind))
    ? 'valid'
    : 'unknown';
}

/** Why a hole that must be found was not, for the first line under the cell; undefined if it was. */
export function whyNotFound(
  expect: Expectation,
  { validity, kinds = [] }: Said,
): string | undefined {
  if (typeof expect !== 'object' || (validity !== 'valid' && validity !== 'invalid'))
    return undefined;
  if (expect.mustFind.some((kind) => kinds.includes(kind))) return undefined;
  const wanted = expect.mustFind.join(' or ');
  const seen = kinds.length === 0 ? 'nothing was found' : `found only ${kinds.join(', ')}`;
  return `not reproduced: ${wanted} was expected, ${seen}`;
}
