/**
 * OpenWalks: range reads that stay open for long, a few records at a time, while commits, flushes and
 * merges go on. Each shows the store as it was when it began.
 */
import type { Prng } from '../../../random/prng.ts';
import type { Content, DirectRange, DirectReader } from '../../sim/direct-store.ts';
import type { Answers } from '../answers.ts';
import type { ModelMap } from '../model-map.ts';

const WALKS_MAX = 4;
const RECORDS_AT_ONCE = 12;
const LEFT_EARLY = 0.05;

interface Walk {
  readonly records: Iterator<readonly [key: string, value: string]>;
  readonly expected: Content;
  readonly what: string;
  /** Records seen so far. */
  seen: number;
}

export class OpenWalks {
  readonly #random: Prng;
  readonly #answers: Answers;
  #walks: Walk[] = [];

  constructor(random: Prng, answers: Answers) {
    this.#random = random;
    this.#answers = answers;
  }

  begin(reader: DirectReader, shows: ModelMap, query: DirectRange): void {
    if (this.#walks.length === WALKS_MAX) return;
    const records = reader.walk(query)[Symbol.iterator]();
    const walk = { records, expected: shows.range(query), what: JSON.stringify(query), seen: 0 };
    this.#walks.push(walk);
    this.#read(walk); // it begins with its first read
  }

  goOn(): void {
    if (this.#walks.length > 0) this.#read(this.#random.pick(this.#walks));
  }

  /** Leaves all of them, as a process does that ends. */
  forget(): void {
    this.#walks = [];
  }

  endAll(): void {
    for (const walk of this.#walks) walk.records.return?.();
    this.#walks = [];
  }

  #read(walk: Walk): void {
    const { records, expected, what } = walk;
    for (let i = this.#random.between(1, RECORDS_AT_ONCE); i > 0; i--) {
      const next = records.next();
      const [key, value] = next.done === true ? [] : next.value;
      const place = `record ${walk.seen} of a walk through ${what}`;
      this.#answers.same(`${place}: the key`, key, expected[walk.seen]?.[0]);
      this.#answers.same(`${place}: the value`, value, expected[walk.seen]?.[1]);
      if (next.done === true) {
        this.#end(walk);
        return;
      }
      walk.seen++;
    }
    if (!this.#random.chance(LEFT_EARLY)) return;
    records.return?.();
    this.#end(walk);
  }

  #end(walk: Walk): void {
    this.#walks = this.#walks.filter((other) => other !== walk);
  }
}
