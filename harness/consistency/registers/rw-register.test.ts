import { describe, expect, it } from 'vitest';
import { generateHistory, PEER_SETTINGS } from '../../generator/generate-history.ts';
import { TransactionCollector } from '../graph/transaction-collector.ts';
import { FAIL, INFO, OK } from '../graph/transaction-table.ts';
import { RegisterHistory } from './register-history.ts';
import { checkRegisters } from './rw-register.ts';

type Micro = readonly ['w', string, number] | readonly ['r', string, number | null];

interface Txn {
  readonly process: number;
  readonly status: number;
  readonly invoked: number;
  readonly completed: number;
  readonly operations: readonly Micro[];
}

const w = (key: string, value: number): Micro => ['w', key, value];
const r = (key: string, value: number | null = null): Micro => ['r', key, value];

function together(...all: (readonly Micro[] | Partial<Txn>)[]): Txn[] {
  return all.map((one, i) => {
    const base = { process: i, status: OK, invoked: i, completed: all.length + i, operations: [] };
    return Array.isArray(one) ? { ...base, operations: one } : { ...base, ...one };
  });
}

function serially(...all: (readonly Micro[] | Partial<Txn>)[]): Txn[] {
  return together(...all).map((one, i) => ({ ...one, invoked: 2 * i, completed: 2 * i + 1 }));
}

function historyOf(all: readonly Txn[]): RegisterHistory {
  const history = new RegisterHistory();
  for (const one of [...all].sort((a, b) => a.completed - b.completed)) history.add(one);
  return history;
}

const check = (all: readonly Txn[]) => checkRegisters(historyOf(all));
const namesOf = (all: readonly Txn[]) => [...check(all).anomalies.keys()].sort();

describe('anomalies of registers', () => {
  it.each<[string, Txn[], string[]]>([
    ['none', serially([w('x', 1)], [r('x', 1), w('x', 2)], [r('x', 2)]), []],
    ['garbage-read', serially([r('x', 9)]), ['garbage-read']],
    ['G1a', serially({ status: FAIL, operations: [w('x', 1)] }, [r('x', 1)]), ['G1a']],
    ['G1b', together([w('x', 1), w('x', 2)], [r('x', 1)]), ['G1b']],
    ['future-read', together([r('x', 1), w('x', 1)]), ['future-read']],
    ['not-own-write', together([w('x', 1), r('x', 2)], [w('x', 2)]), ['not-own-write']],
    ['not-last-own-write', together([w('x', 1), w('x', 2), r('x', 1)]), ['not-last-own-write']],
    ['G1c', together([w('x', 1), r('y', 1)], [w('y', 1), r('x', 1)]), ['G1c', 'cyclic-causality']],
    ['lost-update', together([r('x'), w('x', 1)], [r('x'), w('x', 2)]), ['lost-update']],
    [
      'G2-item that only a search finds',
      together([w('x', 11), w('y', 13)], [r('y', 13), w('x', 13)], [w('y', 16), r('x', 11)]),
      ['G2-item'],
    ],
    ['G2-item (write skew)', together([r('x'), w('y', 1)], [r('y'), w('x', 1)]), ['G2-item']],
    [
      'G-nonadjacent (long fork)',
      together([w('x', 1)], [w('y', 1)], [r('x', 1), r('y')], [r('x'), r('y', 1)]),
      ['G-nonadjacent'],
    ],
    [
      'G-single-realtime (stale read)',
      serially([w('x', 1)], [r('x', 1), w('x', 2)], [r('x', 1)]),
      ['G-single-realtime'],
    ],
  ])('%s', (_, history, expected) => {
    expect(namesOf(history)).toEqual(expected);
  });

  it('of blind writes are found: a fractured read, a non-monotonic one, a causal one', () => {
    const fractured = together(
      [w('x', 1), w('y', 1)],
      [w('x', 2), w('y', 2)],
      [r('x', 1), r('y', 2)],
    );
    expect(namesOf(fractured)).toContain('fractured-read-inferred');
    const { status } = check(fractured).levels;
    expect(status.get('read-committed')).toBe('holds');
    expect(status.get('read-committed-axiomatic')).toBe('holds');
    expect(status.get('read-atomic')).toBe('violated');
  });

  it('are explained edge by edge, with key and value', () => {
    const skew = together([r('x'), w('y', 1)], [r('y'), w('x', 1)]);
    expect(check(skew).anomalies.get('G2-item')!.examples[0]).toBe(
      'write skew: T0 < T1, because T0 did not see T1\'s write of 1 to key "x"; T1 < T0, because T1 did not see T0\'s write of 1 to key "y"',
    );
  });

  it('are called by the names people know', () => {
    const nameIn = (all: readonly Txn[], anomaly: string) =>
      check(all).anomalies.get(anomaly)!.examples[0]!.split(':')[0];
    const fork = together([w('x', 1)], [w('y', 1)], [r('x', 1), r('y')], [r('x'), r('y', 1)]);
    expect(nameIn(fork, 'G-nonadjacent')).toBe('long fork');
    const skew = together([w('x', 1), w('y', 1)], [r('x', 1), r('y')]);
    expect(nameIn(skew, 'G-single')).toBe('read skew');
  });

  it('give a witness when all is well', () => {
    const report = check(serially([w('x', 1)], [r('x', 1)]));
    expect(report.levels.maximalHolding).toEqual(['strict-serializable']);
    expect(report.witnesses.get('strict-serializable')?.order()).toEqual(['T0', 'T2']);
  });
});

describe('levels of registers', () => {
  it('do not need unique writes when the reads can be resolved', () => {
    const twice = serially([w('x', 1)], [w('x', 2)], [w('x', 1)], [r('x', 1)]);
    expect(check(twice).levels.status.get('strict-serializable')).toBe('holds');
    const stale = serially([w('x', 1)], [w('x', 1)], [r('x', 1), w('x', 2)], [r('x', 1)]);
    expect(check(stale).levels.status.get('strict-serializable')).toBe('violated');
    expect(check(stale).levels.status.get('serializable')).toBe('holds');
  });

  it('count unobserved writes of an indeterminate transaction as never done', () => {
    const unseen = serially([r('x')], { status: INFO, operations: [w('x', 1)] }, [r('x')]);
    expect(check(unseen).levels.status.get('strict-serializable')).toBe('holds');
    const seen = serially({ status: INFO, operations: [w('x', 1), w('y', 1)] }, [
      r('x', 1),
      r('y'),
    ]);
    expect(check(seen).levels.status.get('read-atomic')).toBe('violated');
  });

  it('take version orders as evidence', () => {
    const blind = serially([w('x', 1)], [w('x', 2)]);
    const orders = new Map([['x', [2, 1]]]);
    const { levels } = checkRegisters(historyOf(blind), orders);
    expect(levels.status.get('serializable')).toBe('holds');
    expect(levels.status.get('strict-serializable')).toBe('violated');
  });

  it.each([
    ['strong-session-snapshot-isolation', ['repeatable-read'], 2000, 15],
    ['strong-session-serializable', [], 10_000, 8],
  ] as const)(
    'that hold are found before weaker ones take the budget: %s',
    (...row) => {
      const [level, violated, transactions, operations] = row;
      const collector = new TransactionCollector(new RegisterHistory({ hasRealTime: false }));
      const shape = { clients: 24, operationsMin: operations, operationsMax: operations };
      const keys = { activeKeys: 10_000, writesPerKey: Number.POSITIVE_INFINITY, infoShare: 0 };
      const options = { ...PEER_SETTINGS, ...shape, ...keys, workload: 'rw-register' as const };
      const uniform = level === 'strong-session-serializable' ? { zipfExponent: 0 } : { level };
      generateHistory({ ...options, ...uniform, seed: 1, transactions }, (event) =>
        collector.add(event),
      );
      const { levels, caveats } = checkRegisters(collector.finish());
      expect(levels.maximalHolding).toEqual([level]);
      expect(levels.minimalViolated).toEqual(violated);
      expect(caveats).toEqual([]);
    },
    120_000,
  );
});
