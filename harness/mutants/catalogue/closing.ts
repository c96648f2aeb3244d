/** The close of a store, beside what is under way. */
import type { Mutant } from '../mutant.ts';

export const CLOSING_MUTANTS: readonly Mutant[] = [
  {
    name: 'flush-loop-ends-late',
    area: 'compaction',
    doc: 'flushing is still said to go on when its loop has ended: what is sealed then is not flushed',
    file: 'engine/compaction/maintenance.ts',
    find: '      this.#flushing = undefined;\n',
    replace: '      await undefined;\n      this.#flushing = undefined;\n',
    scenario: 'fail-nth',
  },
];
