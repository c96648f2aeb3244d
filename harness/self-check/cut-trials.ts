/** Trials of power cuts under real databases, as far as they need neither a mount nor a database. */
import { Prng } from '../random/prng.ts';
import { plannedStates } from '../real/power-loss/planned-states.ts';
import { failedStart } from '../real/power-loss/state-figures.ts';
import { NotReadyError } from '../real/server-process.ts';

const STATES = 3;
const CYCLES = 4;

export function tryCuts(): string | undefined {
  return tryNested() ?? tryFailures();
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
