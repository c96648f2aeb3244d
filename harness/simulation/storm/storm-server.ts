/**
 * StormServer: the store of a storm, across its crashes. Each process has a world of its own; a crash ends it
 * and leaves a disk, on which the next process opens.
 */
import type { CrashMode } from '../../contract/fault.ts';
import type { EventType } from '../../contract/history.ts';
import type { Session, Settings, Store } from '../../contract/target.ts';
import type { Prng } from '../../random/prng.ts';
import type { Content } from '../sim/direct-store.ts';
import type { Ledger } from '../sim/ledger.ts';
import type { Scheduler } from '../sim/scheduler.ts';
import type { SimDisk, SimDiskOptions } from '../sim/sim-disk.ts';
import type { SimulatedTarget } from '../sim/simulated-target.ts';
import { instantWorld, scheduledWorld, type World } from '../sim/world.ts';
import { DiskTrouble } from './disk-trouble.ts';
import { ENDING_FAULTS } from './knobs.ts';
import type { Milestone } from './milestones.ts';
import type { StormPlan } from './storm-plan.ts';
import { UnsteadyClock } from './unsteady-clock.ts';

const DIRECTORY = 'store';
const PAUSE_MS = 1;
const BIG_SECTOR = 4096;
const NESTED_MAX = 3;
/** A recovery that fails so often on a failing disk is given a good one: someone has changed it. */
const BAD_STARTS_MAX = 4;
const FULL_MS = 300;
const SPARE_BYTES = 4096;
/** Storms are drawn between this force and 1, as many of each magnitude. */
const LEAST_FORCE = 0.3;
/** Number of crashes whose loss is determined; each costs two recoveries. */
const LOOKED_AT: Readonly<Record<Ending, number>> = {
  kill: 0.05,
  'lose-unsynced': 0.7,
  'keep-some': 0.7,
  'keep-garbage': 0.7,
  'keep-all': 0.05,
};

export interface ServerParts {
  readonly target: SimulatedTarget;
  readonly settings: Settings;
  readonly plan: StormPlan;
  readonly random: Prng;
  readonly scheduler: Scheduler;
  readonly ledger: Ledger;
}

interface Life {
  readonly disk: SimDisk;
  readonly store: Store;
}

/** Callbacks for the end of the process. */
export interface Mourner {
  readonly tell: () => void;
  /** Among all of them. */
  place: number;
}

type Ending = (typeof ENDING_FAULTS)[number];

/** What each way to end a process leaves of its disk. */
const LEAVES: Readonly<Record<Ending, CrashMode>> = {
  kill: 'kill',
  'lose-unsynced': 'none-kept',
  'keep-some': 'torn',
  'keep-garbage': 'garbage',
  'keep-all': 'all-kept',
};

interface StormWorld extends World {
  readonly random: Prng;
}

type Makes = (options: SimDiskOptions) => SimDisk;

export class StormServer {
  readonly #parts: ServerParts;
  readonly #random: Prng;
  readonly #clock: UnsteadyClock;
  /** How hard the disk's faults strike in this storm. */
  readonly #force: number;
  readonly milestones = new Set<Milestone>();
  #mourners: Mourner[] = [];
  #life: Life | undefined;
  /** Settles when the store serves again. */
  #starting: Promise<void> | undefined;
  #troubled = false;
  #lives = 0;
  #breach: string | undefined;
  crashes = 0;
  hasFailed = false;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    this.#random = parts.random.derive('server');
    this.#force = LEAST_FORCE ** parts.random.derive('force').fraction();
    this.#clock = new UnsteadyClock(parts.plan.faults, this.#random.derive('clock'), parts.ledger);
  }

  /** Turns the disk's faults on or off. */
  trouble(on: boolean): void {
    this.#troubled = on;
    const disk = this.#life?.disk;
    if (!on && disk !== undefined) disk.capacityBytes = Number.MAX_SAFE_INTEGER;
  }

  start(): Promise<void> {
    return this.#begin(undefined);
  }

  /** A connection to the running process, or to the next one. */
  session(): Promise<Session> {
    return this.#life?.store.connect() ?? this.#nextSession();
  }

  async #nextSession(): Promise<Session> {
    while (this.#life === undefined) await (this.#starting ?? this.#parts.scheduler.sleep(1));
    return await this.#life.store.connect();
  }

  /** Calls `tell` once, when the running process, or the next one if none runs, has ended. */
  whenGone(tell: () => void): Mourner {
    const mourner = { tell, place: this.#mourners.length };
    this.#mourners.push(mourner);
    return mourner;
  }

  /** Requires: it was not told. */
  forget({ place }: Mourner): void {
    const last = this.#mourners.pop()!;
    if (last.place === place) return;
    last.place = place;
    this.#mourners[place] = last;
  }

  /** What clients were told, for the milestones, and to know when the store must be started again. */
  noteOutcome(type: EventType, value: unknown): void {
    if (type === 'ok') this.milestones.add('operation acknowledged');
    if (type === 'info') this.milestones.add('outcome unknown');
    if (type === 'fail' && value === 'conflict') this.milestones.add('transaction refused');
    if (value === 'store-failed' || value === 'io') {
      this.hasFailed = true;
      if (value === 'store-failed') this.milestones.add('store refused writes');
    }
  }

  /** Ends the process in one of the ways that are turned on. */
  async crash(): Promise<void> {
    const life = this.#life;
    if (life === undefined) return; // it is down already
    const { faults } = this.#parts.plan;
    const kinds = ENDING_FAULTS.filter((kind) => faults.has(kind));
    if (kinds.length > 0) await this.#crashAs(life, this.#random.pick(kinds));
  }

  /** Restarts a failed store, as an operator would. */
  async restart(): Promise<void> {
    if (this.#life === undefined) await this.#starting;
    else await this.#crashAs(this.#life, 'kill');
  }

  /** The disk is full for a while. */
  async fillDisk(): Promise<void> {
    const { ledger, scheduler } = this.#parts;
    const disk = this.#life?.disk;
    if (disk === undefined) return;
    ledger.struck('disk-full');
    disk.capacityBytes = disk.usedBytes + SPARE_BYTES;
    await scheduler.sleep(FULL_MS);
    if (disk.refusals > 0) ledger.mattered('disk-full');
    disk.capacityBytes = Number.MAX_SAFE_INTEGER;
  }

  /** What the store's own walk finds in the end. */
  problem(): string | undefined {
    const disk = this.#life?.disk;
    const breach = this.#breach ?? disk?.breach;
    if (breach !== undefined) return breach;
    if (disk === undefined) return 'the store is not running';
    const [found] = this.#parts.target.verify(disk, DIRECTORY);
    return found === undefined ? undefined : `verify: ${found}`;
  }

  async #crashAs(life: Life, kind: Ending): Promise<void> {
    const { ledger } = this.#parts;
    this.#life = undefined;
    this.hasFailed = false;
    this.crashes++;
    this.#breach ??= life.disk.breach;
    const mode = LEAVES[kind];
    const random = this.#random.derive(`crash ${this.crashes}`);
    ledger.struck(kind);
    if (kind === 'keep-some' && this.#sectorBytes > 512) ledger.struck('big-sectors');
    const left = (options: SimDiskOptions) =>
      life.disk.crashClone(mode, { ...options, random: random.derive('clone') });
    // A kill and a late power cut matter by what they interrupt.
    let matters = kind === 'kill' || kind === 'keep-all';
    if (random.derive('look').chance(LOOKED_AT[kind])) {
      const same = await this.#recoversAll(life.disk, left);
      if (same !== undefined) {
        this.milestones.add(same ? 'recovered all' : 'recovered with less');
        matters ||= !same;
      }
    }
    if (matters) {
      ledger.mattered(kind);
      if (kind === 'keep-some' && this.#sectorBytes > 512) ledger.mattered('big-sectors');
    }
    const mourners = this.#mourners;
    this.#mourners = [];
    for (const { tell } of mourners) tell();
    await this.#begin(left);
  }

  get #sectorBytes(): number {
    return this.#parts.plan.faults.has('big-sectors') ? BIG_SECTOR : 512;
  }

  /** Whether the disk recovers to the same content as after a kill; `undefined` if either does not recover. */
  async #recoversAll(disk: SimDisk, left: Makes): Promise<boolean | undefined> {
    const options = {
      random: this.#random.derive('look'),
      error: this.#parts.target.diskError,
      sectorBytes: this.#sectorBytes,
    };
    const before = await this.#contentOf(disk.crashClone('kill', options));
    const after = await this.#contentOf(left(options));
    if (before === undefined || after === undefined) return undefined;
    return JSON.stringify(before) === JSON.stringify(after);
  }

  async #contentOf(disk: SimDisk): Promise<Content | undefined> {
    const { target, settings } = this.#parts;
    try {
      const { env } = instantWorld(target, disk, this.#random.derive('look'));
      return (await target.openDirect(env, DIRECTORY, settings)).read();
    } catch {
      return undefined; // the real recovery will say what is wrong
    }
  }

  #begin(makes: Makes | undefined): Promise<void> {
    this.#starting = this.#bringUp(makes).finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  /** Recovers, repeatedly if it crashes or fails meanwhile. Throws if recovery is impossible. */
  async #bringUp(first: Makes | undefined): Promise<void> {
    const { plan, ledger } = this.#parts;
    let makes = first;
    let nested = 0;
    for (let failures = 0; ; ) {
      const life = this.#world(makes, failures < BAD_STARTS_MAX);
      const opening = this.#open(life);
      const nests = first !== undefined && plan.faults.has('crash-in-recovery');
      if (nests && this.#troubled && nested < NESTED_MAX && this.#random.chance(0.3)) {
        nested++;
        ledger.struck('crash-in-recovery');
        opening.catch(() => undefined);
        await this.#parts.scheduler.sleep(3 * this.#random.fraction());
        const random = this.#random.derive(`nested ${this.#lives}`);
        const kind = random.pick(['torn', 'none-kept', 'kill'] as const);
        if (life.disk.crashPieces().length > 0) ledger.mattered('crash-in-recovery');
        makes = (options) => life.disk.crashClone(kind, { ...options, random });
        continue;
      }
      try {
        const store = await opening;
        this.#life = { disk: life.disk, store };
        if (nested > 0) this.milestones.add('crashed while recovering');
        if (failures > 0) this.milestones.add('recovery refused');
        return;
      } catch (error) {
        // Only a disk that fails excuses a recovery that does.
        const excused = this.#troubled && failures < BAD_STARTS_MAX;
        if (!excused || !('code' in (error as object))) throw error;
        failures++;
        const random = this.#random.derive(`failed ${this.#lives}`);
        makes = (options) => life.disk.crashClone('kill', { ...options, random });
      }
    }
  }

  #world(makes: Makes | undefined, troubled: boolean): StormWorld {
    const { target, scheduler, plan, ledger } = this.#parts;
    const random = this.#random.derive(`life ${++this.#lives}`);
    const trouble = new DiskTrouble({
      faults: plan.faults,
      random: random.derive('trouble'),
      scheduler,
      ledger,
      error: target.diskError,
      force: this.#force,
      isOn: () => this.#troubled && troubled,
    });
    const world = scheduledWorld(target, {
      scheduler,
      random,
      trouble,
      sectorBytes: this.#sectorBytes,
      wallMs: (trueMs) => this.#clock.wallMs(trueMs),
      ...(makes === undefined ? {} : { disk: makes }),
    });
    return { ...world, random };
  }

  #open({ env, random }: StormWorld): Promise<Store> {
    const { target, settings, scheduler } = this.#parts;
    const pausing = random.derive('pause');
    const pause = () => scheduler.sleep(pausing.fraction() * PAUSE_MS);
    return target.open(env, DIRECTORY, settings, pause);
  }
}
