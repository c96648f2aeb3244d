/**
 * CrashJudge: recovers one crash state and judges the recovered store.
 *
 * The store must open; final reads must agree with the history up to the crash; verification must find nothing; one
 * more operation must succeed and be visible afterwards. A fault that cuts the power again does so after the
 * reads, and everything read must remain. A fault that fails a sync of the first recovery kills the process that
 * met the error. The result says whether the fault really acted.
 */
import type { Checker } from '../../contract/checker.ts';
import { judge } from '../../contract/checker.ts';
import type { CrashFault } from '../../contract/fault.ts';
import type { Operation } from '../../contract/history.ts';
import type { Session, Settings } from '../../contract/target.ts';
import { mergeVerdicts, type Verdict } from '../../contract/verdict.ts';
import type { WorkloadInstance } from '../../contract/workload.ts';
import type { Prng } from '../../random/prng.ts';
import type { SimDisk } from '../../simulation/sim/sim-disk.ts';
import type { SimulatedTarget } from '../../simulation/sim/simulated-target.ts';
import { instantWorld } from '../../simulation/sim/world.ts';
import { DIRECTORY } from '../simulation.ts';
import { addOperation, readFinally } from './final-reads.ts';

/** The sequence numbers of operations done after a crash begin here. */
const AFTER_CRASH = 1_000_000;
const RECOVERY_SYNCS_MAX = 6;

export interface JudgeParts {
  readonly target: SimulatedTarget;
  readonly settings: Settings;
  readonly workload: WorkloadInstance;
  readonly checkers: readonly Checker[];
}

export interface JudgedCrash {
  readonly verdict: Verdict;
  /** Whether the fault did all that it says: the sync failed, the power was cut once more. */
  readonly acted: boolean;
}

/** Never throws. `disk` is a clone that this call may change. */
export async function judgeCrash(
  parts: JudgeParts,
  fault: CrashFault,
  disk: SimDisk,
  before: readonly Operation[],
  random: Prng,
): Promise<JudgedCrash> {
  const operations = [...before];
  let syncFailed = false;
  let cutAgain = false;
  const judged = (verdict: Verdict): JudgedCrash => ({
    verdict,
    acted: (!fault.failRecoverySync || syncFailed) && (!fault.thenCutPower || cutAgain),
  });
  try {
    if (fault.failRecoverySync) {
      const failed = await failRecovery(parts, disk, random);
      disk = failed.disk;
      syncFailed = failed.acted;
    }
    let opened = await openStore(parts, disk, random);
    await readFinally(parts.workload, opened, operations);
    if (fault.thenCutPower) {
      const options = { random: random.derive('cut'), error: parts.target.diskError };
      const after = disk.crashClone(random.chance(0.5) ? 'none-kept' : 'torn', options);
      cutAgain = after.effect !== undefined;
      opened = await openStore(parts, after, random);
      await readFinally(parts.workload, opened, operations);
      disk = after;
    }
    const problems = parts.target.verify(disk, DIRECTORY);
    if (problems.length > 0) return judged(invalid(`verify after recovery: ${problems[0]}`));
    await writeOnce(parts, opened, operations, random);
  } catch (error) {
    return judged(invalid(`recovery failed: ${(error as Error)?.message ?? String(error)}`));
  }
  return judged(mergeVerdicts(parts.checkers.map((checker) => judge(checker, operations))));
}

async function openStore(parts: JudgeParts, disk: SimDisk, random: Prng): Promise<Session> {
  const { env } = instantWorld(parts.target, disk, random);
  const store = await parts.target.open(env, DIRECTORY, parts.settings);
  return store.connect();
}

/**
 * A recovery that meets a failing sync; it may fail, and then the process is gone. One with fewer
 * syncs than were drawn is done again, and its first sync fails.
 */
async function failRecovery(parts: JudgeParts, disk: SimDisk, random: Prng) {
  const killed = (one: SimDisk) =>
    one.crashClone('kill', { random: random.derive('kill'), error: parts.target.diskError });
  const spare = killed(disk);
  for (const [tried, sync] of [
    [disk, random.between(1, RECOVERY_SYNCS_MAX)],
    [spare, 1],
  ] as const) {
    tried.failSyncIn(sync);
    try {
      await openStore(parts, tried, random);
    } catch {
      // A store that can't sync may refuse to open.
    }
    if (tried.failedSyncs > 0) return { disk: killed(tried), acted: true };
  }
  return { disk: killed(spare), acted: false };
}

/** The store takes an operation after recovery, and it shows. */
async function writeOnce(
  parts: JudgeParts,
  session: Session,
  operations: Operation[],
  random: Prng,
): Promise<void> {
  const generator = random.derive('after');
  const { f, value } = parts.workload.next({ random: generator, sequence: AFTER_CRASH });
  let type: 'ok' | 'fail' = 'ok';
  let output: unknown;
  try {
    output = await parts.workload.invoke(session, { f, value });
  } catch (error) {
    if ((error as { definite?: boolean }).definite !== true) throw error;
    type = 'fail';
    output = (error as { code?: string }).code;
  }
  addOperation(operations, { f, input: value, output, type });
  await readFinally(parts.workload, session, operations);
}

function invalid(reason: string): Verdict {
  return { validity: 'invalid', reasons: [reason], counts: {} };
}
