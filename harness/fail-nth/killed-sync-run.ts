/**
 * KilledSyncRun: each sync of a store fails once, and the process is killed before it hears of it. The pages
 * look clean to the next process and are not on the medium; then the power is cut. Returns what is wrong:
 *
 * 1. The store opens after the kill, with every acknowledged write, and takes more.
 * 2. It opens after the cut with the same content: what was read or acknowledged stays.
 */
import type { Settings } from '../contract/target.ts';
import { Prng } from '../random/prng.ts';
import { DIRECTORY } from '../simulation/explore/record-run.ts';
import type { DirectStore } from '../simulation/sim/direct-store.ts';
import { SimDisk, type SimDiskOptions } from '../simulation/sim/sim-disk.ts';
import type { SimulatedTarget } from '../simulation/sim/simulated-target.ts';
import type { Trouble } from '../simulation/sim/trouble.ts';
import { instantWorld } from '../simulation/sim/world.ts';

/** Of several pages: what was replayed leaves the end of a reused log file as it was. */
const SEGMENT_BYTES = 16 * 1024;
const VALUE_BYTES = 400;
/** A segment and more. */
const WRITES = 50;
const WRITES_AFTER = 2;

export class KilledSyncRun {
  readonly #target: SimulatedTarget;
  readonly #settings: Settings;
  readonly #random: Prng;
  readonly #options: SimDiskOptions;
  readonly #acknowledged = new Map<string, string>();
  #left: SimDisk | undefined;
  /** Whether there were as many syncs. */
  hasFailed = false;

  /** Requires: commits wait for their sync. */
  constructor(target: SimulatedTarget, settings: Settings, seed: number) {
    this.#target = target;
    this.#settings = { ...settings, segmentBytes: SEGMENT_BYTES };
    this.#random = new Prng(seed);
    this.#options = { random: this.#random.derive('disk'), error: target.diskError };
  }

  /** `failing`: which sync, from 1. Never throws. */
  async problem(failing: number): Promise<string | undefined> {
    try {
      await this.#writeUntilKilled(failing);
      if (this.#left === undefined) return undefined;
      const store = await this.#open(this.#left);
      this.#refuseLoss(store, 'after the kill');
      for (let i = 0; i < WRITES_AFTER; i++) await this.#write(store, `after ${i}`);
      const content = JSON.stringify(store.read());
      const cut = this.#left.crashClone('none-kept', this.#options);
      const again = await this.#open(cut);
      this.#refuseLoss(again, 'after the power cut');
      const [problem] = this.#target.verify(cut, DIRECTORY);
      if (problem !== undefined) return `verify: ${problem}`;
      const isSame = JSON.stringify(again.read()) === content;
      return isSame ? undefined : 'what was read after the kill is gone after the power cut';
    } catch (error) {
      return String((error as Error)?.message ?? error);
    }
  }

  /** The disk is kept as it is at the first call after the failed sync, or at the end. */
  async #writeUntilKilled(failing: number): Promise<void> {
    let syncs = 0;
    const kill = () => {
      if (this.hasFailed) this.#left ??= disk.crashClone('kill', this.#options);
    };
    const trouble: Trouble = {
      read: kill,
      change: kill,
      write(_path, bytes) {
        kill();
        return bytes;
      },
      sync: () => {
        kill();
        if (++syncs !== failing) return 'done';
        this.hasFailed = true;
        return 'fails';
      },
    };
    const disk = new SimDisk({ ...this.#options, trouble });
    try {
      const store = await this.#open(disk);
      for (let i = 0; i < WRITES; i++) await this.#write(store, `key ${i}`);
    } catch (error) {
      if (!this.hasFailed) throw error;
    }
    kill();
  }

  async #write(store: DirectStore, key: string): Promise<void> {
    const value = key.padEnd(VALUE_BYTES, '.');
    await store.write([[key, value]]);
    if (this.#left === undefined || key.startsWith('after')) this.#acknowledged.set(key, value);
  }

  #open(disk: SimDisk): Promise<DirectStore> {
    const { env } = instantWorld(this.#target, disk, this.#random.derive('life', disk.steps));
    return this.#target.openDirect(env, DIRECTORY, this.#settings);
  }

  #refuseLoss(store: DirectStore, when: string): void {
    for (const [key, value] of this.#acknowledged) {
      if (store.get(key) !== value) throw new Error(`${when} "${key}", acknowledged, is not there`);
    }
  }
}
