import { describe, expect, it } from 'vitest';
import type { Checker } from '../contract/checker.ts';
import type { Operation } from '../contract/history.ts';
import counter from './counter.ts';
import totalQueue from './total-queue.ts';
import watchOrder from './watch-order.ts';

type Step = readonly [
  f: string,
  input: unknown,
  output: unknown,
  type?: 'ok' | 'fail' | 'info' | undefined,
];

/** Operations one after the other. */
function history(steps: readonly Step[]): Operation[] {
  return steps.map(([f, input, output, type = 'ok'], i) => ({
    process: 0,
    f,
    input,
    output,
    type,
    invokedIndex: 2 * i,
    completedIndex: type === 'info' ? Number.POSITIVE_INFINITY : 2 * i + 1,
  }));
}

const check = (checker: Checker, steps: readonly Step[]) => checker.check(history(steps));

describe('total-queue', () => {
  const enqueue = (value: number, type?: 'info'): Step => ['enqueue', value, value, type];
  const dequeue = (value: number | null, type?: 'fail' | 'info'): Step => [
    'dequeue',
    null,
    value,
    type,
  ];
  const drain = (...values: number[]): Step => ['drain', null, values];

  it.each<[string, Step[], string]>([
    ['all came out', [enqueue(1), enqueue(2), dequeue(1), drain(2)], 'valid'],
    ['one is lost', [enqueue(1), enqueue(2), dequeue(1), drain()], 'invalid'],
    ['a refused dequeue took nothing', [enqueue(1), dequeue(null, 'fail'), drain()], 'invalid'],
    [
      'an unsure dequeue may have taken it',
      [enqueue(1), enqueue(2), dequeue(null, 'info'), drain(2)],
      'valid',
    ],
    [
      'one unsure dequeue takes one, not two',
      [enqueue(1), enqueue(2), enqueue(3), dequeue(null, 'info'), drain(3)],
      'invalid',
    ],
    ['an unsure enqueue may be there or not', [enqueue(1, 'info'), drain()], 'unknown'],
    ['twice out', [enqueue(1), dequeue(1), drain(1)], 'invalid'],
    ['out, never in', [enqueue(1), dequeue(1), drain(7)], 'invalid'],
    ['not drained', [enqueue(1), dequeue(1)], 'unknown'],
  ])('%s', (_, steps, validity) => {
    expect(check(totalQueue, steps).validity).toBe(validity);
  });
});

describe('counter', () => {
  it('finds what was added twice, lost, or said to have failed', () => {
    const add = (amount: number, type?: 'fail' | 'info'): Step => ['add', amount, amount, type];
    const read = (value: number): Step => ['read', null, value];
    expect(check(counter, [add(2), add(3, 'info'), read(5)]).validity).toBe('valid');
    expect(check(counter, [add(2), add(3, 'info'), read(2)]).validity).toBe('valid');
    expect(check(counter, [add(2), add(3), read(8)]).validity).toBe('invalid');
    expect(check(counter, [add(2), add(3), read(2)]).validity).toBe('invalid');
    expect(check(counter, [add(2), add(3, 'fail'), read(5)]).validity).toBe('invalid');
  });
});

describe('watch-order', () => {
  const write = (value: string, type?: 'fail' | 'info'): Step => [
    'write',
    { key: 'watch/0', value },
    null,
    type,
  ];
  const watch = (from: number, ...events: [number, string][]): Step => [
    'watch',
    'mark',
    {
      from,
      events: events.map(([revision, value]) => [
        revision,
        value.startsWith('mark') ? 'watch/mark' : 'watch/0',
        value,
      ]),
    },
  ];
  const whole = watch(1, [2, 'a'], [3, 'b'], [4, 'mark']);

  it.each<[string, Step[], string]>([
    ['one story', [write('a'), write('b'), watch(3, [3, 'b'], [4, 'mark']), whole], 'valid'],
    ['an indeterminate write', [write('a'), write('b'), write('c', 'info'), whole], 'valid'],
    ['an acknowledged write is not shown', [write('a'), write('b'), write('c'), whole], 'invalid'],
    ['an event of a value that was never written', [write('a'), whole], 'invalid'],
    ['a refused write is shown', [write('a'), write('b', 'fail'), whole], 'invalid'],
    [
      'a watch dropped one',
      [write('a'), write('b'), watch(2, [2, 'a'], [4, 'mark']), whole],
      'invalid',
    ],
    [
      'a watch went back in time',
      [write('a'), write('b'), watch(2, [3, 'b'], [2, 'a'], [4, 'mark']), whole],
      'invalid',
    ],
    [
      'two watches differ',
      [write('a'), write('b'), watch(2, [2, 'b'], [3, 'b'], [4, 'mark']), whole],
      'invalid',
    ],
    ['no watch at all', [write('a')], 'unknown'],
  ])('%s', (_, steps, validity) => {
    const verdict = check(watchOrder, steps);
    expect(verdict.validity).toBe(validity);
    if (validity === 'invalid') expect(verdict.reasons[0]).toMatch(/^watch-order: (?!undefined)/);
  });
});
