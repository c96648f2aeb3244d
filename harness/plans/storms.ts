/**
 * Storms: one storm a seed, judged, and all their ledgers and milestones together. Stops at the
 * first storm that is not valid. A fault that never mattered, and a milestone that was never reached,
 * are named as not verified.
 */

import { nothingWrong, type Outcome } from '../cells/outcome.ts';
import type { SimulatedParts } from '../cells/parts.ts';
import type { HistoryEvent } from '../contract/history.ts';
import type { Storms } from '../contract/scenario.ts';
import type { Verdict } from '../contract/verdict.ts';
import { historyHash } from '../history/recorder.ts';
import { deriveSeed, Prng } from '../random/prng.ts';
import { Ledger } from '../simulation/sim/ledger.ts';
import { judgeStorm } from '../simulation/storm/judge-storm.ts';
import { drawFaults, STORM_FAULT_NAMES } from '../simulation/storm/knobs.ts';
import { MILESTONES, type Milestone } from '../simulation/storm/milestones.ts';
import { USUAL_PACE } from '../simulation/storm/storm-plan.ts';

export async function runStorms(parts: SimulatedParts<Storms>): Promise<Outcome> {
  const { plan, seed, progress } = parts;
  const figures: Record<string, number> = {
    storms: 0,
    acknowledged: 0,
    crashes: 0,
    schedulerEvents: 0,
    virtualSeconds: 0,
  };
  const ledger = new Ledger();
  const reached = new Set<Milestone>();
  let hash = '';
  let bad: { verdict: Verdict; events: readonly HistoryEvent[] } | undefined;
  let goOn = true;
  for (let i = 0; i < plan.seeds && bad === undefined && goOn; i++) {
    const runSeed = deriveSeed(seed, `run ${i}`);
    const faults = drawFaults(new Prng(runSeed).derive('knobs'));
    const drawn = { ...USUAL_PACE, ...plan, seed: runSeed, faults };
    const stormed = await judgeStorm(parts, drawn);
    const { events, verdict } = stormed;
    figures.storms!++;
    figures.acknowledged! += events.filter((event) => event.type === 'ok').length;
    figures.crashes! += stormed.crashes;
    figures.schedulerEvents! += stormed.schedulerEvents;
    figures.virtualSeconds! += stormed.virtualMs / 1000;
    ledger.add(stormed.ledger);
    for (const milestone of stormed.milestones) reached.add(milestone);
    const last = { index: 0, type: 'info', process: 0, f: hash, value: 0, timeMs: 0 } as const;
    hash = historyHash([...events, last]);
    if (verdict.validity !== 'valid') {
      const on = [...faults].join(', ');
      const reasons = verdict.reasons.map((reason) => `${reason} — run seed ${runSeed}, ${on}`);
      bad = { verdict: { ...verdict, reasons }, events };
    }
    goOn = progress(i + 1, plan.seeds, 'storms');
  }
  for (const fault of STORM_FAULT_NAMES) {
    const { struck, mattered } = ledger.of(fault);
    figures[`${fault} struck`] = struck;
    figures[`${fault} mattered`] = mattered;
  }
  const idle = STORM_FAULT_NAMES.filter((fault) => ledger.of(fault).mattered === 0);
  const missed = (Object.keys(MILESTONES) as Milestone[]).filter((name) => !reached.has(name));
  return {
    verdict:
      bad?.verdict ??
      nothingWrong(figures.storms!, plan.seeds, 'storms', { storms: figures.storms! }),
    figures,
    historyHash: hash,
    ...(bad === undefined ? {} : { events: bad.events }),
    notVerified: [
      ...idle.map((fault) => `not exercised: ${fault} never made a difference`),
      ...missed.map((name) => `never reached: ${MILESTONES[name]}`),
    ],
  };
}
