/** Lists against the definition of serializability, every order tried, and against themselves. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { append, historyOf, type Micro, read, type Txn } from './append-fixtures.ts';
import { LEVELS, type Level } from './levels.ts';
import { checkListAppend } from './list-append.ts';
import { FAIL, INFO, OK } from './transaction-table.ts';

const check = (all: readonly Txn[]) => checkListAppend(historyOf(all));

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
