/**
 * PowerCuts: an embedded target in a process of its own, on the file system that loses power. Each
 * acknowledged write must be there after each cut, whole; what is acknowledged first is audited as
 * well. Where the machine has no such file system, power loss is not tested, and the cell says so.
 */

import { nothingWrong, type Outcome, type Progress } from '../cells/outcome.ts';
import { POWER_LOSS_NOT_TESTED, type PowerCutFigures } from '../contract/power-cut-record.ts';
import type { PowerCuts } from '../contract/scenario.ts';
import type { EmbeddedTarget, Settings } from '../contract/target.ts';
import type { Verdict } from '../contract/verdict.ts';
import type { CutOptions } from '../real/power-loss/cut-options.ts';
import { cutVictim, missingFor } from '../real/power-loss/cut-victim.ts';
import { DISK_FAULTS } from '../real/power-loss/disk-faults.ts';
import { victimOf } from '../real/power-loss/victims/target.ts';

export interface PowerCutsParts {
  readonly target: EmbeddedTarget;
  readonly targetUrl: string;
  readonly settings: Settings;
  readonly plan: PowerCuts;
  readonly seed: number;
  readonly progress: Progress;
}

const AUDITED = 8;
const FAULT_AT = 10;

export async function runPowerCuts(parts: PowerCutsParts): Promise<Outcome> {
  const { target, targetUrl, settings, plan, seed, progress } = parts;
  const victim = victimOf(target, targetUrl, settings);
  const fault = faultOf(plan);
  const missing = missingFor(victim, fault);
  if (missing.length > 0) return untested(`needs ${missing.join(', ')}`);
  const options = {
    ...{ cycles: plan.cycles, records: plan.records, audited: AUDITED, seed },
    ...{ lyingDisk: false, ...fault },
  };
  try {
    const figures = await cutVictim(victim, options, (cycle) => {
      progress(cycle, plan.cycles, 'power cuts');
    });
    return outcomeOf(plan, figures);
  } catch (error) {
    const reason = String((error as Error)?.message ?? error);
    if (/^cannot (mount|trace)/.test(reason)) return untested(reason);
    return { verdict: { validity: 'unknown', reasons: [reason], counts: {} }, ...NOTHING };
  }
}

const NOTHING = { figures: {}, notVerified: [] } as const;

function faultOf({ fault }: PowerCuts): Pick<CutOptions, 'fault'> {
  if (fault === undefined) return {};
  const kind = DISK_FAULTS[fault];
  if (kind === undefined) throw new Error(`there is no disk fault ${fault}`);
  return { fault: { kind, at: FAULT_AT } };
}

function untested(why: string): Outcome {
  const reason = `${POWER_LOSS_NOT_TESTED}: ${why}`;
  return {
    verdict: { validity: 'unsupported', reasons: [reason], counts: {} },
    ...{ figures: {}, notVerified: [reason] },
  };
}

function outcomeOf(plan: PowerCuts, figures: PowerCutFigures): Outcome {
  const { acknowledged, lost, cuts = 0, states = 0, early, audited, syncs, struck } = figures;
  return {
    verdict: powerCutsVerdict(plan, figures),
    figures: {
      ...{ powerCuts: cuts, crashStates: states, acknowledged, lost, syncs },
      ...{ acknowledgedEarly: early, audited },
      ...(plan.fault === undefined ? {} : { syncsStruck: struck }),
    },
    notVerified: [],
  };
}

/** What cuts say of the target. A fault that never struck, or a run that was cut short, proves nothing. */
export function powerCutsVerdict(plan: PowerCuts, figures: PowerCutFigures): Verdict {
  const { acknowledged, lost, broken, cuts = 0, early, audited, syncs, struck } = figures;
  const unopened = figures.unopened ?? [];
  const counts = { lost, broken: broken.length, unopened: unopened.length };
  const reasons: string[] = [];
  if (lost > 0) {
    const why =
      syncs === 0
        ? 'it never called fsync'
        : `${early} of ${audited} audited writes were acknowledged before they were on the disk`;
    reasons.push(
      `LOSES ${lost} of ${acknowledged} acknowledged writes in ${cuts} power cuts: ${why}`,
    );
  }
  for (const words of broken) reasons.push(`cannot be read after a power cut: ${words}`);
  for (const words of unopened) {
    reasons.push(`cannot be opened after a power cut before its first acknowledgement: ${words}`);
  }
  if (reasons.length > 0) return { validity: 'invalid', reasons, counts };
  const unknown = (reason: string): Verdict => ({ validity: 'unknown', reasons: [reason], counts });
  if (acknowledged === 0) return unknown('no write was acknowledged before a power cut');
  if (plan.fault !== undefined && struck === 0) {
    return unknown(`the fault ${plan.fault} never struck: the target made too few calls`);
  }
  return nothingWrong(cuts, plan.cycles, 'power cuts', counts);
}
