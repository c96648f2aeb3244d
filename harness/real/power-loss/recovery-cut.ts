/**
 * RecoveryCut: the power goes again while a victim recovers from a first cut. Afterwards power is back, with
 * a state that the second cut may have left.
 */
import type { FuseMount } from './fuse-mount.ts';
import type { CutRequest } from './volatile/cut-plan.ts';

export interface RecoveryCutParts {
  readonly mount: Pick<FuseMount, 'arm' | 'state' | 'powerOff' | 'restore'>;
  /** Starts the victim and reads from it. Throws where the power goes. */
  recover(): Promise<unknown>;
  /** Ends the victim's processes. */
  kill(): Promise<void>;
}

/**
 * `at`: the step of the recovery in which the power goes. Answers whether it came to that; a shorter
 * recovery is cut behind its last step.
 */
export async function cutRecovery(
  { mount, recover, kill }: RecoveryCutParts,
  state: CutRequest,
  at: number,
): Promise<boolean> {
  await mount.arm({ at });
  try {
    await recover();
  } catch {
    // It lost power, as it was meant to; what it had is judged after the next start.
  }
  const { isOn } = await mount.state();
  await mount.powerOff();
  await kill();
  await mount.restore({ ...state, seed: state.seed + at });
  return !isOn;
}
