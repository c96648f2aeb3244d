/**
 * VersionFilter: which versions a flush or a merge keeps.
 *
 * A snapshot at lsn s sees, of each key, the newest version at or below s. No snapshot below the
 * safe point is open or can be opened. So of the versions at or below the safe point only the
 * newest can still be seen; every version above it can.
 *
 *     lsn            12   9   7   4   2          safe point 8
 *     seen by s=     12+  9+  8
 *     kept            ✓   ✓   ✓   –   –
 *
 * A tombstone at or below the safe point hides nothing once no older version can exist, which is
 * when the output becomes the oldest run (`bottom`); then it goes too.
 */
import { equalRange } from '../format/bytes.ts';
import type { RecordSource } from '../run/record.ts';

export class VersionFilter {
  readonly #safePoint: number;
  readonly #bottom: boolean;
  #key = new Uint8Array(64);
  #keyLength = -1;
  #lastLsn = 0;
  /** Whether a version of this key at or below the safe point has come by. */
  #settled = false;

  constructor(safePoint: number, bottom: boolean) {
    this.#safePoint = safePoint;
    this.#bottom = bottom;
  }

  /** Call once per record, in order: keys ascending, newest first. */
  keeps(record: RecordSource): boolean {
    if (!this.#isSameKey(record)) this.#beginKey(record);
    else if (record.lsn === this.#lastLsn) return false;
    this.#lastLsn = record.lsn;
    if (record.lsn > this.#safePoint) return true;
    if (this.#settled) return false;
    this.#settled = true;
    return !(record.isTombstone && this.#bottom);
  }

  #isSameKey(record: RecordSource): boolean {
    if (record.keyLength !== this.#keyLength) return false;
    return equalRange(record.bytes, record.keyOffset, this.#key, 0, record.keyLength);
  }

  #beginKey(record: RecordSource): void {
    const { bytes, keyOffset, keyLength } = record;
    if (keyLength > this.#key.length) this.#key = new Uint8Array(2 * keyLength);
    for (let i = 0; i < keyLength; i++) this.#key[i] = bytes[keyOffset + i]!;
    this.#keyLength = keyLength;
    this.#settled = false;
  }
}
