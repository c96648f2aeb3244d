/** MissingStore: opens a store that does not exist, with the option that forbids to create one. */
import { isOperationError, type Settings } from '../../../contract/target.ts';
import { DIRECTORY } from '../../explore/record-run.ts';
import type { SimulatedTarget } from '../../sim/simulated-target.ts';
import type { Answers } from '../answers.ts';
import type { Environment, Incarnations } from '../incarnations.ts';

export const MUST_EXIST: Settings = { mustExist: true };

/** It is refused, and leaves nothing, not even the directory. Requires: the disk is empty. */
export async function refuseToMake(
  target: SimulatedTarget,
  env: Environment,
  { disk }: Incarnations,
  settings: Settings,
  answers: Answers,
): Promise<void> {
  const outcome = await target.openDirect(env, DIRECTORY, { ...settings, ...MUST_EXIST }).then(
    () => 'opened',
    (error: unknown) => (isOperationError(error) && error.definite ? error.code : String(error)),
  );
  answers.same('opening what is not there', outcome, 'store-missing');
  const isThere = disk.identity(DIRECTORY) !== undefined || disk.files().length > 0;
  answers.same('what that leaves', isThere ? 'something' : 'nothing', 'nothing');
}
