/**
 * Service: runs of a simulated store's server, one a seed, under doubled requests or beside hostile
 * clients; the first that fails ends it.
 */

import type { Outcome } from '../cells/outcome.ts';
import type { SimulatedParts } from '../cells/parts.ts';
import type { DoubledRequests, HostileClients } from '../contract/scenario.ts';
import type { Verdict } from '../contract/verdict.ts';
import { deriveSeed } from '../random/prng.ts';
import { HostileRun } from '../service/hostile-run.ts';
import { RequestRun } from '../service/request-run.ts';

export async function runService(
  parts: SimulatedParts<DoubledRequests | HostileClients>,
): Promise<Outcome> {
  const { plan, seed, progress } = parts;
  const figures: Record<string, number> = { seeds: 0 };
  let bad: string | undefined;
  for (let i = 0; i < plan.seeds && bad === undefined; i++) {
    const runSeed = deriveSeed(seed, `run ${i}`);
    const { problem, figures: more } = await runOne(parts, runSeed);
    if (problem !== undefined) bad = `${problem} — run seed ${runSeed}`;
    figures.seeds!++;
    for (const [name, value] of Object.entries(more)) add(figures, name, value);
    progress(i + 1, plan.seeds, 'seeds');
  }
  const verdict: Verdict = {
    validity: bad !== undefined ? 'invalid' : figures.seeds! > 0 ? 'valid' : 'unknown',
    reasons: bad === undefined ? [] : [bad],
    counts: { seeds: figures.seeds! },
  };
  return { verdict, figures, notVerified: [] };
}

async function runOne(
  { target, settings, plan }: SimulatedParts<DoubledRequests | HostileClients>,
  seed: number,
) {
  if (plan.kind === 'doubled-requests') {
    const run = new RequestRun(target, settings, seed);
    return { problem: await run.problem(plan.requests), figures: run.figures };
  }
  const run = new HostileRun(target, settings, seed);
  return { problem: await run.problem(plan), figures: run.figures };
}

/** Sums; of waits and of what is held, the most. */
function add(figures: Record<string, number>, name: string, value: number): void {
  const before = figures[name] ?? 0;
  const isMost = /Ms$|Max$/.test(name);
  figures[name] = isMost ? Math.max(before, value) : before + value;
}
