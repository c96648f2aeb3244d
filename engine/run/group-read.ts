/**
 * GroupRead: many keys read together, so that the cache misses of one overlap with those of others:
 * first every line of memory that a lookup begins with is touched, then every one that it ends with,
 * and only then is anything looked at.
 */
import type { Tree } from '../tree.ts';
import type { Lookup } from './lookup.ts';

const GROUP_KEYS = 32;

export class GroupRead {
  readonly #tree: Tree;
  readonly #lookup: Lookup;
  /** Made with the first use. */
  #group: readonly Lookup[] = [];

  constructor(tree: Tree, lookup: Lookup) {
    this.#tree = tree;
    this.#lookup = lookup;
  }

  /** Copies of the values at `lsn`, in the order of the keys. */
  values(keys: readonly Uint8Array[], lsn: number): (Uint8Array | undefined)[] {
    if (this.#group.length === 0) this.#group = this.#lookup.peers(GROUP_KEYS);
    const tree = this.#tree;
    const values: (Uint8Array | undefined)[] = [];
    for (let first = 0; first < keys.length; first += GROUP_KEYS) {
      const count = Math.min(GROUP_KEYS, keys.length - first);
      for (let i = 0; i < count; i++) {
        this.#group[i]!.begin(keys[first + i]!, lsn);
        tree.touch(this.#group[i]!);
      }
      for (let i = 0; i < count; i++) tree.touchRecord(this.#group[i]!);
      for (let i = 0; i < count; i++) {
        const lookup = this.#group[i]!;
        values.push(tree.find(lookup) ? lookup.copyValue() : undefined);
      }
    }
    return values;
  }
}
