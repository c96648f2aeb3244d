/** Chooses, from the seed, which of the states that a cut may have left are recovered. */
import type { Prng } from '../../random/prng.ts';
import type { CutOptions } from './cut-options.ts';
import type { CutRequest } from './volatile/cut-plan.ts';

/** A nested cut comes in one of the first steps of a recovery, up to this one. */
const NESTED_STEPS_MAX = 60;

export interface PlannedState {
  readonly state: CutRequest;
  /** The step of its recovery in which the power is cut again. */
  readonly nestedAt: number | undefined;
}

/**
 * The first state of every other cut keeps nothing. With `nested`, the recovery of the last state is
 * cut again.
 */
export function plannedStates(
  {
    states: count = 1,
    nested = false,
    state: given,
  }: Pick<CutOptions, 'states' | 'nested' | 'state'>,
  cycle: number,
  random: Prng,
): PlannedState[] {
  return Array.from({ length: count }, (_, number) => {
    const isNested = nested && number === count - 1;
    const nestedAt = isNested ? random.between(1, NESTED_STEPS_MAX) : undefined;
    const mode = cycle % 2 === 0 && number === 0 ? 'none' : 'some';
    return { state: { mode, ...given, seed: random.nextUint32() }, nestedAt };
  });
}
