/**
 * StateHash: a 53-bit hash of the durable content of a disk, to detect equal crash states. Files that did not
 * change between two states share one array and are hashed once.
 */
import type { SimDisk } from '../sim/sim-disk.ts';

type Hash = readonly [a: number, b: number];

export class StateHash {
  readonly #files = new WeakMap<Uint8Array, Hash>();
  readonly #paths = new Map<string, Hash>();

  of(disk: SimDisk): number {
    let a = 1;
    let b = 2;
    // A sum, because the order of the entries means nothing.
    for (const [path, bytes] of disk.medium()) {
      const name = this.#ofPath(path);
      const file = this.#ofFile(bytes);
      a = (a + mix(name[0], file[0])) | 0;
      b = (b + mix(name[1], file[1])) | 0;
    }
    return (a >>> 0) * 2 ** 21 + ((b >>> 0) % 2 ** 21);
  }

  #ofPath(path: string): Hash {
    let hash = this.#paths.get(path);
    if (hash === undefined) {
      hash = hashBytes(Uint8Array.from(path, (letter) => letter.charCodeAt(0)));
      this.#paths.set(path, hash);
    }
    return hash;
  }

  #ofFile(bytes: Uint8Array): Hash {
    let hash = this.#files.get(bytes);
    if (hash === undefined) {
      hash = hashBytes(bytes);
      this.#files.set(bytes, hash);
    }
    return hash;
  }
}

function mix(a: number, b: number): number {
  let h = Math.imul(a ^ (b >>> 15), 0x85ebca6b) + b;
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Two multiplicative hashes of 32 bits each, over little-endian words and the length. */
function hashBytes(bytes: Uint8Array): Hash {
  let a = 0x811c9dc5 ^ bytes.length;
  let b = 0x9e3779b9 + bytes.length;
  const whole = bytes.length & -4;
  for (let at = 0; at < whole; at += 4) {
    const word =
      bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    a = Math.imul(a ^ word, 0x01000193);
    a ^= a >>> 15;
    b = Math.imul(b + word, 0x85ebca6b) ^ (b >>> 13);
  }
  for (let at = whole; at < bytes.length; at++) {
    a = Math.imul(a ^ bytes[at]!, 0x01000193);
    b = Math.imul(b + bytes[at]!, 0x85ebca6b);
  }
  return [a, b];
}
