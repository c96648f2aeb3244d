/**
 * ModelDraws: keys, values and questions drawn from a seed, of all the sizes that a store treats in
 * ways of their own: empty values and long ones, keys that begin like others, values over a block.
 */
import type { Settings } from '../../contract/target.ts';
import type { Prng } from '../../random/prng.ts';
import type { Change, DirectRange } from '../sim/direct-store.ts';

const STEMS = ['', 'a', 'ab', 'ab/', 'abc', 'user/', 'user/0', 'é/', 'z'] as const;
/** Of one letter again and again: where such keys differ, the first one looks like what came before. */
const NARROW_STEMS = ['a', 'aa', 'aab', 'aaa'] as const;
const KEYS = [20, 200] as const;
const LONG_KEY = 300;
const CHANGES_MAX = 8;
/** Of a segment, what one commit may take: the rest is for headers. */
const SHARE_OF_SEGMENT = 0.7;
const ENTRY_BYTES = 32;
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-';

export class ModelDraws {
  readonly #random: Prng;
  readonly #stems: readonly string[];
  readonly #keys: readonly string[];
  readonly #blockBytes: number;
  readonly #roomBytes: number;
  readonly segmentBytes: number;

  constructor(random: Prng, { segmentBytes, blockBytes }: Settings) {
    this.#random = random;
    this.segmentBytes = typeof segmentBytes === 'number' ? segmentBytes : 64 * 1024 * 1024;
    this.#blockBytes = typeof blockBytes === 'number' ? blockBytes : 8192;
    this.#roomBytes = Math.floor(SHARE_OF_SEGMENT * this.segmentBytes);
    this.#stems = random.chance(0.7) ? STEMS : NARROW_STEMS;
    this.#keys = Array.from({ length: random.between(...KEYS) }, () => this.#newKey());
  }

  #newKey(): string {
    const random = this.#random;
    const key = `${random.pick(this.#stems)}${random.below(1000)}`;
    if (random.chance(0.4)) return key;
    return this.#text(random.between(key.length, random.chance(0.1) ? LONG_KEY : 24), key);
  }

  key(): string {
    return this.#random.pick(this.#keys);
  }

  /** Mostly one that may be there. */
  wanted(): string {
    const key = this.key();
    const random = this.#random;
    if (random.chance(0.8)) return key;
    return random.chance(0.5) ? `${key}\0` : key.slice(0, -1) || '?';
  }

  /** Up to `most` of them; some perhaps twice. */
  wantedMany(most: number): readonly string[] {
    return Array.from({ length: this.#random.between(1, most) }, () => this.wanted());
  }

  /** What one commit changes: within what a segment takes. */
  changes(): readonly Change[] {
    const random = this.#random;
    const changes: Change[] = [];
    const count = random.chance(0.5) ? 1 : random.between(1, CHANGES_MAX);
    for (let left = this.#roomBytes; changes.length < count; ) {
      const key = this.key();
      left -= 2 * key.length + ENTRY_BYTES;
      if (left < 0) break;
      const value = random.chance(0.2) ? null : this.#value(left);
      left -= value === null ? 0 : Buffer.byteLength(value);
      changes.push([key, value]);
    }
    return changes.length > 0 ? changes : [[this.key(), null]];
  }

  #value(bytesMax: number): string {
    const random = this.#random;
    const most = random.pick([
      0,
      20,
      20,
      20,
      100,
      100,
      100,
      this.#blockBytes,
      3 * this.#blockBytes,
    ]);
    const length = random.below(1 + Math.min(most, bytesMax));
    // Of more than one byte a letter, where there is room for that.
    if (length > 0 && 3 * length < bytesMax && random.chance(0.1)) return '字'.repeat(length);
    return this.#text(length);
  }

  /** Letters that say where they are: what is moved or cut is not taken for the whole. */
  #text(length: number, beginning = ''): string {
    let text = beginning;
    let state = this.#random.nextUint32();
    while (text.length < length) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      text += LETTERS[state >>> 26];
    }
    return text;
  }

  range(): DirectRange {
    const random = this.#random;
    const [from, to] = [this.wanted(), this.wanted()].sort() as [string, string];
    return {
      ...(random.chance(0.5) ? { from } : {}),
      ...(random.chance(0.5) ? { to } : {}),
      ...(random.chance(0.3) ? { prefix: random.pick(this.#stems) } : {}),
      ...(random.chance(0.5) ? { reverse: true } : {}),
      ...(random.chance(0.4) ? { limit: random.below(12) } : {}),
    };
  }
}
