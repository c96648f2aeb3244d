/** A fresh simulated world for the engine in which nothing waits: for tests and quick checks. */
import type { CrashMode } from '../contract/fault.ts';
import { Prng } from '../random/prng.ts';
import { Scheduler } from '../simulation/sim/scheduler.ts';
import { SimDisk, type SimDiskOptions } from '../simulation/sim/sim-disk.ts';
import { instantWorld, scheduledWorld, type World } from '../simulation/sim/world.ts';
import target from './reference-engine-sim.ts';

export function engineWorld(seed = 1, options: Partial<SimDiskOptions> = {}): World {
  const random = new Prng(seed);
  const disk = new SimDisk({ random: random.derive('disk'), error: target.diskError, ...options });
  return instantWorld(target, disk, random);
}

/** A world in virtual time, with the scheduler that moves it. */
export function scheduledEngineWorld(seed = 1): World & { readonly scheduler: Scheduler } {
  const random = new Prng(seed);
  const scheduler = new Scheduler(random.derive('scheduler'));
  return { ...scheduledWorld(target, { scheduler, random }), scheduler };
}

/** The world of the next process after a crash. */
export function engineWorldAfter(world: World, mode: CrashMode, seed = 1): World {
  const random = new Prng(seed);
  const options = { random: random.derive('crash'), error: target.diskError };
  return instantWorld(target, world.disk.crashClone(mode, options), random);
}
