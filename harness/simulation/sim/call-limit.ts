/**
 * CallLimit: ends a program that loops forever within one turn of the simulation. Virtual time stands
 * still meanwhile, and no other event fires: so calls into the disk and the clock are counted, from
 * turn to turn. One call too many is a breach of the disk, and it and each one after it throws.
 *
 * What it does not see: a loop that makes no call, and one that catches everything.
 */
import type { Clock } from '../../../engine/env/clock.ts';
import type { Disk } from '../../../engine/env/disk.ts';
import type { SimDisk } from './sim-disk.ts';

/** A turn of a small store takes at most about 200. */
const CALLS_MAX = 1_000_000;

const DISK_CALLS = [
  'open',
  'allocate',
  'close',
  'size',
  'readAt',
  'waited',
  'writeAt',
  'append',
  'sync',
  'writeDurable',
  'truncate',
  'rename',
  'remove',
  'list',
  'createDirectory',
  'resolve',
  'identity',
  'syncDirectory',
  'lock',
] as const satisfies readonly (keyof Disk)[];

export class CallLimit {
  readonly #disk: SimDisk;
  /** Which turn of the simulation it is. */
  readonly #turn: () => number;
  readonly #most: number;
  #counted = -1;
  #calls = 0;

  constructor(disk: SimDisk, turn: () => number, most = CALLS_MAX) {
    this.#disk = disk;
    this.#turn = turn;
    this.#most = most;
  }

  /** The same disk, every call counted. */
  disk(): Disk {
    const disk = this.#disk as Disk;
    const counted: Record<string, unknown> = {};
    for (const name of DISK_CALLS) {
      const call = disk[name] as ((...given: unknown[]) => unknown) | undefined;
      if (call === undefined) continue;
      counted[name] = (...given: unknown[]) => {
        this.#count(name);
        return call.apply(disk, given);
      };
    }
    return counted as unknown as Disk;
  }

  /** The same clock, every look at it and every timer counted. */
  clock(clock: Clock): Clock {
    const counted =
      <T extends readonly unknown[], R>(name: string, call: (...given: T) => R) =>
      (...given: T): R => {
        this.#count(name);
        return call(...given);
      };
    return {
      wallMs: counted('wallMs', clock.wallMs),
      monotonicMs: counted('monotonicMs', clock.monotonicMs),
      after: counted('after', clock.after),
      rest: counted('rest', clock.rest),
    };
  }

  #count(name: string): void {
    const turn = this.#turn();
    if (turn !== this.#counted) {
      this.#counted = turn;
      this.#calls = 0;
    }
    if (++this.#calls <= this.#most) return;
    const what = `an endless loop: more than ${this.#most} calls in one turn, the last of them ${name}`;
    this.#disk.breach ??= what;
    throw new Error(what);
  }
}
