/** The server: retried requests. */
import type { Mutant } from '../mutant.ts';

export const SERVER_MUTANTS: readonly Mutant[] = [
  {
    name: 'forget-results',
    area: 'server',
    doc: 'a retried write is not recognised and is applied twice',
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
    doc: "a transaction's commit record is not written atomically with it",
    file: 'engine/server/operations.ts',
    find: '      markDone?.((key, value) => open.put(key, value));\n',
    replace: '',
    scenario: 'answers-lost',
    target: 'engine-server',
    settings: { retry: true },
  },
];
