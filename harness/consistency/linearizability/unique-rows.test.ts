import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Operation } from '../../contract/history.ts';
import { operationsOf } from '../../contract/pairing.ts';
import { textOf } from '../../contract/value.ts';
import { checkObjects, checkRegisterTable } from './linearizable.ts';
import { registerModel } from './model.ts';
import { historyOfRegister } from './register-fixtures.ts';
import { OperationRows, RegisterTable } from './register-table.ts';
import { UniqueRows } from './unique-rows.ts';
import { checkUniqueWrites } from './unique-writes.ts';

/** The history up to an event: what completes later has an unknown outcome. */
function until(operations: readonly Operation[], end: number): Operation[] {
  return operations
    .filter(({ invokedIndex }) => invokedIndex < end)
    .map((one) =>
      one.type === 'fail' || one.completedIndex <= end
        ? one
        : { ...one, type: 'info', output: null, completedIndex: Number.POSITIVE_INFINITY },
    );
}

describe('registers in columns', () => {
  it('are judged as objects are, and so is every prefix', () => {
    const seen = { valid: 0, invalid: 0 };
    fc.assert(
      fc.property(historyOfRegister, (events) => {
        const operations = operationsOf(events);
        const rows = UniqueRows.of(new OperationRows(operations));
        const whole = checkUniqueWrites(registerModel, operations);
        expect(rows === undefined).toBe(whole === undefined);
        if (rows === undefined) return;
        const bad = events.flatMap(({ index }) => {
          const violation = checkUniqueWrites(registerModel, until(operations, index))?.violation;
          expect(rows.violation(index) === undefined, `at ${index}`).toBe(violation === undefined);
          return violation === undefined ? [] : [index];
        });
        seen[whole!.violation === undefined ? 'valid' : 'invalid']++;
        if (whole!.violation !== undefined) expect(rows.shortestBadPrefix()).toBe(bad[0]);
      }),
      { numRuns: 3000 },
    );
    expect(Math.min(seen.valid, seen.invalid)).toBeGreaterThan(100);
  });

  it('get the verdict that operations get', () => {
    fc.assert(
      fc.property(historyOfRegister, (events) => {
        const table = new RegisterTable();
        for (const event of events) expect(table.take(event)).toBe(true);
        const found = checkRegisterTable('x', table);
        if (found === undefined) return;
        const objects = new Map([['x', operationsOf(events)]]);
        const { validity, reasons, failure } = checkObjects(registerModel, objects);
        expect(found.validity).toBe(validity);
        expect(found.failure?.prefixEnd).toBe(failure?.prefixEnd);
        expect(found.reasons.map((reason) => reason.split('because')[0])).toEqual(
          reasons.map((reason) => reason.split('because')[0]),
        );
      }),
      { numRuns: 3000 },
    );
  });

  it('leave to objects what needs a closer look', () => {
    const event = (f: string, value: unknown) =>
      ({ index: 0, type: 'invoke', process: 0, f, value, timeMs: 0 }) as const;
    const odd = [
      ['cas', [1, 2]],
      ['write', [1, 2]],
      ['write', null],
      ['read', { key: 1 }],
    ] as const;
    for (const [f, value] of odd) {
      const took = new RegisterTable().take(event(f, value));
      expect(took, `${f} ${textOf(value)}`).toBe(false);
    }
  });
});
