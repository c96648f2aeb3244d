/**
 * CutRun: one database on one fresh file system, from start through a power cut and the recovery of the
 * states it may have left.
 *
 * Invariants:
 * 1. an acknowledgement counts only when there was power after it had come;
 * 2. power goes before the processes are killed, and all of them are gone before it comes back;
 * 3. each state is judged on its own: the victim starts, and must have what was acknowledged.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Prng } from '../../random/prng.ts';
import { makeScratch, mountIn, removeScratch } from '../scratch.ts';
import { Watchdog } from '../watchdog.ts';
import type { CutOptions } from './cut-options.ts';
import { FuseMount } from './fuse-mount.ts';
import { endUsersOf } from './mount-users.ts';
import { cutRecovery } from './recovery-cut.ts';
import { failedStart, type StateFigures } from './state-figures.ts';
import { type SyscallFault, SyscallInjector } from './syscall-injector.ts';
import type { Place, RunningVictim, Victim } from './victim.ts';
import type { CutRequest } from './volatile/cut-plan.ts';
import { type PlannedCut, type Written, writeRecords } from './write-records.ts';

export interface SyncFigures {
  readonly syncs: number;
  readonly steps: number;
  readonly struck: number;
}

export class CutRun {
  readonly #victim: Victim;
  readonly #options: CutOptions;
  readonly #place: Place;
  readonly #mount: FuseMount;
  #running: RunningVictim | undefined;
  #acknowledged: readonly number[] = [];
  readonly #seen = new Set<string>();

  private constructor(victim: Victim, options: CutOptions, place: Place, mount: FuseMount) {
    this.#victim = victim;
    this.#options = options;
    this.#place = place;
    this.#mount = mount;
  }

  /** Throws if the first start fails. */
  static async start(victim: Victim, options: CutOptions): Promise<CutRun> {
    const scratch = makeScratch();
    const watchdog = new Watchdog();
    const directory = mountIn(scratch);
    watchdog.guard({ directory: scratch });
    watchdog.guard({ mount: directory });
    mkdirSync(directory);
    if (victim.user !== undefined) spawnSync('chown', [victim.user, scratch]);
    const mount = await FuseMount.on(directory, ownerOf(victim.user), options.model?.name);
    const run = new CutRun(victim, options, { directory, scratch, watchdog }, mount);
    try {
      run.#running = await victim.start(run.#place, true);
    } catch (error) {
      await run.end();
      throw error;
    }
    return run;
  }

  /** Writes records until the power is cut: inside a step, or after the last acknowledgement. */
  async writeUntilCut(random: Prng, cut: PlannedCut): Promise<Written & SyncFigures> {
    const mount = this.#mount;
    const { lyingDisk, fault } = this.#options;
    await mount.lie(lyingDisk);
    const strace = fault?.byStrace === true ? await this.#trace() : undefined;
    if (fault !== undefined && strace === undefined) await mount.plant(fault.kind, fault.at);
    const written = await writeRecords(this.#running!, mount, this.#options, random, cut);
    this.#acknowledged = written.acknowledged;
    // Writes memory-mapped changes back to the file system from time to time.
    if (!written.wasCutInside && random.chance(0.5)) await mount.writeBack();
    await mount.powerOff();
    const { syncs, struck, steps } = await mount.state();
    await this.#kill();
    await strace?.detach();
    await mount.lie(false);
    await mount.plant();
    return { ...written, syncs, steps, struck: strace?.struck ?? struck };
  }

  /**
   * Starts the database on one state that the cut may have left; `undefined` if an equal state was
   * tried before. With `nestedAt` the power is cut again at that step of the recovery, and all later
   * states belong to that second cut.
   */
  async judge(state: CutRequest, nestedAt?: number): Promise<StateFigures | undefined> {
    const fingerprint = await this.#mount.restore(state);
    let recoveriesCut = 0;
    if (nestedAt === undefined) {
      if (this.#seen.has(fingerprint)) return undefined;
      this.#seen.add(fingerprint);
    } else if (await this.#cutRecovery(state, nestedAt)) recoveriesCut = 1;
    try {
      this.#running = await this.#victim.start(this.#place, false);
      const there = await this.#running.read();
      const lost = this.#acknowledged.filter((number) => !there.has(number)).length;
      return { lost, recoveriesCut };
    } catch (error) {
      return { ...failedStart(error, this.#acknowledged.length > 0), recoveriesCut };
    } finally {
      await this.#kill();
    }
  }

  async end(): Promise<void> {
    await this.#kill().catch(() => undefined);
    await this.#mount.unmount();
    await this.#place.watchdog.end();
    removeScratch(this.#place.scratch);
  }

  /** Whether the power went inside the recovery. */
  #cutRecovery(state: CutRequest, at: number): Promise<boolean> {
    const recover = async () => {
      this.#running = await this.#victim.start(this.#place, false);
      await this.#running.read();
    };
    const kill = () => this.#kill();
    return cutRecovery({ mount: this.#mount, recover, kill }, state, at);
  }

  async #trace(): Promise<SyscallInjector> {
    const { kind, at } = this.#options.fault!;
    const { directory, scratch } = this.#place;
    if (!('injection' in kind)) throw new Error('strace cannot make this fault');
    const log = join(scratch, 'strace.log');
    return SyscallInjector.attach({
      ...{ fault: kind as SyscallFault, at, directory, log },
      pid: this.#running!.pid,
    });
  }

  async #kill(): Promise<void> {
    await this.#running?.kill();
    this.#running = undefined;
    await endUsersOf(this.#place.directory);
  }
}

function ownerOf(user: string | undefined): { uid: number; gid: number } | undefined {
  if (user === undefined) return undefined;
  const id = (flag: string) => Number(spawnSync('id', [flag, user]).stdout.toString().trim());
  return { uid: id('-u'), gid: id('-g') };
}
