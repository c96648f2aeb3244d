import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Cell } from '../contract/run-record.ts';
import { shardCells, shardsOf, weightOf } from './shards.ts';

const cellsOf = (weights: readonly (readonly [seconds: number, bugs: number])[]): Cell[] =>
  weights.flatMap(([limitSeconds, bugs], i) => {
    const clean = { scenario: `s${i}`, target: 't', settings: { a: i }, seed: i };
    const planted = Array.from({ length: bugs }, (_, bug) => ({
      ...{ ...clean, id: `s${i}/t/a=${i}/bug:${bug}`, mutant: `${bug}` },
    }));
    return [...planted, { ...clean, id: `s${i}/t/a=${i}`, limitSeconds }];
  });

const someCells = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 0, max: 4 })), {
    maxLength: 30,
  })
  .map(cellsOf);

it('puts every cell into exactly one shard, in the order of the run', () => {
  fc.assert(
    fc.property(someCells, fc.integer({ min: 1, max: 12 }), (cells, count) => {
      const shards = shardsOf(cells, count);
      expect(shards).toHaveLength(count);
      const ids = shards.flat().map(({ id }) => id);
      expect(ids.sort()).toEqual(cells.map(({ id }) => id).sort());
      for (const shard of shards) {
        expect(shard).toEqual(cells.filter((cell) => shard.includes(cell)));
      }
    }),
  );
});

it('keeps planted bugs with their clean twin', () => {
  fc.assert(
    fc.property(someCells, fc.integer({ min: 1, max: 12 }), (cells, count) => {
      for (const shard of shardsOf(cells, count)) {
        for (const { scenario } of shard) {
          const all = cells.filter((cell) => cell.scenario === scenario);
          expect(all.every((cell) => shard.includes(cell))).toBe(true);
        }
      }
    }),
  );
});

it('makes no shard heavier than the mean and one group', () => {
  fc.assert(
    fc.property(someCells, fc.integer({ min: 1, max: 12 }), (cells, count) => {
      const groups = Map.groupBy(cells, ({ scenario }) => scenario);
      const largest = Math.max(0, ...[...groups.values()].map(weightOf));
      for (const shard of shardsOf(cells, count)) {
        expect(weightOf(shard)).toBeLessThanOrEqual(weightOf(cells) / count + largest);
      }
    }),
  );
});

it('takes all cells where there are no shards', () => {
  const cells = cellsOf([[1, 1]]);
  expect(shardCells(cells, undefined)).toBe(cells);
  expect(shardCells(cells, { index: 1, of: 1 })).toEqual(cells);
});
