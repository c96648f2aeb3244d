/** Trials of power cuts under real databases, as far as they need neither a mount nor a database. */
import type { PowerCutFigures } from '../contract/power-cut-record.ts';
import type { Validity } from '../contract/verdict.ts';
import { powerCutsVerdict } from '../plans/power-cuts.ts';
import { Prng } from '../random/prng.ts';
import { plannedStates } from '../real/power-loss/planned-states.ts';
import { PoweredFs } from '../real/power-loss/powered-fs.ts';
import { cutRecovery, type RecoveryCutParts } from '../real/power-loss/recovery-cut.ts';
import { failedStart } from '../real/power-loss/state-figures.ts';
import type { CutRequest } from '../real/power-loss/volatile/cut-plan.ts';
import { modelNamed } from '../real/power-loss/volatile/models.ts';
import { VolatileFs } from '../real/power-loss/volatile/volatile-fs.ts';
import { NotReadyError } from '../real/server-process.ts';

const STATES = 3;
const CYCLES = 4;

export async function tryCuts(): Promise<string | undefined> {
  return tryNested() ?? (await tryRecoveries()) ?? tryFailures() ?? tryVerdicts();
}

/** A cut of the recovery comes where it was asked for, and only there. */
function tryNested(): string | undefined {
  for (const nested of [true, false]) {
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      const planned = plannedStates({ states: STATES, nested }, cycle, new Prng(cycle));
      if (planned.length !== STATES) return `${planned.length} states are ${STATES}`;
      const cut = planned.filter(({ nestedAt }) => nestedAt !== undefined).length;
      if (cut !== (nested ? 1 : 0)) return `${cut} recoveries are cut${nested ? '' : ', unasked'}`;
      if (new Set(planned.map(({ state }) => state.seed)).size < STATES) return 'states repeat';
      if ((planned[0]!.state.mode === 'none') !== (cycle % 2 === 0))
        return 'modes do not alternate';
    }
  }
  return undefined;
}

const RECOVERY_STEPS = 3;

/** The power goes inside the recovery, at the step that was named, and what follows is of that cut. */
async function tryRecoveries(): Promise<string | undefined> {
  for (let at = 1; at <= RECOVERY_STEPS + 1; at++) {
    const { mount, recover, text } = playedMount();
    const isCut = await cutRecovery({ mount, recover, kill: async () => undefined }, KEEPS_ALL, at);
    const steps = Math.min(at, RECOVERY_STEPS);
    if (isCut !== at <= RECOVERY_STEPS)
      return `a recovery of ${RECOVERY_STEPS} steps is ${isCut ? '' : 'not '}cut in step ${at}`;
    if (text() !== `step ${steps}`) return `a recovery that is cut in step ${at} leaves ${text()}`;
  }
  return undefined;
}

const KEEPS_ALL: CutRequest = { mode: 'all', seed: 1 };

/** A mount without a process, after its first cut, and a victim whose recovery writes a few times. */
function playedMount() {
  const fs = new VolatileFs({ model: modelNamed('ext4')! });
  const file = { kind: 'file', mode: 0o644, owner: { uid: 0, gid: 0 } } as const;
  fs.make(fs.root, 'f', file);
  const power = new PoweredFs(fs, { lost: () => undefined, restored: () => undefined });
  power.cut();
  power.restore(KEEPS_ALL);
  const mount: RecoveryCutParts['mount'] = {
    arm: async (cut) => {
      power.arm(cut);
      return { lost: Promise.resolve() };
    },
    state: async () => power,
    powerOff: async () => power.cut(),
    restore: async (state) => {
      power.restore(state);
      return '';
    },
  };
  const recover = async () => {
    for (let step = 1; step <= RECOVERY_STEPS; step++) {
      const bytes = Buffer.from(`step ${step}`);
      power.change('write', (now) => now.write(now.find('/f'), bytes, 0));
    }
  };
  return { mount, recover, text: () => power.fs.find('/f').now.content.readAll().toString() };
}

/** A server that a time limit ended was not tried; one that refuses to start has lost something. */
function tryFailures(): string | undefined {
  try {
    const { broken } = failedStart(new NotReadyError('slow', 'no answer'), true);
    return `a server that was not ready in time is ${broken === undefined ? 'whole' : 'broken'}`;
  } catch (error) {
    if (!(error instanceof NotReadyError)) throw error;
  }
  const refuses = new Error('server ended: the log is corrupt');
  if (failedStart(refuses, true).broken === undefined) return 'a server that ended is whole';
  return failedStart(refuses, false).unopened === undefined
    ? 'a server that was never opened is forgotten'
    : undefined;
}

const KEPT: PowerCutFigures = {
  ...{ cuts: CYCLES, states: CYCLES, acknowledged: 90, lost: 0, early: 0, audited: 8 },
  ...{ syncs: 90, struck: 0, refused: 0, broken: [], unopened: [] },
};

const FIGURES: readonly (readonly [what: string, more: Partial<PowerCutFigures>, Validity])[] = [
  ['keeps everything', {}, 'valid'],
  ['lost one write', { lost: 1 }, 'invalid'],
  ['cannot be read', { broken: ['a torn page'] }, 'invalid'],
  ['cannot be opened', { unopened: ['no file'] }, 'invalid'],
  ['acknowledged nothing', { acknowledged: 0 }, 'unknown'],
  ['was not cut as often as planned', { cuts: CYCLES - 1 }, 'unknown'],
];

/** A target that loses is caught, and one that was not tried is not called safe. */
function tryVerdicts(): string | undefined {
  const plan = { kind: 'power-cuts', cycles: CYCLES, records: 100 } as const;
  for (const [what, more, wanted] of FIGURES) {
    const { validity } = powerCutsVerdict(plan, { ...KEPT, ...more });
    if (validity !== wanted) return `a target that ${what} is ${validity}`;
  }
  const unstruck = powerCutsVerdict({ ...plan, fault: 'sync-eio' }, KEPT);
  return unstruck.validity === 'unknown' ? undefined : 'a fault that never struck shows something';
}
