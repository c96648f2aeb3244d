import { describe, expect, it } from 'vitest';
import type { Checker } from '../../contract/checker.ts';
import type { Operation } from '../../contract/history.ts';
import { counter } from './counter.ts';
import { log } from './log.ts';
import { setFull } from './set-full.ts';
import { totalQueue } from './total-queue.ts';
import { uniqueIds } from './unique-ids.ts';

type Line = readonly [f: string, input: unknown, output?: unknown, type?: Operation['type']];

/** One operation after the other. */
const serially = (lines: readonly Line[]): Operation[] =>
  lines.map(([f, input, output = null, type = 'ok'], i) => ({
    process: 0,
    f,
    input,
    output,
    type,
    invokedIndex: 2 * i,
    completedIndex: type === 'info' ? Number.POSITIVE_INFINITY : 2 * i + 1,
  }));

describe.each<[Checker, [string, Line[], string][]]>([
  [
    log,
    [
      [
        'a name of a poll stands for the number that is sent to later',
        [
          ['poll', [['poll']], [['poll', { 9: [[1, 'b']] }]]],
          ['send', [['send', 9, 'b']], [['send', 9, [1, 'b']]]],
          ['send', [['send', 9, 'a']], [['send', 9, [0, 'a']]], 'fail'],
        ],
        'valid',
      ],
      [
        'a poll names a key that is never sent to',
        [
          ['send', [['send', 8, 'b']], [['send', 8, [1, 'b']]]],
          ['poll', [['poll']], [['poll', { 9: [[1, 'b']] }]]],
        ],
        '"b" of key "9", which was never sent',
      ],
    ],
  ],
  [
    setFull,
    [
      [
        'everything is shown',
        [
          ['add', 1],
          ['read', null, [1]],
        ],
        'valid',
      ],
      [
        'an unknown add shows or not',
        [
          ['add', 1, null, 'info'],
          ['read', null, []],
          ['read', null, [1]],
        ],
        'valid',
      ],
      [
        'an element is lost',
        [
          ['add', 1],
          ['read', null, []],
        ],
        '1 is lost',
      ],
      [
        'an element that was read is lost',
        [
          ['add', 1, null, 'info'],
          ['read', null, [1]],
          ['read', null, []],
        ],
        '1 is lost',
      ],
      [
        'a read is stale',
        [
          ['add', 1],
          ['read', null, []],
          ['read', null, [1]],
        ],
        'back later',
      ],
      ['an element is made up', [['read', null, [1]]], 'never added'],
      [
        'a failed add shows',
        [
          ['add', 1, null, 'fail'],
          ['read', null, [1]],
        ],
        'never added',
      ],
      [
        'an element is there twice',
        [
          ['add', 1],
          ['read', null, [1, 1]],
        ],
        'twice',
      ],
      ['nothing is read', [['add', 1]], 'unknown'],
    ],
  ],
  [
    counter,
    [
      [
        'reads add up',
        [
          ['add', 2],
          ['add', -1],
          ['read', null, 1],
        ],
        'valid',
      ],
      [
        'an unknown add counts or not',
        [
          ['add', 2],
          ['add', 3, null, 'info'],
          ['read', null, 2],
          ['read', null, 5],
        ],
        'valid',
      ],
      [
        'a failed add counts',
        [
          ['add', 2, null, 'fail'],
          ['read', null, 2],
        ],
        'outside 0 … 0',
      ],
      [
        'an add is lost',
        [
          ['add', 2],
          ['add', 2],
          ['read', null, 2],
        ],
        'outside 4 … 4',
      ],
      ['nothing is read', [['add', 2]], 'unknown'],
    ],
  ],
  [
    uniqueIds,
    [
      [
        'all differ',
        [
          ['generate', null, 1],
          ['generate', null, 2],
        ],
        'valid',
      ],
      [
        'one comes twice',
        [
          ['generate', null, 1],
          ['generate', null, 1],
        ],
        '1 was generated twice',
      ],
      ['none was generated', [['generate', null, null, 'info']], 'unknown'],
    ],
  ],
  [
    totalQueue,
    [
      [
        'all come out once',
        [
          ['enqueue', 1],
          ['enqueue', 2],
          ['dequeue', null, 2],
          ['drain', null, [1]],
        ],
        'valid',
      ],
      [
        'an unknown enqueue comes out',
        [
          ['enqueue', 1, null, 'info'],
          ['drain', null, [1]],
        ],
        'valid',
      ],
      [
        'a value is lost',
        [
          ['enqueue', 1],
          ['enqueue', 2],
          ['drain', null, [2]],
        ],
        '1 is lost',
      ],
      ['a value is made up', [['drain', null, [7]]], 'never went in'],
      [
        'a value comes out twice',
        [
          ['enqueue', 1],
          ['dequeue', null, 1],
          ['drain', null, [1]],
        ],
        '2 times',
      ],
      [
        'the queue was not drained',
        [
          ['enqueue', 1],
          ['dequeue', null, 1],
        ],
        'unknown',
      ],
    ],
  ],
])('$name', (checker, cases) => {
  it.each(cases)('%s', (_, lines, expected) => {
    const { validity, reasons } = checker.check(serially(lines));
    if (expected === 'valid' || expected === 'unknown') expect(validity).toBe(expected);
    else {
      expect(validity).toBe('invalid');
      expect(reasons.join('\n')).toContain(expected);
    }
  });
});
