/**
 * Timeline: every commit that a store acknowledged and still has, across its incarnations, with the content after
 * each.
 *
 * Invariants:
 * 1. Timestamps ascend and are never reused, not even that of a commit that a crash took.
 * 2. The first `durable` commits survive every kill and power cut.
 */
import type { Change } from '../../sim/direct-store.ts';
import { ModelMap } from '../model-map.ts';

export interface Commit {
  readonly timestamp: number;
  readonly acknowledgedMs: number;
  readonly changes: readonly Change[];
  /** Of how many of the store's commits; more than one after a crash, whose order is not known. */
  readonly commits: number;
  readonly shows: ModelMap;
}

const BEGINNING: Commit = {
  timestamp: 0,
  acknowledgedMs: 0,
  changes: [],
  commits: 1,
  shows: new ModelMap(),
};

export class Timeline {
  #commits: Commit[] = [];
  /** The highest timestamp ever seen, of commits that were lost, too. */
  #highest = 0;
  durable = 0;

  get count(): number {
    return this.#commits.length;
  }

  get last(): Commit {
    return this.#commits.at(-1) ?? BEGINNING;
  }

  /** What the store holds now. */
  get now(): ModelMap {
    return this.last.shows;
  }

  commit(index: number): Commit {
    return this.#commits[index] ?? BEGINNING;
  }

  /** Throws an Error for a timestamp that was given out before. */
  acknowledged(timestamp: number, changes: readonly Change[], nowMs: number, commits = 1): void {
    if (timestamp <= this.#highest) {
      throw new Error(`a commit got timestamp ${timestamp}, and ${this.#highest} was given out`);
    }
    this.#highest = timestamp;
    const shows = this.now.copy();
    shows.apply(changes);
    this.#commits.push({ timestamp, acknowledgedMs: nowMs, changes, commits, shows });
  }

  /** How many commits there are up to a timestamp. */
  countAt(timestamp: number): number {
    return 1 + this.#commits.findLastIndex((commit) => commit.timestamp <= timestamp);
  }

  /** What the store held when `count` commits were made. */
  contentAt(count: number): ModelMap {
    return this.commit(count - 1).shows;
  }

  /** The keys that commits after the first `count` wrote. */
  writtenSince(count: number): readonly string[] {
    return this.#commits.slice(count).flatMap(({ changes }) => changes.map(([key]) => key));
  }

  /** How many of the first commits were acknowledged at `timeMs` or before. */
  acknowledgedBy(timeMs: number): number {
    return 1 + this.#commits.findLastIndex(({ acknowledgedMs }) => acknowledgedMs <= timeMs);
  }

  /** A crash took all but the first `count` commits; what is left was read, and stays. */
  cutTo(count: number): void {
    this.#commits.length = count;
    this.durable = count;
  }
}
