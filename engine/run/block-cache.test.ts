import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockCache, type Lease } from './block-cache.ts';

const FRAME = 512;

describe('the block cache', () => {
  it('holds what was entered until it makes room, within its limit (property)', () => {
    const action = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ kind: fc.constant('read' as const), block: fc.nat(30) }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('pin' as const), block: fc.nat(30) }) },
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constant('unpin' as const), block: fc.nat(5) }),
      },
      {
        weight: 4,
        arbitrary: fc.record({ kind: fc.constant('large' as const), block: fc.nat(30) }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), block: fc.nat(0) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('lend' as const), block: fc.nat(3) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('back' as const), block: fc.nat(5) }) },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant('limit' as const), block: fc.nat(9) }),
      },
    );
    const framesOfCache = fc.oneof(fc.nat(20), fc.nat(700));
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), framesOfCache, (actions, frames) => {
        const most = frames * FRAME + 200;
        let limit = most;
        const cache = new BlockCache({ mostBytes: most, limitBytes: () => limit }, FRAME);
        let frameTable = new Int32Array(31);
        let pinned: { frame: number; block: number }[] = [];
        const lent: { lease: Lease; mark: number }[] = [];
        let marks = 100;
        for (const { kind, block } of actions) {
          if (kind === 'drop') {
            cache.drop(frameTable);
            frameTable = new Int32Array(31);
          } else if (kind === 'unpin') {
            const one = pinned.splice(block % Math.max(1, pinned.length), 1)[0];
            if (one !== undefined) cache.unpin(one.frame);
          } else if (kind === 'lend') {
            const lease = cache.lend(block * FRAME + 1);
            lease?.bytes.fill(++marks);
            if (lease !== undefined) lent.push({ lease, mark: marks % 256 });
          } else if (kind === 'limit') {
            limit = Math.floor((most * block) / 9);
            const before = cache.memoryBytes;
            expect(cache.trim()).toBe(before - cache.memoryBytes);
            // What is held stays; all else has gone, slab by slab.
            if (pinned.length + lent.length === 0) {
              expect(cache.memoryBytes).toBeLessThanOrEqual(limit);
            }
          } else if (kind === 'back') {
            const one = lent.splice(block % Math.max(1, lent.length), 1)[0];
            if (one !== undefined) cache.takeBack(one.lease);
          } else if (frameTable[block] === 0) {
            const size = kind === 'large' ? FRAME + 1 : FRAME;
            const frame = cache.take(size);
            if (frame === 0) continue;
            cache.slabOf(frame).bytes.fill(block, cache.baseOf(frame), cache.baseOf(frame) + size);
            cache.enter(frame, frameTable, block);
          }
          const frame = frameTable[block] ?? 0;
          if (kind === 'pin' && frame !== 0) {
            cache.pin(frame);
            if (frame > 0) pinned.push({ frame, block });
          }
          expect(cache.usedBytes).toBeLessThanOrEqual(cache.memoryBytes);
          expect(cache.memoryBytes).toBeLessThanOrEqual(most);
          for (const [number, held] of frameTable.entries()) {
            if (held === 0) continue;
            expect(cache.slabOf(held).bytes[cache.baseOf(held)]).toBe(number);
          }
          for (const { lease, mark } of lent) {
            expect(lease.bytes.every((byte) => byte === mark)).toBe(true);
          }
          const frames = lent.reduce((sum, { lease }) => sum + lease.count, 0);
          expect(cache.lentBytes).toBe(frames * FRAME);
          // What is pinned keeps its bytes, even when its run is gone.
          for (const one of pinned) {
            expect(cache.slabOf(one.frame).bytes[cache.baseOf(one.frame)]).toBe(one.block);
          }
        }
        pinned = [];
      }),
    );
  });

  it('evicts what was not read lately before what was', () => {
    const cache = new BlockCache(4.2 * FRAME, FRAME);
    const frameTable = new Int32Array(10);
    const read = (block: number) => {
      if (frameTable[block] === 0) cache.enter(cache.take(FRAME), frameTable, block);
      cache.referenced[frameTable[block]!] = 1;
    };
    for (const block of [0, 1, 2, 3, 4]) read(block); // 4 passes the hand over all of them
    for (const block of [1, 5, 1, 6, 1, 7]) read(block);
    expect(frameTable[1]).not.toBe(0);
  });

  it('lends memory where nobody holds a block, and gets it back', () => {
    const cache = new BlockCache(2000 * FRAME, FRAME);
    const frameTable = new Int32Array(3000);
    for (let i = 0; i < 3000; i++) cache.enter(cache.take(FRAME), frameTable, i);
    const held = () => frameTable.filter((frame) => frame !== 0).length;
    const before = { held: held(), used: cache.usedBytes, slabs: cache.slabs.length };
    const lease = cache.lend(3 * FRAME + 1);
    expect(lease).toMatchObject({ count: 4 });
    expect(held()).toBe(before.held - 4);
    for (let i = 0; i < 3000; i++) {
      if (frameTable[i] === 0) cache.enter(cache.take(FRAME), frameTable, i);
    }
    expect(held()).toBe(before.held - 4);
    cache.takeBack(lease!);
    for (let i = 0; i < 3000; i++) {
      if (frameTable[i] === 0) cache.enter(cache.take(FRAME), frameTable, i);
    }
    expect(held()).toBe(before.held);
    expect(cache.usedBytes).toBe(before.used);
    expect(cache.slabs.length).toBe(before.slabs);
    expect(cache.lend(1000 * FRAME)).toBeUndefined(); // no slab is so large
    cache.views++;
    expect(cache.lend(FRAME)).toBeUndefined();
  });

  it('evicts nothing while somebody looks at a value in place', () => {
    const cache = new BlockCache(2.2 * FRAME, FRAME);
    const frameTable = new Int32Array(4);
    cache.enter(cache.take(FRAME), frameTable, 0);
    cache.enter(cache.take(FRAME), frameTable, 1);
    cache.views++;
    expect(cache.take(FRAME)).toBe(0);
    cache.views--;
    expect(cache.take(FRAME)).not.toBe(0);
  });
});
