import { describe, expect, it } from 'vitest';
import type { Checker } from '../../contract/checker.ts';
import type { Operation } from '../../contract/history.ts';
import { bankChecker } from './bank.ts';
import { causal } from './causal.ts';
import { causalReverse } from './causal-reverse.ts';
import { clock } from './clock.ts';
import { log } from './log.ts';
import { longFork } from './long-fork.ts';
import { monotonic } from './monotonic.ts';
import { set } from './set.ts';

type Line = readonly [
  f: string,
  input: unknown,
  output?: unknown,
  type?: Operation['type'],
  process?: number,
];

/** One operation after the other. */
const serially = (lines: readonly Line[]): Operation[] =>
  lines.map(([f, input, output = null, type = 'ok', process = 0], i) => ({
    process,
    f,
    input,
    output,
    type,
    invokedIndex: 2 * i,
    completedIndex: type === 'info' ? Number.POSITIVE_INFINITY : 2 * i + 1,
  }));

const read = (output: unknown, process = 0): Line => ['read', null, output, 'ok', process];
const send = (key: string, offset: number, value: number, process = 0): Line => [
  'send',
  [['send', key, value]],
  [['send', key, [offset, value]]],
  'ok',
  process,
];
const poll = (entries: Record<string, [number, number][]>, process = 1): Line => [
  'poll',
  [['poll']],
  [['poll', entries]],
  'ok',
  process,
];

describe.each<[Checker, readonly (readonly [string, readonly Line[]])[]]>([
  [
    set,
    [
      ['valid', [['add', 1], ['add', 2, null, 'info'], read([1, 2])]],
      ['valid', [['add', 1], ['add', 2, null, 'info'], read([1])]],
      ['1 is lost', [['add', 1], read([])]],
      ['2 is present but was never added', [['add', 1], read([1, 2])]],
      ['shows an element twice', [['add', 1], read([1, 1])]],
      ['there was nothing to check', [['add', 1]]],
    ],
  ],
  [
    bankChecker(),
    [
      [
        'valid',
        [read({ 0: 10, 1: 5 }), ['transfer', { from: 0, to: 1, amount: 1 }], read({ 0: 9, 1: 6 })],
      ],
      [
        'the total is 14, not 15',
        [read({ 0: 10, 1: 5 }), read({ 0: 10, 1: 5 }), read({ 0: 9, 1: 5 })],
      ],
      ['a balance is negative', [read({ 0: 16, 1: -1 })]],
      ['other accounts', [read({ 0: 10, 1: 5 }), read({ 0: 10, 1: 5 }), read({ 0: 15 })]],
    ],
  ],
  [bankChecker({ total: 20 }), [['the total is 15, not 20', [read({ 0: 10, 1: 5 })]]]],
  [bankChecker({ mayBeNegative: true }), [['valid', [read({ 0: 16, 1: -1 })]]]],
  [
    longFork,
    [
      [
        'valid',
        [
          ['write', [['w', 'x', 1]]],
          read([
            ['r', 'x', 1],
            ['r', 'y', null],
          ]),
          read([
            ['r', 'y', 1],
            ['r', 'x', 1],
          ]),
        ],
      ],
      [
        'another the other way round',
        [
          read([
            ['r', 'x', 1],
            ['r', 'y', null],
          ]),
          read([
            ['r', 'x', null],
            ['r', 'y', 1],
          ]),
        ],
      ],
      [
        'written more than once',
        [['write', [['w', 'x', 1]]], ['write', [['w', 'x', 2]]], read([['r', 'x', 1]])],
      ],
    ],
  ],
  [
    causalReverse,
    [
      ['valid', [['write', 1], ['write', 2], read([1]), read([1, 2])]],
      ['shows 2 and not 1', [['write', 1], ['write', 2], read([2])]],
      ['valid', [['write', 1, null, 'info'], ['write', 2], read([2])]],
    ],
  ],
  [
    causal,
    [
      ['valid', [['read-init', null, 0], ['write', 1, 1], read(1), ['write', 2, 2], read(2)]],
      ['read showed 0', [['read-init', null, 0], ['write', 1, 1], read(0)]],
      [
        'links to 5',
        [
          ['read-init', null, { value: 0, position: 1, link: 'init' }],
          ['write', null, { value: 1, position: 2, link: 5 }],
        ],
      ],
    ],
  ],
  [
    monotonic,
    [
      ['valid', [read(1), ['inc', null], read(2, 1), read(2)]],
      ['shows 1 after one showed 2', [read(2), read(1, 1)]],
      [
        'valid',
        [
          ['add', null, { val: 1, sts: '10' }],
          read([
            { val: 1, sts: '10' },
            { val: 2, sts: '20' },
          ]),
        ],
      ],
      [
        '1 comes after 2',
        [
          read([
            { val: 2, sts: '10' },
            { val: 1, sts: '20' },
          ]),
        ],
      ],
      [
        '1 is there twice',
        [
          read([
            { val: 1, sts: '10' },
            { val: 1, sts: '20' },
          ]),
        ],
      ],
      ['3 is lost', [['add', null, { val: 3, sts: '5' }], read([{ val: 1, sts: '10' }])]],
    ],
  ],
  [
    clock,
    [
      ['valid', [read(1), read(1), read([1, 7])]],
      ['is smaller than one', [read([2, 1]), read([1, 9])]],
    ],
  ],
  [
    log,
    [
      [
        'valid',
        [
          send('x', 0, 1),
          send('x', 1, 2),
          poll({
            x: [
              [0, 1],
              [1, 2],
            ],
          }),
        ],
      ],
      ['inconsistent-offset', [send('x', 0, 1), send('x', 0, 2), poll({ x: [[0, 1]] })]],
      [
        'duplicate',
        [
          send('x', 0, 1),
          poll({
            x: [
              [0, 1],
              [3, 1],
            ],
          }),
        ],
      ],
      ['aborted-read', [['send', [['send', 'x', 1]], null, 'fail'], poll({ x: [[0, 1]] })]],
      ['made-up', [poll({ x: [[0, 9]] })]],
      ['lost: 1 at 0', [send('x', 0, 1), send('x', 1, 2), poll({ x: [[1, 2]] })]],
      [
        'skipped',
        [
          send('x', 0, 1),
          send('x', 1, 2),
          send('x', 2, 3),
          poll({
            x: [
              [0, 1],
              [1, 2],
              [2, 3],
            ],
          }),
          poll({ x: [[0, 1]] }, 2),
          poll({ x: [[2, 3]] }, 2),
        ],
      ],
      [
        "reordered: a client's poll",
        [send('x', 0, 1), send('x', 1, 2), poll({ x: [[1, 2]] }), poll({ x: [[0, 1]] })],
      ],
      [
        "reordered: a client's send",
        [
          send('x', 5, 1),
          send('x', 3, 2),
          poll({
            x: [
              [3, 2],
              [5, 1],
            ],
          }),
        ],
      ],
      [
        'valid',
        [
          send('x', 0, 1),
          send('x', 1, 2),
          poll({
            x: [
              [0, 1],
              [1, 2],
            ],
          }),
          ['assign', ['x'], ['x'], 'ok', 1],
          poll({ x: [[0, 1]] }),
        ],
      ],
    ],
  ],
])('$name', (checker, cases) => {
  it.each(cases)('says %s', (expected, lines) => {
    const { validity, reasons } = checker.check(serially(lines));
    if (expected === 'valid') expect(reasons).toEqual([]);
    else expect(reasons.join('; ')).toContain(expected);
    if (expected === 'valid') expect(validity).toBe('valid');
    else expect(validity).not.toBe('valid');
  });
});
