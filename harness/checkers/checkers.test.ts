import { describe, expect, it } from 'vitest';
import type { Checker } from '../contract/checker.ts';
import type { EventType, HistoryEvent } from '../contract/history.ts';
import { operationsOf } from '../contract/pairing.ts';
import type { GraphDump } from '../contract/target.ts';
import bankTotal from './bank-total.ts';
import durability from './durability.ts';
import graphInvariant from './graph-invariant.ts';
import linearizableRegisters from './linearizable-registers.ts';
import prefixConsistent from './prefix-consistent.ts';
import recency from './recency.ts';

type Line = readonly [process: number, type: EventType, f: string, value: unknown];

function history(lines: readonly Line[]): HistoryEvent[] {
  return lines.map(([process, type, f, value], index) => ({
    index,
    process,
    type,
    f,
    value,
    timeMs: index,
  }));
}

const check = (checker: Checker, lines: readonly Line[]) =>
  checker.check(operationsOf(history(lines)));

/** An operation that began and ended with nothing in between. */
const op = (f: string, input: unknown, output: unknown, type: EventType = 'ok'): Line[] => [
  [0, 'invoke', f, input],
  [0, type, f, output],
];

describe('durability', () => {
  const add = (group: number, size: number, type: EventType = 'ok') =>
    op('add', { group, size }, null, type);
  const read = (...groups: [number, number][]) => op('read', null, groups);

  it.each<[string, Line[]]>([
    ['everything acknowledged is there', [...add(1, 2), ...add(2, 1), ...read([1, 2], [2, 1])]],
    [
      'an indefinite add is there, whole',
      [...add(1, 1), ...add(2, 3, 'info'), ...read([1, 1], [2, 3])],
    ],
    ['an indefinite add is not there', [...add(1, 1), ...add(2, 3, 'info'), ...read([1, 1])]],
    ['a failed add is not there', [...add(1, 1), ...add(2, 1, 'fail'), ...read([1, 1])]],
  ])('accepts a history in which %s', (_, lines) => {
    expect(check(durability, lines).validity).toBe('valid');
  });

  it.each<[string, Line[], string]>([
    ['an acknowledged group is lost', [...add(1, 1), ...add(2, 1), ...read([2, 1])], 'is lost'],
    ['a group is there in part', [...add(1, 3, 'info'), ...read([1, 2])], 'in part'],
    ['a group was never added', [...add(1, 1), ...read([1, 1], [9, 1])], 'never added'],
    ['a failed add is there', [...add(1, 1, 'fail'), ...read([1, 1])], 'never added'],
    ['what was read is gone', [...add(1, 1, 'info'), ...read([1, 1]), ...read()], 'is gone'],
  ])('rejects a history in which %s', (_, lines, reason) => {
    const verdict = check(durability, lines);
    expect(verdict.validity).toBe('invalid');
    expect(verdict.reasons.join('\n')).toContain(reason);
    expect(verdict.firstBadIndex).toBeDefined();
  });

  it('does not call a history valid that it could not judge', () => {
    expect(check(durability, add(1, 1)).validity).toBe('unknown');
  });
});

describe('bank-total', () => {
  const transfer = (id: number, amount: number, type: EventType = 'ok') =>
    op('transfer', { id, from: 0, to: 1, amount }, amount, type);
  const audit = (balances: number[], ids: number[] = []) =>
    op('audit', null, {
      balances,
      receipts: ids.map((id) => ({ id, from: 0, to: 1, amount: 10 })),
    });

  it('accepts balances that agree with the receipts', () => {
    const lines = [...transfer(1, 10), ...audit([90, 110], [1]), ...transfer(2, 10, 'info')];
    expect(check(bankTotal, [...lines, ...audit([80, 120], [1, 2])]).validity).toBe('valid');
  });

  it.each<[string, Line[], string]>([
    ['the total is wrong', audit([90, 100]), 'the total is 190'],
    ['a balance is negative', audit([-10, 210]), 'negative'],
    ['an acknowledged transfer is lost', [...transfer(1, 10), ...audit([100, 100])], 'is lost'],
    ['a receipt has no transfer', audit([90, 110], [7]), 'of no transfer'],
    [
      'a transfer counts twice',
      [...transfer(1, 10), ...audit([80, 120], [1])],
      'the receipts make',
    ],
    [
      'a receipt that was read is gone',
      [...transfer(1, 10, 'info'), ...audit([90, 110], [1]), ...audit([100, 100])],
      'is gone',
    ],
  ])('rejects a history in which %s', (_, lines, reason) => {
    const verdict = check(bankTotal, lines);
    expect(verdict.validity).toBe('invalid');
    expect(verdict.reasons.join('\n')).toContain(reason);
  });
});

describe('recency', () => {
  const write = (value: number, type: EventType = 'ok') =>
    op('write', { key: 0, value }, { read: null }, type);
  const swap = (value: number, replaced: number | null) =>
    op('swap', { key: 0, value }, { read: replaced });
  const read = (value: number | null) => op('read', { key: 0 }, { read: value });

  it.each<[string, Line[]]>([
    ['reads follow writes', [...read(null), ...write(1), ...read(1), ...swap(2, 1), ...read(2)]],
    ['an indefinite write shows', [...write(1), ...write(2, 'info'), ...read(2)]],
    ['an indefinite write does not show', [...write(1), ...write(2, 'info'), ...read(1)]],
    [
      'a read overlaps a write',
      [
        ...write(1),
        [1, 'invoke', 'write', { key: 0, value: 2 }],
        ...read(1),
        [1, 'ok', 'write', { read: null }],
        ...read(2),
      ],
    ],
  ])('accepts a history in which %s', (_, lines) => {
    expect(check(recency, lines).validity).toBe('valid');
  });

  it.each<[string, Line[], string]>([
    ['a read is stale', [...write(1), ...write(2), ...read(1)], '2 came after it'],
    ['an acknowledged write is lost', [...write(1), ...read(null)], '1 came after it'],
    ['a value comes from nowhere', [...write(1), ...read(5)], 'never written'],
    ['a failed write shows', [...write(1, 'fail'), ...read(1)], 'never written'],
    [
      'what was read is taken back',
      [...write(1), ...write(2, 'info'), ...read(2), ...read(1)],
      '2 came after it',
    ],
    [
      'a swap is lost',
      [
        ...write(1),
        [1, 'invoke', 'swap', { key: 0, value: 2 }],
        [2, 'invoke', 'swap', { key: 0, value: 3 }],
        [1, 'ok', 'swap', { read: 1 }],
        [2, 'ok', 'swap', { read: 1 }],
      ],
      'one of them is lost',
    ],
  ])('rejects a history in which %s', (_, lines, reason) => {
    const verdict = check(recency, lines);
    expect(verdict.validity).toBe('invalid');
    expect(verdict.reasons.join('\n')).toContain(reason);
  });
});

describe('graph-invariant', () => {
  const edge = { source: 'a', label: 'l', target: 'b' };
  const whole: GraphDump = {
    vertices: ['a', 'b'],
    outgoing: [edge],
    incoming: [edge],
    degrees: [
      ['a', 1, 0],
      ['b', 0, 1],
    ],
  };
  const made = [
    ...op('add-vertex', { vertex: 'a' }, null),
    ...op('add-vertex', { vertex: 'b' }, null),
    ...op('add-edge', edge, null),
  ];
  const dump = (changes: Partial<GraphDump> = {}) => op('dump', {}, { ...whole, ...changes });

  it('accepts a whole graph, and any outcome of an indefinite change', () => {
    expect(check(graphInvariant, [...made, ...dump()]).validity).toBe('valid');
    const doubtful = [...made, ...op('remove-edge', edge, 'lost', 'info')];
    const without = {
      outgoing: [],
      incoming: [],
      degrees: [
        ['a', 0, 0],
        ['b', 0, 0],
      ] as const,
    };
    expect(check(graphInvariant, [...doubtful, ...dump()]).validity).toBe('valid');
    expect(check(graphInvariant, [...doubtful, ...dump(without)]).validity).toBe('valid');
  });

  it.each<[string, Line[], string]>([
    ['the reverse record is missing', [...made, ...dump({ incoming: [] })], 'no reverse record'],
    [
      'only the reverse record is there',
      [...made, ...dump({ outgoing: [] })],
      'reverse record only',
    ],
    ['an edge dangles', [...made, ...dump({ vertices: ['a'] })], 'dangles'],
    [
      'a degree is wrong',
      [
        ...made,
        ...dump({
          degrees: [
            ['a', 2, 0],
            ['b', 0, 1],
          ],
        }),
      ],
      'counts 2 out',
    ],
    ['a degree is missing', [...made, ...dump({ degrees: [['a', 1, 0]] })], 'b has no degree'],
    [
      'an acknowledged edge is lost',
      [
        ...made,
        ...dump({
          outgoing: [],
          incoming: [],
          degrees: [
            ['a', 0, 0],
            ['b', 0, 0],
          ],
        }),
      ],
      'not there after add-edge',
    ],
    [
      'a removed vertex is still there',
      [
        ...op('add-vertex', { vertex: 'a' }, null),
        ...op('remove-vertex', { vertex: 'a' }, null),
        ...op('dump', {}, { vertices: ['a'], outgoing: [], incoming: [], degrees: [['a', 0, 0]] }),
      ],
      'there after remove-vertex',
    ],
  ])('rejects a history in which %s', (_, lines, reason) => {
    const verdict = check(graphInvariant, lines);
    expect(verdict.validity).toBe('invalid');
    expect(verdict.reasons.join('\n')).toContain(reason);
  });
});

describe('prefix-consistent', () => {
  const add = (group: number, size = 1, type: EventType = 'ok') =>
    op('add', { group, size }, null, type);
  const read = (...groups: [number, number][]) => op('read', null, groups);

  it.each<[string, Line[]]>([
    ['nothing is lost', [...add(1), ...add(2), ...read([1, 1], [2, 1])]],
    ['the last commit is lost', [...add(1), ...add(2), ...read([1, 1])]],
    ['everything is lost', [...add(1), ...read()]],
    [
      'an unknown commit is missing before a later one',
      [...add(1, 1, 'info'), ...add(2), ...read([2, 1])],
    ],
  ])('accepts a history in which %s', (_, lines) => {
    expect(check(prefixConsistent, lines).validity).toBe('valid');
  });

  it.each<[string, Line[], string]>([
    ['an earlier commit is lost', [...add(1), ...add(2), ...read([2, 1])], 'a later one is there'],
    ['a group is there in part', [...add(1, 3), ...read([1, 2])], 'in part'],
    ['a group was never added', [...add(1), ...read([9, 1])], 'never added'],
  ])('rejects a history in which %s', (_, lines, reason) => {
    const verdict = check(prefixConsistent, lines);
    expect(verdict.validity).toBe('invalid');
    expect(verdict.reasons.join('\n')).toContain(reason);
  });

  it('rejects it when what was read after a crash is gone after the next', () => {
    const operations = operationsOf(history([...add(1), ...read([1, 1]), ...read()]));
    const afterCrash = operations.map((one) => (one.f === 'read' ? { ...one, process: -1 } : one));
    expect(prefixConsistent.check(afterCrash).reasons.join()).toContain('is gone');
  });
});

describe('linearizable-registers', () => {
  const write = (value: number) => op('write', { key: 0, value }, { read: null });
  const swap = (value: number, read: number) => op('swap', { key: 0, value }, { read });
  const readAll = (...values: (number | null)[]) => op('read-all', null, values);

  it('accepts reads and swaps that have an order in real time', () => {
    const lines = [...write(1), ...swap(2, 1), ...readAll(2, null)];
    expect(check(linearizableRegisters, lines).validity).toBe('valid');
  });

  it('rejects a stale read, and a swap of what was replaced', () => {
    for (const last of [readAll(1), swap(3, 1)]) {
      const verdict = check(linearizableRegisters, [...write(1), ...write(2), ...last]);
      expect(verdict.validity).toBe('invalid');
      expect(verdict.reasons[0]).toContain('key 0 is not linearizable');
    }
  });
});
