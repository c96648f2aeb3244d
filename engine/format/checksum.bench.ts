import type { Bench } from 'tinybench';
import { checksum } from './checksum.ts';
import { KeyHasher } from './hash.ts';
import { SecretHasher } from './keyed-hash.ts';

/** Checksums of a block, and the two hashes of a key, quick and keyed. */
export default function sums(bench: Bench): void {
  const block = new Uint8Array(8192).fill(5);
  bench.add('checksum of an 8 KiB block', () => checksum(block, 0, block.length, 1));
  const hasher = new KeyHasher(1);
  bench.add('hash and fingerprint of 1,000 keys of 16 bytes', () => {
    for (let i = 0; i < 1000; i++) hasher.take(block, i, 16);
  });
  const keyed = new SecretHasher([1, 2]);
  bench.add('the same under a secret', () => {
    for (let i = 0; i < 1000; i++) keyed.take(block, i, 16);
  });
}
