/** Closing a store while other work is in progress. */
import type { Mutant } from '../mutant.ts';

export const CLOSING_MUTANTS: readonly Mutant[] = [
  {
    name: 'flush-loop-ends-late',
    area: 'compaction',
    doc: 'the flush loop is marked as running after it has ended: a segment sealed then is not flushed',
    file: 'engine/compaction/maintenance.ts',
    find: '      this.#flushing = undefined;\n',
    replace: '      await undefined;\n      this.#flushing = undefined;\n',
    scenario: 'fail-nth',
  },
];
