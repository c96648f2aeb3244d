/** The server: what happens to a request that comes again. */
import type { Mutant } from '../mutant.ts';

export const SERVER_MUTANTS: readonly Mutant[] = [
  {
    name: 'forget-results',
    area: 'server',
    doc: 'a write that comes again is not recognised, and is applied again',
    file: 'engine/server/sessions.ts',
    find: '    if (this.#records.hasResult(id, sequence)) {',
    replace: '    if (this.#records.hasResult(id, Number.MAX_SAFE_INTEGER)) {',
    scenario: 'resent-batches',
    target: 'engine-server',
    settings: { retry: true },
  },
  {
    name: 'result-beside-the-commit',
    area: 'server',
    doc: 'the record that a transaction was committed is not written with it',
    file: 'engine/server/operations.ts',
    find: '      markDone?.((key, value) => open.put(key, value));\n',
    replace: '',
    scenario: 'answers-lost',
    target: 'engine-server',
    settings: { retry: true },
  },
];
