/**
 * Seeds: simulated runs without a crash, one a seed, judged as a whole. Stops at the first that is
 * not valid.
 */

import { nothingWrong, type Outcome } from '../cells/outcome.ts';
import type { SimulatedParts } from '../cells/parts.ts';
import { judge } from '../contract/checker.ts';
import type { HistoryEvent } from '../contract/history.ts';
import { operationsOf } from '../contract/pairing.ts';
import type { Seeds } from '../contract/scenario.ts';
import { mergeVerdicts, type Verdict } from '../contract/verdict.ts';
import { historyHash } from '../history/recorder.ts';
import { deriveSeed } from '../random/prng.ts';
import { simulate } from './simulation.ts';

type SeedsParts = SimulatedParts<Seeds>;

export async function runSeeds(parts: SeedsParts): Promise<Outcome> {
  const { plan, seed, progress } = parts;
  const figures = { seeds: 0, acknowledged: 0, schedulerEvents: 0, virtualSeconds: 0 };
  let hash = '';
  let bad: { verdict: Verdict; events: readonly HistoryEvent[] } | undefined;
  let goOn = true;
  for (let i = 0; i < plan.seeds && bad === undefined && goOn; i++) {
    const runSeed = deriveSeed(seed, `run ${i}`);
    const { verdict, events, virtualMs, schedulerEvents } = await judgeRun(parts, runSeed);
    figures.seeds++;
    figures.acknowledged += events.filter((event) => event.type === 'ok').length;
    figures.schedulerEvents += schedulerEvents;
    figures.virtualSeconds += virtualMs / 1000;
    const last = { index: 0, type: 'info', process: 0, f: hash, value: 0, timeMs: 0 } as const;
    hash = historyHash([...events, last]);
    if (verdict.validity !== 'valid') {
      const reasons = verdict.reasons.map((reason) => `${reason} — run seed ${runSeed}`);
      bad = { verdict: { ...verdict, reasons }, events };
    }
    goOn = progress(i + 1, plan.seeds, 'seeds');
  }
  return {
    verdict:
      bad?.verdict ?? nothingWrong(figures.seeds, plan.seeds, 'seeds', { seeds: figures.seeds }),
    figures,
    historyHash: hash,
    ...(bad === undefined ? {} : { events: bad.events }),
    notVerified: [],
  };
}

async function judgeRun(parts: SeedsParts, runSeed: number) {
  const { clients, operations } = parts.plan;
  try {
    const run = await simulate({ ...parts, seed: runSeed, clients, operations });
    const done = operationsOf(run.events);
    const verdict = mergeVerdicts(parts.checkers.map((checker) => judge(checker, done)));
    return { ...run, verdict };
  } catch (error) {
    const reasons = [`the run failed: ${(error as Error)?.message ?? String(error)}`];
    const verdict: Verdict = { validity: 'invalid', reasons, counts: {} };
    return { verdict, events: [], virtualMs: 0, schedulerEvents: 0 };
  }
}
