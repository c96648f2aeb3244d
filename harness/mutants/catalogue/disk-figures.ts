/** Bugs in how a disk is measured. The scenario that measures it must fail. */
import { defineMutant, type Mutant } from '../mutant.ts';

export const DISK_FIGURE_MUTANTS: readonly Mutant[] = [
  defineMutant({
    name: 'random-reads-of-one-place',
    area: 'harness',
    doc: 'the random-read measurement reads the same block every time',
    file: 'harness/real/disk/characterise.ts',
    find: 'readSync(this.#file, this.#chunk, 0, BLOCK, block * BLOCK);',
    replace: 'readSync(this.#file, this.#chunk, 0, BLOCK, 0);',
    scenario: 'disk-characterisation',
    target: 'engine',
    settings: { durability: 'none' },
  }),
  defineMutant({
    name: 'percentiles-of-unsorted-samples',
    area: 'harness',
    doc: 'percentiles are taken from unsorted samples',
    file: 'harness/cells/outcome.ts',
    find: 'const sorted = [...samples].sort((a, b) => a - b);',
    replace: 'const sorted = [...samples];',
    scenario: 'disk-characterisation',
    target: 'engine',
    settings: { durability: 'none' },
  }),
];
