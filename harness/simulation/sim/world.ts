/**
 * World: an environment whose every effect is simulated, for one process of the program under
 * test. A crash makes a new world on a clone of the disk.
 *
 * Two kinds: a *scheduled* world, where syncs and background steps are events in virtual time, and
 * an *instant* one, where nothing waits. Recovery of thousands of crash states runs in the latter.
 * In both a loop that never ends is cut off: see `CallLimit`.
 */
import type { Background, Lane, TaskSteps } from '../../../engine/env/background.ts';
import type { Clock } from '../../../engine/env/clock.ts';
import type { Disk, DiskFile } from '../../../engine/env/disk.ts';
import type { Env } from '../../../engine/env/env.ts';
import type { Prng } from '../../random/prng.ts';
import { CallLimit } from './call-limit.ts';
import type { Scheduler } from './scheduler.ts';
import { SimDisk, type SimDiskOptions } from './sim-disk.ts';
import { SimMemory } from './sim-memory.ts';
import type { DiskErrorFactory, Trouble } from './trouble.ts';

/** What a world needs from the program that runs in it. */
export interface Inhabitant {
  runTask(disk: Disk, task: unknown): TaskSteps<unknown>;
  readonly diskError: DiskErrorFactory;
}

export interface World {
  readonly disk: SimDisk;
  readonly memory: SimMemory;
  readonly env: Env;
}

/** A world that only waits when it is told to. */
export interface InstantWorld extends World {
  /** Lets every timer that is set go off, in the order they were set. */
  elapse(): void;
}

/** Wall time at virtual time zero: 2026-01-01. Any constant does. */
const WALL_START_MS = 1_767_225_600_000;
const SYNC_MS = [0.1, 2] as const;
const STEP_MS = [0.01, 0.5] as const;

export interface ScheduledOptions {
  readonly scheduler: Scheduler;
  readonly random: Prng;
  readonly onStep?: (step: string) => void;
  /** Virtual milliseconds between two steps of background work. */
  readonly stepMs?: readonly [low: number, high: number];
  /** Virtual milliseconds that a sync takes. */
  readonly syncMs?: readonly [low: number, high: number];
  /** The disk to live on, made with these options; left out, a new one. */
  readonly disk?: (options: SimDiskOptions) => SimDisk;
  readonly trouble?: Trouble;
  readonly sectorBytes?: number;
  readonly memory?: SimMemory;
  /** What the wall clock shows, to the millisecond, given the true time. Default: the truth. */
  readonly wallMs?: (trueMs: number) => number;
}

export function scheduledWorld(inhabitant: Inhabitant, options: ScheduledOptions): World {
  const { scheduler, random, stepMs = STEP_MS, syncMs = SYNC_MS } = options;
  const delays = random.derive('delays');
  const spread = ([low, high]: readonly [number, number]) =>
    scheduler.sleep(low + delays.fraction() * (high - low));
  const { onStep, trouble, sectorBytes, wallMs = Math.floor } = options;
  const diskOptions: SimDiskOptions = {
    random: random.derive('disk'),
    error: inhabitant.diskError,
    syncDelay: () => spread(syncMs),
    ...(onStep === undefined ? {} : { onStep }),
    ...(trouble === undefined ? {} : { trouble }),
    ...(sectorBytes === undefined ? {} : { sectorBytes }),
  };
  const disk = options.disk?.(diskOptions) ?? new SimDisk(diskOptions);
  const clock: Clock = {
    wallMs: () => wallMs(WALL_START_MS + scheduler.nowMs),
    monotonicMs: () => scheduler.nowMs,
    after: (delayMs, run) => scheduler.after(delayMs, run),
    rest: (ms) => scheduler.sleep(ms),
  };
  const limit = new CallLimit(disk, () => scheduler.fired);
  const counted = { disk: limit.disk(), clock: limit.clock(clock) };
  const background = steppedBackground(inhabitant, disk, counted.disk, () => spread(stepMs));
  const { memory = new SimMemory() } = options;
  return {
    disk,
    memory,
    env: { ...counted, random: random.derive('engine'), background, memory },
  };
}

/** A world in which nothing waits, around `disk`. */
export function instantWorld(inhabitant: Inhabitant, disk: SimDisk, random: Prng): InstantWorld {
  let ticks = 0;
  let timers: { run: (() => void) | undefined }[] = [];
  const clock: Clock = {
    wallMs: () => WALL_START_MS + ticks,
    monotonicMs: () => ticks++,
    rest: () => Promise.resolve(),
    after(_delayMs, run) {
      const timer: { run: (() => void) | undefined } = { run };
      timers.push(timer);
      return {
        cancel() {
          timer.run = undefined;
        },
      };
    },
  };
  // No turn ends here: calls that change nothing on the disk are counted until one does.
  const counted = new CallLimit(disk, () => disk.steps).disk();
  const background = steppedBackground(inhabitant, disk, counted, undefined);
  const elapse = () => {
    const due = timers;
    timers = [];
    for (const timer of due) timer.run?.();
  };
  const memory = new SimMemory();
  const env = { disk: counted, clock, random: random.derive('engine'), background, memory };
  return { disk, memory, env, elapse };
}

/** Tasks of a lane run one after the other, as on one worker, in steps that other events come between. */
function steppedBackground(
  inhabitant: Inhabitant,
  disk: SimDisk,
  counted: Disk,
  pause: (() => Promise<void>) | undefined,
): Background {
  const queues: Record<Lane, Promise<unknown>> = {
    flush: Promise.resolve(),
    merge: Promise.resolve(),
  };
  let worker = 0;
  const opened = new Set<DiskFile[]>();
  const ended = () => inhabitant.diskError('io', 'the background worker ended', '');
  const inFlight = new Set<(error: Error) => void>();
  const drive = async (task: unknown, mine: number) => {
    if (mine !== worker) throw ended();
    const files: DiskFile[] = [];
    opened.add(files);
    const steps = inhabitant.runTask(counted, task);
    let failure: { readonly error: unknown } | undefined;
    for (;;) {
      if (mine !== worker) throw ended();
      let step: IteratorResult<Promise<void> | undefined, unknown>;
      disk.opening = files;
      try {
        step = failure === undefined ? steps.next() : steps.throw(failure.error);
      } catch (error) {
        opened.delete(files); // a task that failed by itself has closed them, or never will
        throw error;
      } finally {
        disk.opening = undefined;
      }
      if (step.done === true) {
        opened.delete(files);
        return step.value;
      }
      failure = undefined;
      try {
        await (step.value ?? pause?.());
      } catch (error) {
        failure = { error };
      }
    }
  };
  return {
    another: () => steppedBackground(inhabitant, disk, counted, pause),
    run(task, lane) {
      const mine = worker;
      const done = queues[lane].then(() => drive(task, mine));
      queues[lane] = done.catch(() => undefined);
      return new Promise((resolve, reject) => {
        inFlight.add(reject);
        void done.then(resolve, reject).finally(() => inFlight.delete(reject));
      });
    },
    async close() {
      worker++; // the next task starts another
      for (const lane of ['flush', 'merge'] as const) queues[lane] = Promise.resolve();
      for (const files of opened) disk.closeLeft(files); // as the system does for a thread
      opened.clear();
      for (const reject of inFlight) reject(ended());
    },
  };
}
