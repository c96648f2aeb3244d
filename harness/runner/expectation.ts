/**
 * What a cell proves, from what its checkers said and what its scenario expects.
 *
 * | expect      | checkers: valid          | invalid | other   |
 * |-------------|--------------------------|---------|---------|
 * | `holds`     | valid                    | invalid | as said |
 * | `must-find` | unknown (not reproduced) | valid   | as said |
 * | `may-find`  | valid                    | valid   | as said |
 *
 * A planted bug must be found, whatever its scenario expects of the clean target. One whose edited
 * module was never loaded proves nothing.
 */
import type { MutantOutcome } from '../contract/run-record.ts';
import type { Expectation } from '../contract/scenario.ts';
import type { Validity } from '../contract/verdict.ts';

export function cellValidity(
  expect: Expectation,
  said: Validity,
  mutant: MutantOutcome['outcome'] | undefined,
): Validity {
  if (mutant !== undefined) return mutant === 'caught' ? 'valid' : 'unknown';
  if (said !== 'valid' && said !== 'invalid') return said;
  if (expect === 'holds') return said;
  if (expect === 'may-find') return 'valid';
  return said === 'invalid' ? 'valid' : 'unknown';
}
