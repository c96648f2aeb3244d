/**
 * Records for benchmarks: key and value follow from the number, so that every value read can be
 * checked. Keys are 16 bytes in random order (a bijection of the number), values incompressible.
 */
import { Prng } from '../random/prng.ts';

const KEY_BYTES = 16;
const POOL_BYTES = 1 << 20;

export class Records {
  readonly #valueBytes: number;
  readonly #pool = new Uint8Array(POOL_BYTES);

  constructor(seed: number, valueBytes: number) {
    this.#valueBytes = valueBytes;
    const random = new Prng(seed).derive('values');
    const words = new Uint32Array(this.#pool.buffer);
    for (let i = 0; i < words.length; i++) words[i] = random.nextUint32();
  }

  key(number: number): Uint8Array {
    const key = new Uint8Array(KEY_BYTES);
    const view = new DataView(key.buffer);
    view.setUint32(0, mix(number));
    view.setUint32(4, mix(number ^ 0x2545f491));
    view.setUint32(8, mix(number ^ 0x6c8e9cf5));
    view.setUint32(12, number);
    return key;
  }

  /** A view of the pool: valid as long as this object, never changed. */
  value(number: number): Uint8Array {
    const start = (mix(number ^ 0x1234567) >>> 0) % (POOL_BYTES - this.#valueBytes);
    return this.#pool.subarray(start, start + this.#valueBytes);
  }

  isValue(number: number, bytes: Uint8Array | undefined): boolean {
    const expected = this.value(number);
    return bytes?.length === expected.length && expected.every((byte, i) => byte === bytes[i]);
  }
}

function mix(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
