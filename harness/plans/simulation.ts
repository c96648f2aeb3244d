/**
 * Simulation: one run of a workload on a simulated target, in virtual time, to its end or to the
 * failure of its store. Deterministic: everything follows from the seed.
 */

import { Client } from '../client/client.ts';
import type { HistoryEvent } from '../contract/history.ts';
import type { Settings } from '../contract/target.ts';
import type { Workload } from '../contract/workload.ts';
import { Recorder } from '../history/recorder.ts';
import { Prng } from '../random/prng.ts';
import { Scheduler } from '../simulation/sim/scheduler.ts';
import type { SimDisk } from '../simulation/sim/sim-disk.ts';
import type { SimulatedTarget } from '../simulation/sim/simulated-target.ts';
import { scheduledWorld } from '../simulation/sim/world.ts';

export const DIRECTORY = 'store';
const THINK_MS = 1;
/** A run takes some tens of events an operation; one that takes 200 never ends. */
const OPERATION_EVENTS_MAX = 200;
const EVENTS_MAX = 20_000;

export interface SimulationParts {
  readonly target: SimulatedTarget;
  readonly settings: Settings;
  readonly workload: Workload;
  readonly workloadOptions: Readonly<Record<string, number>>;
  readonly seed: number;
  readonly clients: number;
  readonly operations: number;
  /** Let one sync of the run fail, drawn from the seed. */
  readonly failSync?: boolean;
  /** Called after each disk step once the workload is set up. */
  readonly onStep?: (disk: SimDisk, recorder: Recorder) => void;
}

export interface Simulated {
  readonly events: readonly HistoryEvent[];
  readonly steps: number;
  readonly virtualMs: number;
  readonly schedulerEvents: number;
  /** The next number of the run's stream: equal for equal runs. */
  readonly nextRandom: number;
}

/** Throws when the store can't be opened or the run can't end: that is a finding too. */
export async function simulate(parts: SimulationParts): Promise<Simulated> {
  const random = new Prng(parts.seed);
  const scheduler = new Scheduler(random.derive('scheduler'));
  const recorder = new Recorder(() => scheduler.nowMs);
  const { target, onStep } = parts;
  let watching = false;
  const world = scheduledWorld(target, {
    scheduler,
    random,
    onStep: () => {
      if (watching) onStep?.(world.disk, recorder);
    },
  });
  const thinking = random.derive('think');
  const pause = () => scheduler.sleep(thinking.fraction() * THINK_MS);
  const workload = parts.workload.create({ ...parts.workload.options, ...parts.workloadOptions });

  const run = async () => {
    const store = await target.open(world.env, DIRECTORY, parts.settings, pause);
    await workload.setup(await store.connect());
    if (parts.failSync === true) world.disk.failSyncIn(random.between(1, parts.operations));
    watching = true;
    let processes = 0;
    let sequence = 0;
    const generator = random.derive('generator');
    const oneClient = async () => {
      const session = await store.connect();
      const client = new Client({ session, workload, recorder, newProcess: () => processes++ });
      while (sequence < parts.operations) {
        const next = workload.next({ random: generator, sequence: sequence++ });
        await client.do(next);
        await pause();
      }
    };
    await Promise.all(Array.from({ length: parts.clients }, oneClient));
    const session = await store.connect();
    const reader = new Client({ session, workload, recorder, newProcess: () => processes++ });
    for (const read of workload.finalReads) await reader.do(read);
    await store.close();
  };

  scheduler.endAfter(EVENTS_MAX + parts.operations * OPERATION_EVENTS_MAX);
  await scheduler.runUntil(run());
  if (world.disk.breach !== undefined) throw new Error(world.disk.breach);
  return {
    events: recorder.events(),
    steps: world.disk.steps,
    virtualMs: scheduler.nowMs,
    schedulerEvents: scheduler.fired,
    nextRandom: random.nextUint32(),
  };
}
