/** Functions that a workload does not have, and writes that are named only by their completion. */
import { describe, expect, it } from 'vitest';
import { HistorySource } from '../../history/read-history.ts';
import { checkHistory } from './check-history.ts';

type Call = readonly [f: string, input: string, output: string];

const judged = (workload: string, calls: readonly Call[]) => {
  const lines = calls.flatMap(([f, input, output]) => [
    `{:type :invoke, :process 0, :f :${f}, :value ${input}}`,
    `{:type :ok, :process 0, :f :${f}, :value ${output}}`,
  ]);
  return checkHistory(HistorySource.ofText(`${lines.join('\n')}\n`), { workload });
};

/** A valid history, and the call that makes it invalid. */
const WORKLOADS: readonly (readonly [string, readonly Call[], Call])[] = [
  ['set', [['add', '1', '1']], ['read', 'nil', '#{}']],
  ['set-full', [['add', '1', '1']], ['read', 'nil', '#{}']],
  ['counter', [['add', '1', '1']], ['read', 'nil', '5']],
  ['bank', [['read', 'nil', '{0 5, 1 5}']], ['read', 'nil', '{0 5, 1 nil}']],
  ['unique-ids', [['generate', 'nil', '1']], ['generate', 'nil', '1']],
  [
    'log',
    [['send', '[[:send :k 1]]', '[[:send :k [0 1]]]']],
    ['poll', '[[:poll]]', '[[:poll {:k [[0 2]]}]]'],
  ],
  ['monotonic', [['read', 'nil', '2']], ['read', 'nil', '1']],
  ['clock', [['timestamp', 'nil', '2']], ['timestamp', 'nil', '1']],
  ['total-queue', [['enqueue', '1', '1']], ['dequeue', 'nil', '2']],
  [
    'causal-reverse',
    [
      ['write', '1', '1'],
      ['write', '2', '2'],
    ],
    ['read', 'nil', '[2]'],
  ],
];
const ODD: Call = ['frob', '7', '7'];

describe('a function that the workload does not have', () => {
  it.each(WORKLOADS)(
    'is never passed over in silence, and hides no fault: %s',
    (name, good, bad) => {
      const { validity, reasons } = judged(name, [...good, ODD, ...good.slice(1)]);
      expect([validity, reasons.join()]).toEqual([
        'unknown',
        expect.stringContaining('has no frob'),
      ]);
      expect(judged(name, [...good, bad, ODD]).validity).toBe('invalid');
      expect(judged(name, [...good, ODD, bad]).validity).toBe('invalid');
    },
  );
});

describe('an addition whose value stands in its completion only', () => {
  it('is of that value', () => {
    const added: Call = ['add', 'nil', '1'];
    expect(judged('set', [added, ['read', 'nil', '#{1}']]).validity).toBe('valid');
    expect(judged('set', [added, ['read', 'nil', '#{}']]).reasons[0]).toContain('1 is lost');
    const enqueued: Call = ['enqueue', 'nil', '1'];
    expect(judged('total-queue', [enqueued, ['drain', 'nil', '[1]']]).validity).toBe('valid');
  });
});

describe('a write that is acknowledged with another value', () => {
  const cases: readonly (readonly [string, Call, Call])[] = [
    ['set', ['add', '1', '2'], ['read', 'nil', '#{1}']],
    ['set-full', ['add', '1', '2'], ['read', 'nil', '#{1}']],
    ['counter', ['add', '1', '2'], ['read', 'nil', '1']],
    ['total-queue', ['enqueue', '1', '2'], ['drain', 'nil', '[1]']],
    ['queue', ['enqueue', '1', '2'], ['dequeue', 'nil', '1']],
    ['register', ['write', '1', '2'], ['read', 'nil', '1']],
  ];
  it.each(cases)('leaves open what was written: %s', (name, write, read) => {
    const { validity, reasons } = judged(name, [write, read]);
    expect([validity, reasons.join()]).toEqual(['unknown', expect.stringContaining('as')]);
    expect(reasons.join()).toContain(`${write[0]} 1 was acknowledged as ${write[0]} 2`);
    const same: Call = [write[0], '1', '1'];
    const left: Call = [write[0], '1', 'nil'];
    expect(judged(name, [same, read]).validity).toBe('valid');
    expect(judged(name, [left, read]).validity).toBe('valid');
  });
});

describe('a write acknowledged with another value', () => {
  const confused: Call = ['write', '1', '2'];

  it('may have written either: a read of one of them is no fault', () => {
    expect(judged('register', [confused, ['read', 'nil', '2']]).validity).toBe('unknown');
    expect(judged('register', [confused, ['read', 'nil', '1']]).validity).toBe('unknown');
  });

  it('hides no fault that came before it', () => {
    const all: Call[] = [['write', '0', '0'], ['read', 'nil', '7'], confused];
    expect(judged('register', all).validity).toBe('invalid');
  });
});
