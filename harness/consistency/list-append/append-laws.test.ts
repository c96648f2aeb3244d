/** What must be so of any list history: names change no verdict, and levels imply one another. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LEVELS, type Level } from '../graph/levels.ts';
import { FAIL, INFO, OK } from '../graph/transaction-table.ts';
import { append, historyOf, type Micro, read, type Txn } from './append-fixtures.ts';
import { checkListAppend } from './list-append.ts';

const check = (all: readonly Txn[]) => checkListAppend(historyOf(all));

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

describe('small histories of lists', () => {
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
