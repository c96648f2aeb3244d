/**
 * Cuts the power under one database repeatedly, each time on a fresh file system, and compares the
 * acknowledged writes with the recovered ones. The first acknowledgements of each run are also audited:
 * were their bytes on the medium when they were given? The audit needs no crash.
 */
import type { PowerCutFigures } from '../../contract/power-cut-record.ts';
import { Prng } from '../../random/prng.ts';
import { lacking } from '../abilities.ts';
import type { CutOptions } from './cut-options.ts';
import { CutRun } from './cut-run.ts';
import { plannedStates } from './planned-states.ts';
import type { StateFigures } from './state-figures.ts';
import type { Victim } from './victim.ts';
import type { PlannedCut } from './write-records.ts';

type Total = { -readonly [K in Exclude<keyof PowerCutFigures, 'broken' | 'unopened'>]-?: number };

/** Throws if the first start fails. */
export async function cutVictim(
  victim: Victim,
  options: CutOptions,
  progress: (cycle: number) => void = () => undefined,
): Promise<PowerCutFigures> {
  const total: Total = {
    ...{ acknowledged: 0, lost: 0, early: 0, audited: 0, syncs: 0, struck: 0, refused: 0 },
    ...{ cuts: 0, states: 0, recoveriesCut: 0 },
  };
  const broken: string[] = [];
  const unopened: string[] = [];
  const isCaught = () => total.lost > 0 || broken.length > 0;
  const most =
    victim.rare === true ? Math.max(options.rareCuts ?? 0, options.cycles) : options.cycles;
  for (let cycle = 0; cycle < most; cycle++) {
    if (cycle >= options.cycles && isCaught()) break;
    progress(cycle);
    const seed = `${victim.system} ${victim.configuration} ${cycle}`;
    const random = new Prng(options.seed).derive(seed);
    const { states, wasCutInside, ...figures } = await cutOnce(victim, options, random, cycle);
    for (const name of Object.keys(figures) as (keyof typeof figures)[])
      total[name] += figures[name];
    total.cuts++;
    total.states += states.length;
    for (const state of states) {
      total.lost += state.lost;
      total.recoveriesCut! += state.recoveriesCut ?? 0;
      if (state.broken !== undefined) broken.push(state.broken);
      if (state.unopened !== undefined) unopened.push(state.unopened);
    }
    if (options.everyStep === true && !wasCutInside) break;
  }
  if (victim.mayEncode === true && !isCaught() && total.early === total.audited) {
    Object.assign(total, { early: 0, audited: 0 });
  }
  return { ...total, broken, unopened };
}

type Circumstances = Pick<CutOptions, 'lyingDisk' | 'fault' | 'model'>;

/** Expected outcome, given the configuration, the file-system model and the fault. */
export function expectationOf(
  { expect, leavesEntries }: Victim,
  { lyingDisk, fault, model }: Circumstances,
): Victim['expect'] {
  if (lyingDisk || fault?.kind.effect.kind === 'lie') return 'loses';
  return leavesEntries === true && model?.keepsNewEntries === false ? 'loses' : expect;
}

/** Whether the outcome is the expected one. */
export function isAsExpected(
  victim: Victim,
  result: PowerCutFigures,
  circumstances: Circumstances,
): boolean {
  // A fault that never struck proves nothing.
  if (circumstances.fault !== undefined && result.struck === 0) return false;
  const loses = result.lost > 0 || result.broken.length > 0;
  if (expectationOf(victim, circumstances) === 'loses') return loses;
  const opens = (result.unopened ?? []).length === 0 || victim.mayNotOpenNew === true;
  const isEarly = result.early > 0 && victim.mayEncode !== true;
  return !loses && opens && !isEarly && result.acknowledged > 0;
}

/** Describes what this machine lacks to run the database. */
export function missingFor(victim: Victim, { fault }: Pick<CutOptions, 'fault'>): string[] {
  const byStrace = fault?.byStrace === true;
  if (byStrace && fault?.kind.calls === 'syncs' && victim.syncsByWriting === true) {
    return ['syncs by calls of their own: its commits are synced by a write with O_DSYNC'];
  }
  return lacking(['fuse', ...(byStrace ? ['strace'] : []), ...victim.needs]);
}

async function cutOnce(victim: Victim, options: CutOptions, random: Prng, cycle: number) {
  const run = await CutRun.start(victim, options);
  try {
    const {
      acknowledged,
      steps: _,
      ...written
    } = await run.writeUntilCut(random, plannedCut(options, cycle));
    const states: StateFigures[] = [];
    for (const { state, nestedAt } of plannedStates(options, cycle, random)) {
      const judged = await run.judge(state, nestedAt);
      if (judged !== undefined) states.push(judged);
    }
    return { ...written, acknowledged: acknowledged.length, states };
  } finally {
    await run.end();
  }
}

/** Alternates between cuts after an acknowledgement and cuts inside a step. */
function plannedCut({ everyStep, fault }: CutOptions, cycle: number): PlannedCut {
  if (everyStep === true) return { at: cycle + 1 };
  // With a fault, the database's reaction to it comes first.
  return fault !== undefined || cycle % 2 === 0 ? 'after' : 'inside';
}
