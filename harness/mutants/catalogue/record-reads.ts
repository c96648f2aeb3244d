/** Records that are read without their blocks. */
import type { Mutant } from '../mutant.ts';

export const RECORD_READ_MUTANTS: readonly Mutant[] = [
  {
    name: 'record-check-skipped',
    area: 'cache',
    doc: 'a record read without its block is not checked against its checksum, so corrupt data is returned',
    file: 'engine/run/record-read.ts',
    find: 'if (words[end >> 2] !== check || lsn > lookup.atLsn) return false;',
    replace: 'if (check < 0 || lsn > lookup.atLsn) return false;',
    scenario: 'damaged-registers',
    settings: { segmentBytes: 4096, blockBytes: 1024, cacheBytes: 65536, fanIn: 3 },
  },
  {
    name: 'record-of-any-snapshot',
    area: 'cache',
    doc: 'a record read without its block is the newest version, whatever the snapshot',
    file: 'engine/run/record-read.ts',
    find: 'if (words[end >> 2] !== check || lsn > lookup.atLsn) return false;',
    replace: 'if (words[end >> 2] !== check) return false;',
    scenario: 'same-as-a-map',
  },
  {
    name: 'records-checked-as-the-first-block',
    area: 'cache',
    doc: 'record checksums of every block are computed as for the first block, so none is ever read without its block',
    file: 'engine/run/block-builder.ts',
    find: '    this.#words[checkAt] = recordCheck(this.#words, start >> 2, checkAt, this.#seed);\n',
    replace:
      '    this.#words[checkAt] = recordCheck(this.#words, start >> 2, checkAt, blockSeed(this.#run, 0));\n',
    scenario: 'power-loss-set',
  },
  {
    name: 'lent-record-read-over',
    area: 'cache',
    doc: 'a read during getView overwrites the buffer that getView lent to the caller',
    file: 'engine/run/block-cache.ts',
    find: '    if (bytes > this.frameBytes || this.views > 0) return',
    replace: '    if (bytes > this.frameBytes) return',
    scenario: 'hostile-caller',
    settings: { segmentBytes: 4096, blockBytes: 1024, cacheBytes: 8192, fanIn: 3 },
  },
];
