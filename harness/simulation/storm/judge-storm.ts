/** Judges one storm: its own problems first, then the history by the scenario's checkers. */
import { type Checker, judge } from '../../contract/checker.ts';
import { operationsOf } from '../../contract/pairing.ts';
import { mergeVerdicts, type Verdict } from '../../contract/verdict.ts';
import { type StormParts, type StormResult, storm } from './storm.ts';
import type { StormPlan } from './storm-plan.ts';

export interface JudgedStorm extends StormResult {
  readonly verdict: Verdict;
}

export async function judgeStorm(
  parts: StormParts & { readonly checkers: readonly Checker[] },
  plan: StormPlan,
): Promise<JudgedStorm> {
  const result = await storm(parts, plan);
  if (result.problem !== undefined) {
    const verdict: Verdict = { validity: 'invalid', reasons: [result.problem], counts: {} };
    return { ...result, verdict };
  }
  const operations = operationsOf(result.events);
  const verdict = mergeVerdicts(parts.checkers.map((checker) => judge(checker, operations)));
  return { ...result, verdict };
}
