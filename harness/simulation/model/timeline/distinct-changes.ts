/** DistinctChanges: commits of one turn, each with an effect that distinguishes it from all others. */
import type { Prng } from '../../../random/prng.ts';
import type { Change } from '../../sim/direct-store.ts';
import type { ModelDraws } from '../model-draws.ts';

const KEYS_MAX = 3;

export class DistinctChanges {
  readonly #random: Prng;
  readonly #draws: ModelDraws;
  #tokens = 0;

  constructor(random: Prng, draws: ModelDraws) {
    this.#random = random;
    this.#draws = draws;
  }

  /** Puts of keys that are not written by the others, with values that nobody else writes. */
  draw(most: number): (readonly Change[])[] {
    const taken = new Set<string>();
    return Array.from({ length: this.#random.between(1, most) }, () => {
      const changes = new Map<string, string>();
      for (const [key] of this.#draws.changes().slice(0, KEYS_MAX)) {
        if (!taken.has(key)) changes.set(key, `unique ${++this.#tokens}`);
        taken.add(key);
      }
      return [...changes];
    }).filter((changes) => changes.length > 0);
  }
}
