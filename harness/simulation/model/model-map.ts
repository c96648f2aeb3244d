/** ModelMap: the in-memory reference model of an ordered key-value store. */
import type { Change, Content, DirectRange, DirectReader } from '../sim/direct-store.ts';

export class ModelMap implements DirectReader {
  readonly #records: Map<string, string>;
  /** All records in key order, as long as that is true. */
  #sorted: Content | undefined;

  constructor(records: Iterable<readonly [key: string, value: string]> = []) {
    this.#records = new Map(records);
  }

  get size(): number {
    return this.#records.size;
  }

  apply(changes: readonly Change[]): void {
    for (const [key, value] of changes) {
      if (value === null) this.#records.delete(key);
      else this.#records.set(key, value);
    }
    this.#sorted = undefined;
  }

  get(key: string): string | undefined {
    return this.#records.get(key);
  }

  /** In the order of the keys' letters, which is that of their bytes as long as none is a surrogate. */
  read(): Content {
    this.#sorted ??= [...this.#records].sort(([a], [b]) => (a < b ? -1 : 1));
    return this.#sorted;
  }

  range({ from, to, prefix = '', reverse = false, limit }: DirectRange): Content {
    const inside = this.read().filter(
      ([key]) =>
        key.startsWith(prefix) &&
        (from === undefined || key >= from) &&
        (to === undefined || key < to),
    );
    return (reverse ? inside.toReversed() : inside).slice(0, limit);
  }

  walk(query: DirectRange): Content {
    return this.range(query);
  }

  /** As it is now: what is applied later does not show. */
  copy(): ModelMap {
    return new ModelMap(this.#records);
  }
}
