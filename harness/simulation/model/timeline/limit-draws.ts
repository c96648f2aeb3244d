/**
 * LimitDraws: values that bring a commit within a few bytes of a limit: what a segment takes, and what
 * a block does. The first is found by trying, so that nothing here knows the store's formats.
 */
import type { Settings } from '../../../contract/target.ts';
import type { Prng } from '../../../random/prng.ts';
import type { Change } from '../../sim/direct-store.ts';

/** Larger segments take too long to fill. */
const SEGMENT_MAX = 64 * 1024;
const BELOW = 80;
const ABOVE = 12;
/** A segment that has nothing yet, not even a mark, takes so much more. */
const UNSURE = 64;
const PROBE = 'limit';

export interface LimitDraw {
  readonly change: readonly [key: string, value: string];
  /** Nothing where it depends on what the segment has already. */
  readonly fits: boolean | undefined;
}

export class LimitDraws {
  readonly #random: Prng;
  readonly #segmentBytes: number;
  readonly #blockBytes: number;
  /** Bytes that key and value of one commit may have together. */
  #most: number | undefined;

  constructor(random: Prng, { segmentBytes, blockBytes }: Settings) {
    this.#random = random;
    this.#segmentBytes = typeof segmentBytes === 'number' ? segmentBytes : Number.MAX_SAFE_INTEGER;
    this.#blockBytes = typeof blockBytes === 'number' ? blockBytes : 8192;
  }

  /** What a segment takes beside one commit's key and value, for bounds. */
  get logOverhead(): number {
    return this.#most === undefined ? this.#segmentBytes : this.#segmentBytes - this.#most + 512;
  }

  /** By halving: the largest value that `write` takes. */
  async find(write: (changes: readonly Change[]) => Promise<boolean>): Promise<void> {
    if (this.#segmentBytes > SEGMENT_MAX) return;
    let [low, high] = [0, this.#segmentBytes];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (await write([[PROBE, 'x'.repeat(middle)]])) low = middle;
      else high = middle;
    }
    this.#most = PROBE.length + low;
  }

  draw(key: string): LimitDraw | undefined {
    const most = this.#most;
    if (most === undefined) return undefined;
    const random = this.#random;
    const base = random.pick([most, most, most, most / 2, this.#blockBytes, 2 * this.#blockBytes]);
    const keyBytes = Buffer.byteLength(key);
    const over = random.chance(0.1) ? UNSURE : 0;
    const bytes = Math.max(0, Math.floor(base) + over - keyBytes - random.between(-ABOVE, BELOW));
    const total = keyBytes + bytes;
    const isUnsure = total > most && total <= most + UNSURE;
    return { change: [key, 'y'.repeat(bytes)], fits: isUnsure ? undefined : total <= most };
  }
}
