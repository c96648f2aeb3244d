/** Bugs of stores that grow and start again, on the real disk. */
import { defineMutant, type Mutant } from '../mutant.ts';

const SETTINGS = { durability: 'none', segmentBytes: 16_777_216, blockBytes: 8192, fanIn: 4 };

export const GROWTH_MUTANTS: readonly Mutant[] = [
  defineMutant({
    name: 'growing-loses-half',
    area: 'resources',
    doc: 'when the memtable grows, half of its slots are not taken over',
    file: 'engine/memtable/memtable.ts',
    find: 'for (let at = 0; at < old.length; at += 2) {\n      const entry = old[at + 1]!;\n      if (entry !== 0) placeIn(slots',
    replace:
      'for (let at = 0; at < old.length / 2; at += 2) {\n      const entry = old[at + 1]!;\n      if (entry !== 0) placeIn(slots',
    scenario: 'growth',
    target: 'engine',
    settings: SETTINGS,
  }),
  defineMutant({
    name: 'clean-close-not-noted',
    area: 'recovery',
    doc: 'a clean close is not noted in the manifest: the next start takes it for a crash',
    file: 'engine/compaction/maintenance.ts',
    find: 'cleanShutdown: true,',
    replace: 'cleanShutdown: false,',
    scenario: 'growth',
    target: 'engine',
    settings: SETTINGS,
  }),
];
