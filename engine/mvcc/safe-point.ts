/**
 * SafePoint: the lsn below which no snapshot is open and none can be opened, so that versions seen
 * only from there may be reclaimed.
 *
 *     safe point = the older of: the oldest open snapshot, the retention edge
 *
 * It never goes back: what was handed to a flush or a merge once is the floor for `snapshotAt`.
 * Ages use monotonic time, which begins anew with each process; commits from before it count as
 * made at its start, so a restart keeps versions longer, never shorter.
 */
import type { Clock } from '../env/clock.ts';
import { assert } from '../errors.ts';
import type { Retention } from '../options.ts';
import { commitsBefore, type LsnGap } from './lsn-gaps.ts';
import { TimeMap } from './time-map.ts';

/** What recovery found. */
export interface SafePointStart {
  readonly floor: number;
  readonly lastLsn: number;
  readonly gaps: readonly LsnGap[];
}

export class SafePoint {
  readonly #clock: Clock;
  readonly #retain: Retention;
  readonly #ages: TimeMap;
  readonly #gaps: readonly LsnGap[];
  /** Open snapshots: how many at each lsn. */
  readonly #open = new Map<number, number>();
  #floor: number;

  constructor(clock: Clock, retain: Retention, start: SafePointStart) {
    this.#clock = clock;
    this.#retain = retain;
    this.#floor = start.floor;
    this.#gaps = start.gaps;
    this.#ages = new TimeMap([[clock.monotonicMs(), start.lastLsn]]);
  }

  /** The highest safe point handed out. Snapshots below it are too old. */
  get floor(): number {
    return this.#floor;
  }

  get oldestSnapshot(): number | undefined {
    let oldest: number | undefined;
    for (const lsn of this.#open.keys()) if (oldest === undefined || lsn < oldest) oldest = lsn;
    return oldest;
  }

  get openSnapshots(): number {
    let count = 0;
    for (const holders of this.#open.values()) count += holders;
    return count;
  }

  open(lsn: number): void {
    assert(lsn >= this.#floor, 'a snapshot opens at or above the safe point');
    this.#open.set(lsn, (this.#open.get(lsn) ?? 0) + 1);
  }

  close(lsn: number): void {
    const holders = this.#open.get(lsn) ?? 0;
    assert(holders > 0, 'a snapshot closes once');
    if (holders === 1) this.#open.delete(lsn);
    else this.#open.set(lsn, holders - 1);
  }

  committed(lsn: number): void {
    if (this.#retain.ageMs === undefined) return;
    this.#ages.record(this.#clock.monotonicMs(), lsn);
  }

  /** Moves the safe point up as far as snapshots and retention allow, and answers it. */
  advance(visibleLsn: number): number {
    const edges = [visibleLsn, this.oldestSnapshot ?? visibleLsn];
    const { versions, ageMs } = this.#retain;
    if (versions !== undefined) edges.push(commitsBefore(visibleLsn, versions, this.#gaps));
    if (ageMs !== undefined) {
      edges.push(this.#ages.lsnAt(this.#clock.monotonicMs() - ageMs) ?? this.#floor);
    }
    this.#floor = Math.max(this.#floor, Math.min(...edges));
    return this.#floor;
  }
}
