/**
 * Crash states: simulated runs, and at each disk step of each run every kind of crash, recovered
 * and judged. Stops at the first state that is not valid.
 *
 * A state counts when its fault acted: a power cut took or kept something that was not durable, a
 * kill left such a thing, a sync of the recovery failed, the power was cut once more. Others are not
 * counted, and further runs take their place. A run in which more than one in ten of those judged
 * stay idle is `unknown`.
 */

import { nothingWrong, type Outcome } from '../../cells/outcome.ts';
import type { SimulatedParts } from '../../cells/parts.ts';
import type { CrashFault } from '../../contract/fault.ts';
import type { HistoryEvent } from '../../contract/history.ts';
import { operationsOf } from '../../contract/pairing.ts';
import type { CrashStates } from '../../contract/scenario.ts';
import type { Verdict } from '../../contract/verdict.ts';
import { historyHash } from '../../history/recorder.ts';
import { deriveSeed, Prng } from '../../random/prng.ts';
import type { SimDisk } from '../../simulation/sim/sim-disk.ts';
import { simulate } from '../simulation.ts';
import { judgeCrash } from './crash-judge.ts';

interface CrashStatesParts extends SimulatedParts<CrashStates> {
  readonly faults: readonly CrashFault[];
}

interface Candidate {
  readonly fault: CrashFault;
  readonly disk: SimDisk;
  readonly step: number;
  /** Events recorded when the crash came. */
  readonly events: number;
}

const RUNS_MAX = 100_000;
/** Consecutive runs in which no fault acted, after which the plan gives up. */
const BARREN_RUNS_MAX = 50;

/** More idle states than this share of those judged make a run `unknown`. */
const IDLE_SHARE_MAX = 0.1;

interface Tally {
  states: number;
  /** Judged, and the fault did not act. */
  idle: number;
  runs: number;
  acknowledged: number;
  readonly faults: Map<string, number>;
  hash: string;
}

export async function runCrashStates(parts: CrashStatesParts): Promise<Outcome> {
  const { plan, seed, progress } = parts;
  const tally: Tally = {
    states: 0,
    idle: 0,
    runs: 0,
    acknowledged: 0,
    faults: new Map(parts.faults.map(({ name }) => [name, 0])),
    hash: '',
  };
  let bad: { verdict: Verdict; events: readonly HistoryEvent[] } | undefined;
  let goOn = true;
  const mayAct = () => tally.runs < (tally.states > 0 ? RUNS_MAX : BARREN_RUNS_MAX);
  while (tally.states < plan.states && mayAct() && bad === undefined && goOn) {
    const runSeed = deriveSeed(seed, `run ${tally.runs++}`);
    bad = await exploreRun(parts, runSeed, tally);
    goOn = progress(Math.min(tally.states, plan.states), plan.states, 'crash states');
  }
  const figures: Record<string, number> = {
    crashStates: tally.states,
    idleStates: tally.idle,
    simulatedRuns: tally.runs,
    acknowledged: tally.acknowledged,
  };
  for (const [fault, count] of tally.faults) figures[`states ${fault}`] = count;
  const counts = { states: tally.states };
  const none: Verdict = { validity: 'unknown', reasons: ['no crash state was reached'], counts };
  // Runs may end before the states do; only a time limit leaves some out.
  const total = goOn ? tally.states : plan.states;
  const clean = nothingWrong(tally.states, total, 'crash states', counts);
  const verdict = bad?.verdict ?? idleVerdict(tally) ?? (tally.states === 0 && goOn ? none : clean);
  return {
    verdict,
    figures,
    historyHash: tally.hash,
    ...(bad === undefined ? {} : { events: bad.events }),
    notVerified: [
      'garbage written into a sector that was in flight when power was lost',
      ...[...tally.faults]
        .filter(([, count]) => count === 0)
        .map(([fault]) => `not exercised: ${fault} never made a difference`),
    ],
  };
}

function idleVerdict({ states, idle }: Tally): Verdict | undefined {
  if (idle <= IDLE_SHARE_MAX * (states + idle)) return undefined;
  const reasons = [`in ${idle} of ${states + idle} crash states the fault did not act`];
  return { validity: 'unknown', reasons, counts: { states, idle } };
}

/** Whether the crash made a difference to what was not durable. */
function makesDifference({ mode }: CrashFault, before: SimDisk, left: SimDisk): boolean {
  const { effect } = left;
  if (mode === 'kill') return before.hasUnsynced;
  if (effect === undefined) return false;
  if (mode === 'garbage') return effect.garbage > 0;
  return mode === 'all-kept' ? effect.kept > 0 : effect.lost > 0;
}

async function exploreRun(parts: CrashStatesParts, runSeed: number, tally: Tally) {
  const { target, settings, checkers, plan } = parts;
  const random = new Prng(runSeed);
  const candidates: Candidate[] = [];
  let step = 0;
  let events: readonly HistoryEvent[] = [];
  try {
    const run = await simulate({
      ...parts,
      seed: runSeed,
      clients: plan.clients,
      operations: plan.operations,
      failSync: random.chance(0.25),
      onStep(disk, recorder) {
        if (step++ % plan.everyStep !== 0) return;
        for (const fault of parts.faults) {
          const clone = disk.crashClone(fault.mode, {
            random: random.derive(`crash ${step} ${fault.name}`),
            error: target.diskError,
          });
          if (!makesDifference(fault, disk, clone)) continue;
          candidates.push({ fault, disk: clone, step, events: recorder.length });
        }
      },
    });
    events = run.events;
  } catch (error) {
    const reason = `run seed ${runSeed}: ${(error as Error)?.message ?? String(error)}`;
    const verdict: Verdict = { validity: 'invalid', reasons: [reason], counts: {} };
    return { verdict, events };
  }
  tally.acknowledged += events.filter((event) => event.type === 'ok').length;
  tally.hash = historyHash([
    ...events,
    { index: 0, type: 'info', process: 0, f: tally.hash, value: step, timeMs: 0 },
  ]);
  const workload = parts.workload.create({ ...parts.workload.options, ...parts.workloadOptions });
  for (const candidate of candidates) {
    if (tally.states >= plan.states) return undefined;
    const { fault, disk } = candidate;
    const before = operationsOf(events, candidate.events);
    const stateRandom = random.derive(`judge ${candidate.step} ${fault.name}`);
    const judged = { target, settings, workload, checkers };
    const { verdict, acted } = await judgeCrash(judged, fault, disk, before, stateRandom);
    if (acted) {
      tally.states++;
      tally.faults.set(fault.name, tally.faults.get(fault.name)! + 1);
    } else tally.idle++;
    if (verdict.validity === 'valid') continue;
    const place = `run seed ${runSeed}, ${fault.name} after step ${candidate.step}`;
    const reasons = verdict.reasons.map((reason) => `${reason} — ${place}`);
    return { verdict: { ...verdict, reasons }, events: events.slice(0, candidate.events) };
  }
  return undefined;
}
