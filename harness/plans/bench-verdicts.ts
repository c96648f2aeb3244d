/** The plan `bench-verdicts`: tries the benchmark's comparisons and checks. See bench-trials.ts. */

import { nothingWrong, type Outcome, type Progress } from '../cells/outcome.ts';
import type { Verdict } from '../contract/verdict.ts';
import { BENCH_TRIALS } from '../self-check/bench-trials.ts';

export async function runBenchVerdicts(seed: number, progress: Progress): Promise<Outcome> {
  const trials = Object.entries(BENCH_TRIALS);
  const reasons: string[] = [];
  let done = 0;
  let goOn = true;
  while (done < trials.length && goOn) {
    const [name, trial] = trials[done++]!;
    const problem = await trial(seed);
    if (problem !== undefined) reasons.push(`${name}: ${problem}`);
    goOn = progress(done, trials.length, 'trials');
  }
  const counts = { trials: done };
  const verdict: Verdict =
    reasons.length > 0
      ? { validity: 'invalid', reasons, counts }
      : nothingWrong(done, trials.length, 'trials', counts);
  return { verdict, figures: counts, notVerified: [] };
}
