import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventHeap, type HeapEvent } from './event-heap.ts';

const order = (a: HeapEvent, b: HeapEvent) => a.timeMs - b.timeMs || a.tie - b.tie;

describe('the heap of events', () => {
  it('gives what is in it in order, whatever was removed before (property)', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ add: fc.nat(20), tie: fc.nat(1_000_000) }) },
      { weight: 1, arbitrary: fc.record({ remove: fc.nat(100) }) },
      { weight: 1, arbitrary: fc.constant('take' as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const heap = new EventHeap();
        let expected: HeapEvent[] = [];
        for (const one of steps) {
          if (one === 'take') {
            expected.sort(order);
            const next = expected.shift();
            const taken = heap.take();
            expect(taken === undefined ? undefined : order(taken, next!)).toBe(
              next === undefined ? undefined : 0,
            );
            if (taken !== next)
              expected = expected.map((event) => (event === taken ? next! : event));
          } else if ('add' in one) {
            const event = { timeMs: one.add, tie: one.tie, place: -1 };
            heap.add(event);
            expected.push(event);
          } else if (expected.length > 0) {
            const [event] = expected.splice(one.remove % expected.length, 1);
            heap.remove(event!);
            expect(event!.place).toBe(-1);
          }
          expect(heap.size).toBe(expected.length);
        }
        const rest = Array.from({ length: heap.size }, () => heap.take()!);
        expect(rest).toEqual([...rest].sort(order));
        expect(heap.take()).toBeUndefined();
      }),
    );
  });
});
