import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { operationsOf } from '../../contract/history.ts';
import { historyOfOperations } from './judge-level.ts';
import { LEVELS, type Level } from './levels.ts';
import { checkListAppend } from './list-append.ts';
import { TransactionHistory } from './transaction-history.ts';
import { FAIL, INFO, OK } from './transaction-table.ts';

type Micro = readonly ['append', string, number] | readonly ['r', string, readonly number[] | null];

interface Txn {
  readonly process: number;
  readonly status: number;
  readonly invoked: number;
  readonly completed: number;
  readonly operations: readonly Micro[];
}

/** Transactions that ran one after the other, each by a client of its own unless said. */
function serially(...all: (readonly Micro[] | Partial<Txn>)[]): Txn[] {
  return all.map((one, i) => {
    const base = { process: i, status: OK, invoked: 2 * i, completed: 2 * i + 1, operations: [] };
    return Array.isArray(one)
      ? { ...base, operations: one as readonly Micro[] }
      : { ...base, ...one };
  });
}

/** The same, all at once. */
const together = (...all: (readonly Micro[])[]): Txn[] =>
  all.map((operations, i) => ({
    process: i,
    status: OK,
    invoked: i,
    completed: all.length + i,
    operations,
  }));

function historyOf(all: readonly Txn[]): TransactionHistory {
  const history = new TransactionHistory();
  const inOrder = [...all].sort((a, b) => a.completed - b.completed);
  for (const one of inOrder) history.add(one);
  return history;
}

const check = (all: readonly Txn[]) => checkListAppend(historyOf(all));
const namesOf = (all: readonly Txn[]) => [...check(all).anomalies.keys()].sort();
const append = (key: string, value: number): Micro => ['append', key, value];
const read = (key: string, ...list: number[]): Micro => ['r', key, list];

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
      ['G-single'],
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

/** Whether an order of transactions explains every read: the definition, tried out. */
function isSerial(order: readonly Txn[]): boolean {
  const lists = new Map<string, number[]>();
  return order.every(({ operations, status }) =>
    operations.every(([f, key, value]) => {
      const list = lists.get(key) ?? [];
      lists.set(key, list);
      if (f === 'append') return list.push(value) > 0;
      if (status !== OK || value === null) return true;
      return JSON.stringify(value) === JSON.stringify(list);
    }),
  );
}

function* orders(
  all: readonly Txn[],
  realtime: boolean,
  done: readonly Txn[] = [],
): Generator<readonly Txn[]> {
  if (all.length === 0) yield done;
  for (const next of all) {
    const rest = all.filter((one) => one !== next);
    const late = rest.some((one) => one.status === OK && one.completed < next.invoked);
    if (realtime && late) continue;
    yield* orders(rest, realtime, [...done, next]);
  }
}

/** Every choice of which uncertain transactions happened, in every order. */
function explained(all: readonly Txn[], realtime: boolean): boolean {
  const sure = all.filter(({ status }) => status === OK);
  const maybe = all.filter(({ status }) => status === INFO);
  for (let choice = 0; choice < 2 ** maybe.length; choice++) {
    const happened = [...sure, ...maybe.filter((_, i) => (choice >> i) & 1)];
    for (const order of orders(happened, realtime)) if (isSerial(order)) return true;
  }
  return false;
}

/** Small histories of a store that sometimes reads the past or loses what it was told. */
const smallHistory = fc
  .record({
    sizes: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 5 }),
    choices: fc.infiniteStream(fc.nat(99)),
  })
  .map(({ sizes, choices }) => {
    const next = (limit: number) => (choices.next().value as number) % limit;
    const lists = new Map<string, number[]>([
      ['x', []],
      ['y', []],
    ]);
    let value = 0;
    let clock = 0;
    const shared = next(3) > 0;
    return sizes.map((size, process): Txn => {
      const status = [OK, OK, OK, OK, OK, FAIL, INFO][next(7)]!;
      const operations = Array.from({ length: size }, (): Micro => {
        const key = next(2) === 0 ? 'x' : 'y';
        const list = lists.get(key)!;
        if (next(2) === 0) {
          value++;
          if (status === OK || (status === INFO && next(2) === 0)) {
            if (next(12) > 0) list.push(value);
          }
          return append(key, value);
        }
        const length = next(4) === 0 ? next(list.length + 1) : list.length;
        return read(key, ...list.slice(0, length));
      });
      clock += 2;
      const invoked = shared && clock > 2 ? clock - 3 - next(2) / 2 : clock;
      const completed = status === INFO ? Number.POSITIVE_INFINITY : clock + 1 + next(3) / 4;
      return { process, status, invoked, completed, operations };
    });
  })
  .map((all) => {
    // Events get distinct whole indexes, in the order of the drawn times.
    const times = all.flatMap((one) => [one.invoked, one.completed]).filter(Number.isFinite);
    const sorted = [...times].sort((a, b) => a - b);
    const used = new Map<number, number>();
    const rank = (time: number) => {
      const offset = used.get(time) ?? 0;
      used.set(time, offset + 1);
      return sorted.indexOf(time) + offset;
    };
    return all.map((one) => ({
      ...one,
      invoked: rank(one.invoked),
      completed: Number.isFinite(one.completed) ? rank(one.completed) : one.completed,
    }));
  });

describe('against the definition, on small histories', () => {
  const statuses = { true: 0, false: 0 };

  it.each<[Level, boolean]>([
    ['serializable', false],
    ['strict-serializable', true],
  ])('%s holds exactly when an order explains every read', (level, realtime) => {
    fc.assert(
      fc.property(smallHistory, (all) => {
        fc.pre(all.some(({ status }) => status === OK));
        const expected = explained(all, realtime);
        statuses[`${expected}`]++;
        const status = check(all).levels.status.get(level);
        expect(status).toBe(expected ? 'holds' : 'violated');
      }),
      { numRuns: 3000 },
    );
    expect(Math.min(statuses.true, statuses.false)).toBeGreaterThan(300);
  });

  it('renaming keys and values changes no verdict', () => {
    fc.assert(
      fc.property(smallHistory, (all) => {
        const renamed = all.map((one) => ({
          ...one,
          operations: one.operations.map(([f, key, value]): Micro => {
            const name = `another ${key}`;
            if (f === 'append') return [f, name, 1000 - value];
            return [f, name, value?.map((element) => 1000 - element) ?? null];
          }),
        }));
        const [before, after] = [check(all), check(renamed)];
        expect(after.levels).toEqual(before.levels);
        const counts = (report: typeof before) =>
          [...report.anomalies].map(([name, { count }]) => [name, count]);
        expect(counts(after)).toEqual(counts(before));
      }),
    );
  });

  it('a level never holds where a weaker one is violated', () => {
    fc.assert(
      fc.property(smallHistory, (all) => {
        const { status } = check(all).levels;
        const holds = (level: Level) => status.get(level) === 'holds';
        for (const [strong, weak] of [
          ['strict-serializable', 'serializable'],
          ['serializable', 'snapshot-isolation'],
          ['snapshot-isolation', 'read-atomic'],
          ['repeatable-read', 'read-committed'],
        ] as const) {
          if (holds(strong)) expect(holds(weak)).toBe(true);
        }
        expect([...status.keys()]).toEqual([...LEVELS]);
      }),
    );
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
