import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Sizes, shrinkSizes, sizesOf } from './shrink-plan.ts';

describe('shrinking a plan', () => {
  it('finds the least that fails, when more never fails less', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 9 }),
        async (operations, clients) => {
          const fails = async (sizes: Sizes) =>
            sizes.operations >= operations && sizes.clients >= clients;
          const found = await shrinkSizes({ operations: 300, clients: 9 }, fails, () => false);
          expect(found).toEqual({ operations, clients });
        },
      ),
    );
  });

  it('stops when there is no time left, with what it has', async () => {
    let tries = 0;
    const fails = async () => {
      tries++;
      return true;
    };
    const found = await shrinkSizes({ operations: 64, clients: 4 }, fails, () => tries >= 2);
    expect(found).toEqual({ operations: 16, clients: 4 });
  });

  it('leaves alone what is no run from a seed', () => {
    expect(sizesOf({ kind: 'kill-loops', loops: 1, clients: 3, killAfterMs: [1, 2] })).toBe(
      undefined,
    );
    expect(sizesOf({ kind: 'seeds', seeds: 1, operations: 9, clients: 3 })).toEqual({
      operations: 9,
      clients: 3,
    });
  });
});
