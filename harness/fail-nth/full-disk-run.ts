/**
 * FullDiskRun: one store on a disk with room for `roomBytes` more. Returns what is wrong:
 *
 * 1. Puts by every call, of new keys and old, one by one and several at once, end in an
 *    acknowledgement or in a definite `disk-full`; and in that only when no further log segment fits.
 *    Reads and deletes go on, and so does the close.
 * 2. What was refused is not there: not at once, and not in any later life.
 * 3. Another program takes every byte that is free whenever the store is closed or killed, or power is
 *    cut. It opens again all the same, shows what was acknowledged, and takes a delete, life after life.
 * 4. Once there is space again, the process that refused puts takes them, reclaims what was deleted,
 *    and leaves no orphaned file.
 */
import { isOperationError, type Settings } from '../contract/target.ts';
import { Prng } from '../random/prng.ts';
import { DIRECTORY, syncsCommits } from '../simulation/explore/record-run.ts';
import {
  type Change,
  type DirectStore,
  WRITE_CALLS,
  type WriteCall,
} from '../simulation/sim/direct-store.ts';
import { Scheduler } from '../simulation/sim/scheduler.ts';
import type { SimDiskOptions } from '../simulation/sim/sim-disk.ts';
import { SimDisk } from '../simulation/sim/sim-disk.ts';
import type { SimulatedTarget } from '../simulation/sim/simulated-target.ts';
import { scheduledWorld, type World } from '../simulation/sim/world.ts';

const LIVES = 4;
const WRITES_MAX = 2000;
const VALUE_BYTES = 230;
const TRIES = 20;
const IDLE_MS = 1500;
/** A row a group, so that a small transaction is among them. */
const GROUP = 3;
/** Puts of a life whose disk is full; then as many at once as there are calls. */
const PUTS_A_LIFE = 4;
const CHANGES_MAX = 3;

export class FullDiskRun {
  readonly #target: SimulatedTarget;
  readonly #settings: Settings;
  readonly #random: Prng;
  readonly #scheduler: Scheduler;
  readonly #roomBytes: number;
  readonly #expected = new Map<string, string>();
  #world: World;
  #store!: DirectStore;
  #lives = 0;
  #written = 0;
  #step = 'the start';

  constructor(target: SimulatedTarget, settings: Settings, seed: number, roomBytes: number) {
    this.#target = target;
    this.#settings = settings;
    this.#roomBytes = roomBytes;
    this.#random = new Prng(seed);
    this.#scheduler = new Scheduler(this.#random.derive('scheduler'));
    this.#world = this.#worldOn((options) => new SimDisk(options));
  }

  /** Never throws. */
  async problem(): Promise<string | undefined> {
    try {
      await this.#scheduler.runUntil(this.#live());
      return undefined;
    } catch (error) {
      return `${this.#step}: ${(error as Error)?.message ?? String(error)}`;
    }
  }

  async #live(): Promise<void> {
    await this.#open();
    for (let i = 0; i < GROUP; i++) await this.#put(`first ${i}`);
    await this.#scheduler.sleep(this.#random.pick([0, 1, IDLE_MS]));
    this.#step = 'until the disk is full';
    this.#world.disk.capacityBytes = this.#world.disk.usedBytes + this.#roomBytes;
    await this.#fill();
    for (let life = 0; life < LIVES; life++) {
      await this.#putSome();
      await this.#readAndDelete();
      await this.#end();
      this.#step = `life ${life + 2}, with no byte free`;
      this.#world.disk.capacityBytes = this.#world.disk.usedBytes;
      await this.#open();
    }
    await this.#fill();
    await this.#readAndDelete();
    this.#step = 'with space again';
    this.#world.disk.capacityBytes = Number.MAX_SAFE_INTEGER;
    await this.#reclaim();
  }

  async #open(): Promise<void> {
    const { env } = this.#world;
    this.#store = await this.#target.openDirect(env, DIRECTORY, this.#settings);
  }

  /** Whether the put was acknowledged. Throws for anything but that and an honest `disk-full`. */
  async #tryPut(changes: readonly Change[], call: WriteCall): Promise<boolean> {
    try {
      await this.#store.write(changes, undefined, call);
    } catch (error) {
      if (!isOperationError(error) || error.code !== 'disk-full' || !error.definite) throw error;
      return false;
    }
    for (const [key, value] of changes) this.#expected.set(key, value!);
    return true;
  }

  async #put(key: string): Promise<void> {
    if (!(await this.#tryPut([this.#change(key)], 'batch'))) throw new Error('a put was refused');
  }

  #change(key: string): Change {
    return [key, `${key}, write ${this.#written++} `.padEnd(VALUE_BYTES, '.')];
  }

  /** Puts until one is refused. */
  async #fill(): Promise<void> {
    for (let i = 0; i < WRITES_MAX; i++) {
      if (!(await this.#tryPut([this.#change(`key ${i}`)], 'batch'))) {
        this.#judgeRoom();
        return;
      }
      if (i % GROUP === 0) await this.#scheduler.sleep(this.#random.below(3));
    }
    throw new Error('no put was refused');
  }

  /** A refused put has met a disk without room for one more file of the log. */
  #judgeRoom(): void {
    const { disk } = this.#world;
    const freeBytes = disk.capacityBytes - disk.usedBytes;
    if (freeBytes < Number(this.#settings.segmentBytes)) return;
    throw new Error(`a put is refused with ${freeBytes} bytes free`);
  }

  /** Each is acknowledged or refused: little is free, and a segment has room left for some. */
  async #putSome(): Promise<void> {
    for (let i = 0; i < PUTS_A_LIFE; i++) {
      const count = 1 + this.#random.below(CHANGES_MAX);
      const changes = Array.from({ length: count }, () => this.#change(`late ${this.#written}`));
      if (this.#random.chance(0.5))
        changes.push(this.#change(this.#random.pick([...this.#expected.keys()])));
      await this.#tryPut(changes, this.#random.pick(WRITE_CALLS));
    }
    this.#readAll();
    const own = (call: WriteCall) => this.#tryPut([this.#change(`late ${this.#written}`)], call);
    await Promise.all(WRITE_CALLS.map(own));
  }

  async #readAndDelete(): Promise<void> {
    this.#readAll();
    const [first] = this.#expected.keys();
    await this.#store.write([[first!, null]]);
    this.#expected.delete(first!);
    await this.#scheduler.sleep(this.#random.pick([0, IDLE_MS]));
    this.#readAll();
    const [problem] = this.#target.verify(this.#world.disk, DIRECTORY);
    if (problem !== undefined) throw new Error(`verify: ${problem}`);
  }

  #readAll(): void {
    const shown = new Map(this.#store.read());
    for (const [key, value] of this.#expected) {
      if (shown.get(key) !== value) throw new Error(`${key} reads ${shown.get(key)?.slice(0, 40)}`);
    }
    if (shown.size > this.#expected.size) throw new Error('there are keys that were never written');
  }

  /** Closed, killed, or without power: what is open is left to a process that is gone. */
  async #end(): Promise<void> {
    const cut = syncsCommits(this.#settings) ? (['none-kept', 'torn'] as const) : [];
    const how = this.#random.pick(['close', 'kill', ...cut] as const);
    if (how === 'close') {
      await this.#store.close();
      if (this.#world.disk.openFiles > 0) throw new Error('files are open after the close');
    }
    const old = this.#world.disk;
    const random = this.#random.derive('end', this.#lives);
    const mode = how === 'close' ? 'kill' : how;
    this.#world = this.#worldOn((options) => old.crashClone(mode, { ...options, random }));
  }

  async #reclaim(): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        await this.#put('again');
        break;
      } catch (error) {
        if (tries === TRIES) throw error;
        await this.#scheduler.sleep(10);
      }
    }
    for (const key of [...this.#expected.keys()].filter((name) => name.startsWith('key'))) {
      await this.#store.write([[key, null]]);
      this.#expected.delete(key);
    }
    await this.#store.compact();
    this.#readAll();
    await this.#store.close();
    const { disk } = this.#world;
    const stray = this.#target.strayFiles?.(disk, DIRECTORY) ?? [];
    if (stray.length > 0) throw new Error(`orphaned files are left: ${stray.join(', ')}`);
    if (disk.breach !== undefined) throw new Error(disk.breach);
  }

  #worldOn(disk: (options: SimDiskOptions) => SimDisk): World {
    const random = this.#random.derive('life', this.#lives++);
    return scheduledWorld(this.#target, { scheduler: this.#scheduler, random, disk });
  }
}
