/**
 * Lookup: what a point read asks for and where it was found. One object serves many reads, so the
 * hot path allocates nothing.
 */
import { copyRange } from '../format/bytes.ts';
import { fingerprintKey, hashKey } from '../format/hash.ts';

export class Lookup {
  key: Uint8Array = new Uint8Array(0);
  atLsn = 0;
  hash = 0;
  #fingerprint = -1;
  #hashSeed = 0;
  bytes: Uint8Array = this.key;
  valueOffset = 0;
  valueLength = 0;
  isTombstone = false;
  lsn = 0;

  begin(key: Uint8Array, atLsn: number, hashSeed: number): void {
    this.key = key;
    this.atLsn = atLsn;
    this.hash = hashKey(key, 0, key.length, hashSeed);
    this.#hashSeed = hashSeed;
    this.#fingerprint = -1;
  }

  /** Computed only when a run is asked. */
  get fingerprint(): number {
    if (this.#fingerprint < 0) {
      this.#fingerprint = fingerprintKey(this.key, 0, this.key.length, this.#hashSeed);
    }
    return this.#fingerprint;
  }

  /** A copy of the value that was found; `undefined` for a tombstone. */
  copyValue(): Uint8Array | undefined {
    if (this.isTombstone) return undefined;
    return copyRange(this.bytes, this.valueOffset, this.valueLength);
  }
}
