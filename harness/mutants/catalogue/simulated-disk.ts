/** Failing calls and direct reads of the simulated disk. Self-check must catch each. */
import type { Mutant } from '../mutant.ts';

const base = {
  area: 'harness',
  scenario: 'self-check',
  file: 'harness/simulation/sim/sim-disk.ts',
} as const;

export const SIMULATED_DISK_MUTANTS: readonly Mutant[] = [
  {
    ...base,
    name: 'failed-rename-is-done',
    doc: 'a rename that reports an error has moved the file',
    find: "    this.#options.trouble?.change?.('rename', from);\n    this.#entries.make({ kind: 'rename', from, to, file });\n",
    replace:
      "    this.#entries.make({ kind: 'rename', from, to, file });\n    this.#options.trouble?.change?.('rename', from);\n",
  },
  {
    ...base,
    name: 'failed-close-leaves-it-open',
    doc: 'a file whose close reports an error stays open',
    find: "    (file as OpenFile).closed = true;\n    this.openFiles--;\n    this.#options.trouble?.change?.('close', file.path);\n",
    replace:
      "    this.#options.trouble?.change?.('close', file.path);\n    (file as OpenFile).closed = true;\n    this.openFiles--;\n",
  },
  {
    ...base,
    name: 'direct-read-sees-the-cache',
    doc: 'a direct read returns bytes that a failed sync has dropped',
    find: 'isDirect ? from.readDirect(target, offset) : from.read(target, offset)',
    replace: 'isDirect ? from.read(target, offset) : from.read(target, offset)',
  },
  {
    ...base,
    name: 'full-sync-is-another-error',
    doc: 'a sync does not report that the disk is full',
    find: "outcome === 'finds-full' ? 'disk-full' : 'io'",
    replace: "outcome === 'finds-full' ? 'io' : 'io'",
  },
  {
    ...base,
    name: 'half-a-write-is-none',
    doc: 'a write that fails partway leaves no bytes written',
    find: '    target.write(whole < bytes.length ? bytes.subarray(0, whole) : bytes, offset);\n',
    replace: '    if (whole === bytes.length) target.write(bytes, offset);\n',
  },
  {
    ...base,
    name: 'directories-must-have-a-sync',
    doc: 'a file system that does not support directory syncs reports an error',
    find: "(outcome === 'unsupported' && target !== this.#entries)",
    replace: "(outcome === 'unsupported' && target.changes >= 0)",
  },
];
