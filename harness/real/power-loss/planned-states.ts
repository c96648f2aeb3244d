/** Which states a cut may have left are judged, drawn from the seed. */
import type { Prng } from '../../random/prng.ts';
import type { CutOptions } from './cut-options.ts';
import type { CutRequest } from './volatile/cut-plan.ts';

/** A cut during recovery comes in one of its first steps, up to this one. */
const NESTED_STEPS_MAX = 60;

export interface PlannedState {
  readonly state: CutRequest;
  /** The step of the recovery from it in which the power goes again. */
  readonly nestedAt: number | undefined;
}

/** The first of every other cut keeps nothing. With `nested` the last is cut again. */
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
