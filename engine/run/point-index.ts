/**
 * PointIndexBuilder: gathers one slot a key while a run is written, and lays out the table when
 * the number of keys is known.
 */
import { fingerprintKey, hashKey } from '../format/hash.ts';
import { EMPTY_LOCATION, POINT_INDEX_LOAD, RECORD_BITS } from './run-format.ts';

const INITIAL_KEYS = 256;

export class PointIndexBuilder {
  readonly #hashSeed: number;
  #entries = new Uint32Array(3 * INITIAL_KEYS);
  keys = 0;

  constructor(hashSeed: number) {
    this.#hashSeed = hashSeed;
  }

  add(bytes: Uint8Array, offset: number, length: number, block: number, record: number): void {
    const at = 3 * this.keys++;
    if (at === this.#entries.length) {
      const wider = new Uint32Array(2 * this.#entries.length);
      wider.set(this.#entries);
      this.#entries = wider;
    }
    this.#entries[at] = hashKey(bytes, offset, length, this.#hashSeed);
    this.#entries[at + 1] = fingerprintKey(bytes, offset, length, this.#hashSeed);
    this.#entries[at + 2] = ((block << RECORD_BITS) | record) >>> 0;
  }

  /** The table as it is stored: pairs of fingerprint and location. */
  build(): Uint32Array {
    const capacity = Math.max(1, Math.ceil(this.keys / POINT_INDEX_LOAD));
    const table = new Uint32Array(2 * capacity);
    for (let i = 1; i < table.length; i += 2) table[i] = EMPTY_LOCATION;
    for (let at = 0; at < 3 * this.keys; at += 3) {
      let slot = Math.floor((this.#entries[at]! * capacity) / 4294967296);
      while (table[2 * slot + 1] !== EMPTY_LOCATION) slot = slot + 1 === capacity ? 0 : slot + 1;
      table[2 * slot] = this.#entries[at + 1]!;
      table[2 * slot + 1] = this.#entries[at + 2]!;
    }
    return table;
  }
}
