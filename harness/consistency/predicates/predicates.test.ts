import { describe, expect, it } from 'vitest';
import { OK } from '../graph/transaction-table.ts';
import { PredicateHistory } from './predicate-history.ts';
import { checkPredicates } from './predicates.ts';

type Op = readonly unknown[];
const all = { range: ['a', 'zz'] };
const adults = { field: 'age', value: 18 };

/** Transactions all at once, or one after the other. */
function check(serial: boolean, ...transactions: Op[][]) {
  const history = new PredicateHistory();
  const n = transactions.length;
  for (const [i, operations] of transactions.entries()) {
    const invoked = serial ? 2 * i : i;
    history.add({
      status: OK,
      process: i,
      invoked,
      completed: serial ? 2 * i + 1 : n + i,
      operations,
    });
  }
  return checkPredicates(history);
}

const rp = (predicate: unknown, ...shown: Op[]): Op => ['rp', predicate, shown];

describe('predicate reads', () => {
  it('hold when they show the current records', () => {
    const { levels, anomalies } = check(
      true,
      [rp(all)],
      [['w', 'a', 1]],
      [rp(all, ['a', 1])],
      [['d', 'a']],
      [rp(all)],
      [['w', 'a', 2]],
      [rp(all, ['a', 2]), ['r', 'b', null]],
    );
    expect([...anomalies.keys()]).toEqual([]);
    expect(levels.status.get('strict-serializable')).toBe('holds');
  });

  it('show write skew over a predicate: G2, and repeatable read holds all the same', () => {
    const { levels, anomalies } = check(false, [rp(all), ['w', 'a', 1]], [rp(all), ['w', 'b', 2]]);
    expect([...anomalies.keys()]).toEqual(['G2']);
    expect(levels.status.get('serializable')).toBe('violated');
    expect(levels.status.get('repeatable-read')).toBe('holds');
    expect(levels.status.get('snapshot-isolation')).toBe('holds');
  });

  it('show the same over items: G2-item', () => {
    const { levels, anomalies } = check(
      false,
      [
        ['r', 'a', null],
        ['w', 'b', 1],
      ],
      [
        ['r', 'b', null],
        ['w', 'a', 2],
      ],
      [rp(all, ['a', 2], ['b', 1])],
    );
    expect([...anomalies.keys()]).toEqual(['G2-item']);
    expect(levels.status.get('repeatable-read')).toBe('violated');
  });

  it('show a phantom within a transaction', () => {
    const { levels, anomalies } = check(false, [rp(all), rp(all, ['a', 1])], [['w', 'a', 1]]);
    expect([...anomalies.keys()]).toContain('phantom');
    expect(levels.status.get('snapshot-isolation')).toBe('violated');
    expect(levels.status.get('repeatable-read')).toBe('holds');
  });

  it('match fields of values', () => {
    const ann = { id: 1, age: 17 };
    const older = { id: 2, age: 18 };
    const good = check(
      true,
      [['w', 'ann', ann]],
      [rp(adults)],
      [['w', 'ann', older]],
      [rp(adults, ['ann', older])],
    );
    expect(good.levels.status.get('strict-serializable')).toBe('holds');
    const stale = check(true, [['w', 'ann', older]], [rp(adults)]);
    expect(stale.levels.status.get('strict-serializable')).toBe('violated');
    expect(stale.levels.status.get('serializable')).toBe('holds');
  });

  it('see a delete too late', () => {
    const { levels } = check(true, [['w', 'a', 1]], [['d', 'a']], [rp(all, ['a', 1])]);
    expect(levels.status.get('strict-serializable')).toBe('violated');
  });

  it('are unknown without versions', () => {
    const { levels, caveats } = check(true, [['w', 'a', 1]], [rp(all, ['a'])]);
    expect(levels.status.get('serializable')).toBe('unknown');
    expect(caveats.join()).toContain('show no versions');
  });

  it('that are malformed are refused', () => {
    expect(() => check(true, [['rp', {}, []]])).toThrow('no predicate');
    expect(() => check(true, [['x', 1]])).toThrow('no w, d, r or rp');
  });
});
