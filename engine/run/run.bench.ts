import type { Bench } from 'tinybench';
import { mix32 } from '../format/checksum.ts';
import { KeyHasher } from '../format/hash.ts';
import { Block, eachRecord } from './block.ts';
import { BlockBuilder } from './block-builder.ts';
import { EMPTY_SLOT, firstSlot, PointIndexBuilder, placeBitsOf } from './point-index.ts';
import { slabOver } from './slab.ts';

const KEYS = 1_000_000;
const RECORD = {
  keyOffset: 0,
  keyLength: 16,
  valueLength: 100,
  lsn: 1,
  isTombstone: false,
  ...slabOver(new Uint8Array(120)),
};

function sealedBlock(): Uint8Array {
  const builder = new BlockBuilder(1, 8192);
  while (builder.fits(16, 100)) builder.add(RECORD);
  return builder.seal().slice();
}

/** Blocks are built and walked, index slots are probed. */
export default function runs(bench: Bench): void {
  const builder = new BlockBuilder(1, 8192);
  bench.add('build and seal a block of 59 records', () => {
    while (builder.fits(16, 100)) builder.add(RECORD);
    builder.seal();
  });
  const bytes = sealedBlock();
  const slab = slabOver(bytes);
  bench.add('walk a block of 59 records', () => eachRecord(bytes, () => undefined));
  const key = new Uint8Array(16).fill(1);
  bench.add('find a place in a block', () => new Block(slab, 0, 0, 0).lowerBound(key));

  const points = new PointIndexBuilder(new KeyHasher(1), placeBitsOf(8192));
  const word = new Uint32Array(1);
  const wordBytes = new Uint8Array(word.buffer);
  for (let i = 0; i < KEYS; i++) {
    word[0] = i;
    points.add(wordBytes, 0, 4, i, 32);
  }
  const steps = points.build();
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  const { slots } = step.value;
  let at = 1;
  bench.add('probe an index of 1,000,000 keys, 1,000 times', () => {
    let probes = 0;
    for (let i = 0; i < 1000; i++) {
      at = mix32(at);
      let slot = firstSlot(at, slots.length / 2);
      while (slots[2 * slot + 1] !== EMPTY_SLOT) {
        probes++;
        slot = (slot + 1) % (slots.length / 2);
      }
    }
    return probes;
  });
}
