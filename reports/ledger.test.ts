import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../harness/contract/run-record.ts';
import { ledgerRows } from './ledger.ts';

const record = (figures: Record<string, number>, mutant?: string) =>
  ({ cell: { mutant }, figures }) as unknown as RunRecord;

describe('the ledger', () => {
  it('sums clean records, and calls a fault that never mattered not exercised', () => {
    const rows = ledgerRows([
      record({ 'kill struck': 2, 'kill mattered': 2, 'read-error struck': 0 }),
      record({ 'kill struck': 3, 'kill mattered': 1 }),
      record({ 'kill struck': 100, 'kill mattered': 100 }, 'a planted bug'),
    ]);
    expect(rows).toEqual([
      ['kill', '5', '3', ''],
      ['read-error', '0', '0', 'not exercised'],
    ]);
  });
});
