import type { Bench } from 'tinybench';
import { WriteBatch } from './write-batch.ts';

/** Encoding commits: 1,000 records of 16 + 100 bytes. */
export default function encode(bench: Bench): void {
  const batch = new WriteBatch();
  const keys = Array.from({ length: 1000 }, (_, i) => new Uint8Array(16).fill(i));
  const value = new Uint8Array(100).fill(7);
  bench.add('encode 1,000 records', () => {
    batch.clear();
    for (const key of keys) batch.put(key, value);
  });
}
