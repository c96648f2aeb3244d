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
import type { RecordSource } from '../run/record.ts';

export class VersionFilter {
  readonly #safePoint: number;
  readonly #bottom: boolean;
  #key = new Uint32Array(16);
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

  #isSameKey({ words, keyOffset, keyLength }: RecordSource): boolean {
    if (keyLength !== this.#keyLength) return false;
    const key = this.#key;
    const from = keyOffset >> 2;
    const whole = keyLength >> 2;
    for (let i = 0; i < whole; i++) if (words[from + i] !== key[i]) return false;
    return (
      (keyLength & 3) === 0 || ((words[from + whole]! ^ key[whole]!) & tailMask(keyLength)) === 0
    );
  }

  #beginKey({ words, keyOffset, keyLength }: RecordSource): void {
    const needed = (keyLength + 3) >> 2;
    if (needed > this.#key.length) this.#key = new Uint32Array(2 * needed);
    const from = keyOffset >> 2;
    for (let i = 0; i < needed; i++) this.#key[i] = words[from + i]!;
    this.#keyLength = keyLength;
    this.#settled = false;
  }
}

/** The bits of a key's last word that are the key's: what follows it there is the value. */
function tailMask(keyLength: number): number {
  return (1 << (8 * (keyLength & 3))) - 1;
}
