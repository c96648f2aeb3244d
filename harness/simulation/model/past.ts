/**
 * Past: the last commits of a store across its incarnations: when each was acknowledged, by which clocks, and the
 * store's content after it.
 */
import type { Prng } from '../../random/prng.ts';
import type { ModelMap } from './model-map.ts';

/** The last commits that are looked back to. */
const PAST_MAX = 40;
/** A date means the commit to the second. */
const GRAIN_MS = 1000;

export interface PastCommit {
  readonly timestamp: number;
  /** Counted from the first. */
  readonly commit: number;
  /** Virtual time. */
  readonly atMs: number;
  /** What the wall clock showed. */
  readonly wallMs: number;
  readonly shows: ModelMap;
}

export class Past {
  #commits: readonly PastCommit[] = [];
  /** Commits so far. */
  count = 0;

  note(commit: Omit<PastCommit, 'commit'>): void {
    this.count++;
    this.#commits = [...this.#commits.slice(1 - PAST_MAX), { ...commit, commit: this.count }];
  }

  pick(random: Prng): PastCommit | undefined {
    return this.#commits.length === 0 ? undefined : random.pick(this.#commits);
  }

  /**
   * The commits one of which was the last at this date, to the second; `undefined` where they are too
   * long ago. Requires: the wall clock never went back.
   */
  lastAt(wallMs: number): readonly PastCommit[] | undefined {
    const commits = this.#commits;
    const first = commits.findLastIndex((commit) => commit.wallMs <= wallMs - GRAIN_MS);
    if (first < 0) return undefined;
    // The next one may have been made by then, and acknowledged later.
    const next = commits.findIndex((commit) => commit.wallMs > wallMs);
    return commits.slice(first, next < 0 ? undefined : next + 1);
  }
}
