/** The block cache and the indexes of a run. */
import type { Mutant } from '../mutant.ts';

export const CACHE_MUTANTS: readonly Mutant[] = [
  {
    name: 'stale-frame',
    area: 'cache',
    doc: 'a block that was evicted is still found on its shelf',
    file: 'engine/run/block-cache.ts',
    find: '        shelf[this.#numbers[frame]!] = 0;\n',
    replace: '',
    scenario: 'upkeep',
    settings: { cacheBytes: 8192 },
  },
  {
    name: 'evict-pinned',
    area: 'cache',
    doc: 'a block is evicted while a range stands in it',
    file: 'engine/run/block-cache.ts',
    find: '      if (shelf === undefined || this.#pins[frame] !== 0) continue;\n',
    replace: '      if (shelf === undefined) continue;\n',
    scenario: 'upkeep',
    settings: { cacheBytes: 8192 },
  },
  {
    name: 'probe-stops-early',
    area: 'cache',
    doc: "a point read gives up when the first slot is another key's",
    file: 'engine/run/run-reader.ts',
    find: '        this.failedProbes++;\n      }\n',
    replace: '        this.failedProbes++;\n      }\n      if (capacity > 2) return false;\n',
    scenario: 'explore-short',
  },
  {
    name: 'first-of-block-unindexed',
    area: 'cache',
    doc: 'the first record of each block is missing in the point index',
    file: 'engine/run/run-writer.ts',
    find: '    if (order !== 0) this.#points.add(',
    replace: '    if (order !== 0 && place > 64) this.#points.add(',
    scenario: 'explore-short',
  },
  {
    name: 'block-before-is-block',
    area: 'cache',
    doc: 'a range begins one block too late',
    file: 'engine/run/run-index.ts',
    find: '  return Math.max(0, low - 1);\n',
    replace: '  return Math.min(footer.blocks - 1, low);\n',
    scenario: 'bank-isolation',
  },
];
