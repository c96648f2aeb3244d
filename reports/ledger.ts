/** The fault ledger of storms: how often each kind of fault struck, and how often it had an effect. */
import type { RunRecord } from '../harness/contract/run-record.ts';

const STRUCK = ' struck';

export const LEDGER_HEAD = ['fault', 'struck', 'mattered', ''] as const;

/** One row a fault, over all records that have a ledger; none when there is none. */
export function ledgerRows(records: readonly RunRecord[]): string[][] {
  const clean = records.filter(({ cell }) => cell.mutant === undefined);
  const names = clean.flatMap(({ figures }) =>
    Object.keys(figures).filter((name) => name.endsWith(STRUCK)),
  );
  const sum = (name: string) =>
    clean.reduce((total, { figures }) => total + (figures[name] ?? 0), 0);
  return [...new Set(names)].map((name) => {
    const fault = name.slice(0, -STRUCK.length);
    const mattered = sum(`${fault} mattered`);
    const note = mattered === 0 ? 'not exercised' : '';
    return [fault, String(sum(name)), String(mattered), note];
  });
}
