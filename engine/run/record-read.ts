/**
 * RecordRead: one record of a run, read through the system's cache without the rest of its block, and
 * checked by its own check. It takes a third of the time of reading and checking the block.
 *
 * What it can't tell is answered by the block: another key of the same fingerprint, a newest version
 * that the reader may not see, a record longer than what was read, damage.
 */
import type { Disk, DiskFile } from '../env/disk.ts';
import { alignUp, equalRange } from '../format/bytes.ts';
import { TOMBSTONE } from '../wal/log-format.ts';
import type { BlockCache } from './block-cache.ts';
import type { Lookup } from './lookup.ts';
import { CHECKED_MAX_BYTES, RECORD_CHECK_BYTES, recordCheck } from './record-check.ts';
import {
  blockSeed,
  RECORD_HEADER_BYTES,
  type RunFooter,
  type RunMeta,
  recordBytes,
} from './run-format.ts';
import type { Slab } from './slab.ts';

/** Read at once: twice the mean record, within these. */
const READ_MIN_BYTES = 512;
const READ_MAX_BYTES = CHECKED_MAX_BYTES + RECORD_CHECK_BYTES;

export class RecordRead {
  readonly #cache: BlockCache;
  readonly #run: number;
  readonly #bytes: number;
  #slab: Slab | undefined;
  /** The part of the slab that is read into. */
  #landing: Uint8Array = new Uint8Array(0);

  /** Whether records of such a run can be read alone. */
  static fits({ format, packed }: RunFooter): boolean {
    return format >= 4 && !packed;
  }

  constructor(cache: BlockCache, { number, bytes, records }: RunMeta) {
    this.#cache = cache;
    this.#run = number;
    const usual = alignUp(Math.ceil((2 * bytes) / records), 4);
    this.#bytes = Math.min(READ_MAX_BYTES, Math.max(READ_MIN_BYTES, usual));
  }

  /** Finds in `lookup` the record that begins at `offset` of `file`, if it can: see above. */
  find(disk: Disk, file: DiskFile, offset: number, block: number, lookup: Lookup): boolean {
    const slab = this.#cache.passing(this.#bytes);
    if (slab !== this.#slab) {
      this.#slab = slab;
      this.#landing = slab.bytes.subarray(0, this.#bytes);
    }
    const got = disk.readAt(file, this.#landing, offset);
    const { bytes, words, view } = slab;
    const { key } = lookup;
    const isTombstone = words[1] === TOMBSTONE;
    const valueLength = isTombstone ? 0 : words[1]!;
    const end = recordBytes(key.length, valueLength);
    if (words[0] !== key.length || end + RECORD_CHECK_BYTES > got) return false;
    if (!equalRange(bytes, RECORD_HEADER_BYTES, key, 0, key.length)) return false;
    if (end > CHECKED_MAX_BYTES) return false;
    const check = recordCheck(words, 0, end >> 2, blockSeed(this.#run, block));
    const lsn = view.getFloat64(8, true);
    if (words[end >> 2] !== check || lsn > lookup.atLsn) return false;
    lookup.bytes = bytes;
    lookup.words = words;
    lookup.valueOffset = RECORD_HEADER_BYTES + key.length;
    lookup.valueLength = valueLength;
    lookup.isTombstone = isTombstone;
    lookup.lsn = lsn;
    return true;
  }
}
