import { describe, expect, it } from 'vitest';
import { operationsOf } from '../../contract/pairing.ts';
import { historyOfOperations } from '../graph/judge-level.ts';
import { FAIL, INFO } from '../graph/transaction-table.ts';
import { append, historyOf, read, serially, type Txn, together } from './append-fixtures.ts';
import { checkListAppend } from './list-append.ts';

const check = (all: readonly Txn[]) => checkListAppend(historyOf(all));
const namesOf = (all: readonly Txn[]) => [...check(all).anomalies.keys()].sort();

describe('anomalies', () => {
  it.each<[string, Txn[], string[]]>([
    ['none', serially([append('x', 1)], [read('x', 1), append('x', 2)], [read('x', 1, 2)]), []],
    ['G1a', serially({ status: FAIL, operations: [append('x', 1)] }, [read('x', 1)]), ['G1a']],
    [
      'G1b',
      together([append('x', 1), append('x', 2)], [read('x', 1)], [read('x', 1, 2)]),
      ['G1b', 'G-single'].sort(),
    ],
    ['garbage-read', serially([read('x', 9)]), ['garbage-read']],
    ['duplicate-elements', serially([append('x', 1)], [read('x', 1, 1)]), ['duplicate-elements']],
    ['internal', serially([append('x', 1), read('x')]), ['internal']],
    [
      'incompatible-order',
      together(
        [append('x', 1)],
        [append('x', 2)],
        [read('x', 1)],
        [read('x', 2)],
        [read('x', 2, 1)],
      ),
      ['incompatible-order'],
    ],
    [
      'dirty-update',
      serially({ status: FAIL, operations: [append('x', 1)] }, [append('x', 2)], [read('x', 1, 2)]),
      ['G1a', 'dirty-update'],
    ],
    [
      'G0',
      together(
        [append('x', 1), append('y', 1)],
        [append('x', 2), append('y', 2)],
        [read('x', 1, 2), read('y', 2, 1)],
      ),
      ['G0'],
    ],
    ['G1c', together([append('x', 1), read('y', 1)], [append('y', 1), read('x', 1)]), ['G1c']],
    [
      'G-single (read skew)',
      together([append('x', 1), append('y', 1)], [read('x', 1), read('y')], [read('y', 1)]),
      ['G-single'],
    ],
    [
      'G-single (lost update)',
      together([read('x'), append('x', 1)], [read('x'), append('x', 2)], [read('x', 1, 2)]),
      ['G-single', 'lost-update'],
    ],
    [
      'lost-update that shows as reads which disagree',
      together(
        [append('x', 1)],
        [read('x', 1), append('x', 2)],
        [read('x', 1), append('x', 3)],
        [read('x', 1, 2)],
        [read('x', 1, 3)],
      ),
      ['incompatible-order', 'lost-update'],
    ],
    ['future-read of its own append', together([read('x', 1), append('x', 1)]), ['future-read']],
    [
      'future-read of its own append behind that of another',
      serially([append('x', 1)], [read('x', 1, 2), append('x', 2)]),
      ['future-read'],
    ],
    [
      'future-read between a shorter read and the append',
      together([read('x'), read('x', 1), append('x', 1)]),
      ['future-read'],
    ],
    [
      'none where a transaction reads, appends and reads its append',
      serially([append('x', 1)], [read('x', 1), append('x', 2), read('x', 1, 2)]),
      [],
    ],
    [
      'incompatible-order alone, where an element that was read is missing later',
      serially(
        { process: 0, operations: [append('x', 1)] },
        { process: 0, operations: [read('x', 1)] },
        [append('x', 2), append('y', 20)],
        { process: 0, operations: [append('y', 21)] },
        { process: 0, operations: [append('x', 3), append('y', 22)] },
        { process: 0, operations: [read('x', 2, 3), read('y', 20, 21, 22)] },
      ),
      ['incompatible-order'],
    ],
    [
      'G2-item (write skew)',
      together(
        [read('x'), append('y', 1)],
        [read('y'), append('x', 1)],
        [read('x', 1), read('y', 1)],
      ),
      ['G2-item'],
    ],
    [
      'G-nonadjacent (long fork)',
      together(
        [append('x', 1)],
        [append('y', 1)],
        [read('x', 1), read('y')],
        [read('x'), read('y', 1)],
      ),
      ['G-nonadjacent'],
    ],
    [
      'G-single-process (a client does not see its own write)',
      [
        ...serially([append('x', 1)], { process: 0, operations: [read('x')] }),
        ...serially([], [], { operations: [read('x', 1)] }).slice(2),
      ],
      ['G-single-process'],
    ],
    [
      'G-single-realtime (a stale read)',
      serially([append('x', 1)], [read('x')], [read('x', 1)]),
      ['G-single-realtime'],
    ],
  ])('%s', (_, history, expected) => {
    expect(namesOf(history)).toEqual(expected);
  });

  it('of a stronger form are found on an edge that a plain G2-item has', () => {
    const history = serially(
      [append('x', 1)],
      [append('y', 1), read('x')],
      [read('y'), append('x', 2)],
      [read('x', 1)],
    );
    const { anomalies, levels } = check(history);
    expect([...anomalies.keys()]).toEqual(['G2-item', 'G-single-realtime']);
    expect(levels.status.get('strong-session-snapshot-isolation')).toBe('holds');
    expect(levels.status.get('strong-snapshot-isolation')).toBe('violated');
    const overlapping = history.map((one, i) => ({ ...one, invoked: i, completed: 4 + i }));
    expect(check(overlapping).levels.status.get('strong-snapshot-isolation')).toBe('holds');
  });

  it('are explained edge by edge, with key and value', () => {
    const skew = together([read('x'), append('y', 1)], [read('y'), append('x', 1)]);
    const [example] = check(skew).anomalies.get('G2-item')!.examples;
    expect(example).toBe(
      'write skew: T0 < T1, because T0 did not see T1\'s append of 1 to key "x"; T1 < T0, because T1 did not see T0\'s append of 1 to key "y"',
    );
  });

  it('do not come from transactions that may never have happened', () => {
    const info = { status: INFO, completed: 99, operations: [append('x', 1), read('y')] };
    expect(namesOf(serially([read('x')], info, [read('x')]))).toEqual([]);
    expect(
      namesOf(serially([append('x', 1)], [read('x', 1)], { ...info, operations: [read('x')] })),
    ).toEqual([]);
  });
});

describe('levels', () => {
  const report = (all: readonly Txn[]) => check(all).levels;

  it('name the weakest violated and the strongest holding', () => {
    const skew = together(
      [read('x'), append('y', 1)],
      [read('y'), append('x', 1)],
      [read('x', 1), read('y', 1)],
    );
    expect(report(skew).minimalViolated).toEqual(['update-serializable', 'repeatable-read']);
    expect(report(skew).maximalHolding).toEqual(['strong-snapshot-isolation']);
    const stale = serially([append('x', 1)], [read('x')], [read('x', 1)]);
    expect(report(stale).minimalViolated).toEqual(['strong-snapshot-isolation']);
    expect(report(stale).maximalHolding).toEqual(['strong-session-serializable']);
  });

  it('are searched for where the order of versions is not known', () => {
    const unordered = together(
      [append('z', 1), read('x'), append('y', 1)],
      [append('z', 2), read('y'), append('x', 1)],
      [read('x', 1), read('y', 1)],
    );
    expect(report(unordered).status.get('snapshot-isolation')).toBe('violated');
    expect(report(unordered).status.get('read-atomic')).toBe('holds');
    const fine = together([append('z', 1)], [append('z', 2)]);
    expect(report(fine).status.get('snapshot-isolation')).toBe('holds');
  });

  it('are never called holding for an empty history', () => {
    expect(new Set(report([]).status.values())).toEqual(new Set(['unknown']));
  });
});

describe('histories of the harness', () => {
  it('are judged by their operations', () => {
    const events = [
      { index: 0, type: 'invoke', process: 0, f: 'txn', value: [append('x', 1)], timeMs: 0 },
      { index: 1, type: 'ok', process: 0, f: 'txn', value: [append('x', 1)], timeMs: 1 },
      { index: 2, type: 'invoke', process: 1, f: 'txn', value: [['r', 'x', null]], timeMs: 2 },
      { index: 3, type: 'ok', process: 1, f: 'txn', value: [['r', 'x', []]], timeMs: 3 },
    ] as const;
    const { anomalies, levels } = checkListAppend(historyOfOperations(operationsOf(events)));
    expect([...anomalies.keys()]).toEqual(['G-single-realtime']);
    expect(levels.status.get('strict-serializable')).toBe('violated');
  });
});
