/**
 * Incarnations of one simulated store, in one virtual time: each opens the disk image that the previous crash or
 * close left.
 */
import type { CrashMode } from '../../contract/fault.ts';
import type { Prng } from '../../random/prng.ts';
import { DIRECTORY } from '../explore/record-run.ts';
import { Scheduler } from '../sim/scheduler.ts';
import type { SimDisk, SimDiskOptions } from '../sim/sim-disk.ts';
import type { SimulatedTarget } from '../sim/simulated-target.ts';
import { type ScheduledOptions, scheduledWorld, type World } from '../sim/world.ts';

/** What a store is opened in. */
export type Environment = World['env'];

/** How fast the disk and background work are, in virtual milliseconds, and what the wall clock shows. */
export type Pace = Pick<ScheduledOptions, 'stepMs' | 'syncMs' | 'wallMs'>;

export class Incarnations {
  readonly #target: SimulatedTarget;
  readonly #random: Prng;
  readonly #drawPace: (random: Prng) => Pace;
  readonly scheduler: Scheduler;
  disk!: SimDisk;
  #env!: Environment;
  #count = 0;
  crashes = 0;

  /** `drawPace`: of each life; left out, the world's own. */
  constructor(
    target: SimulatedTarget,
    random: Prng,
    drawPace: (random: Prng) => Pace = () => ({}),
  ) {
    this.#target = target;
    this.#random = random;
    this.#drawPace = drawPace;
    this.scheduler = new Scheduler(random.derive('scheduler'));
  }

  /** On an empty disk. */
  first(): Environment {
    return this.#next();
  }

  /** On what is left when the process, or the power, goes now. */
  after(mode: CrashMode): Environment {
    return this.afterCut((old, options) => old.crashClone(mode, options));
  }

  /** On what `cut` leaves of the disk. */
  afterCut(cut: (old: SimDisk, options: SimDiskOptions) => SimDisk): Environment {
    const old = this.disk;
    const random = this.#random.derive('crash', ++this.crashes);
    return this.#next((options) => cut(old, { ...options, random }));
  }

  #next(makes?: (options: SimDiskOptions) => SimDisk): Environment {
    const random = this.#random.derive('life', ++this.#count);
    const { disk, env } = scheduledWorld(this.#target, {
      scheduler: this.scheduler,
      random,
      ...this.#drawPace(random.derive('pace')),
      ...(makes === undefined ? {} : { disk: makes }),
    });
    this.disk = disk;
    this.#env = env;
    return env;
  }

  /** What the wall clock shows. */
  wallMs(): number {
    return this.#env.clock.wallMs();
  }

  /** Throws what the store's own walk over its files finds first. */
  verify(): void {
    const [problem] = this.#target.verify(this.#env.disk, DIRECTORY);
    if (problem !== undefined) throw new Error(`verify: ${problem}`);
  }

  /** Throws for what no disk allows, as a loop without end: the store may have caught it. */
  refuseBreach(): void {
    if (this.disk.breach !== undefined) throw new Error(this.disk.breach);
  }

  /** Requires: the store is closed. */
  refuseOpenFiles(): void {
    const { openFiles } = this.disk;
    if (openFiles > 0) throw new Error(`${openFiles} files are left open`);
  }
}
