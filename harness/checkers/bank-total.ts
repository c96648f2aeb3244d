/**
 * Bank: in every read the balances add up to the initial total and none is negative. In an audit,
 * which also reads the receipts:
 * - every acknowledged transfer that moved money has its receipt;
 * - every receipt belongs to a transfer that was invoked and did not fail;
 * - every receipt of an earlier audit is still there (what was read stays);
 * - the balances are exactly what the receipts make of the initial ones.
 */
import { defineChecker, verdictOf } from '../contract/checker.ts';
import type { Operation } from '../contract/history.ts';
import { type BankRead, INITIAL_BALANCE, type Transfer } from '../contract/operation-values.ts';

const KINDS = [
  'wrong-total',
  'negative-balance',
  'made-up',
  'lost',
  'taken-back',
  'unlike-receipts',
] as const;

interface Fault {
  readonly reason: string;
  readonly index: number;
  readonly kind: (typeof KINDS)[number];
}

export default defineChecker({
  name: 'bank-total',
  kinds: KINDS,
  doc: 'the total never changes, no balance is negative, balances agree with the receipts',
  check(operations) {
    const transfers = new Map<number, Operation>();
    const reads: Operation[] = [];
    for (const operation of operations) {
      if (operation.f === 'transfer') {
        transfers.set((operation.input as Transfer).id, operation);
      } else if (operation.type === 'ok') reads.push(operation);
    }
    const faults: Fault[] = [];
    let seenBefore: readonly Transfer[] = [];
    for (const read of reads) {
      const { balances, receipts } = read.output as BankRead;
      const index = read.completedIndex;
      const total = balances.reduce((sum, balance) => sum + balance, 0);
      const expected = balances.length * INITIAL_BALANCE;
      if (total !== expected) {
        const reason = `the total is ${total}, not ${expected}: ${balances}`;
        faults.push({ reason, index, kind: 'wrong-total' });
      }
      if (balances.some((balance) => balance < 0)) {
        const reason = `a balance is negative: ${balances}`;
        faults.push({ reason, index, kind: 'negative-balance' });
      }
      if (receipts === undefined) continue;
      for (const one of auditFaults(transfers, read, balances, receipts)) faults.push(one);
      const ids = new Set(receipts.map((receipt) => receipt.id));
      for (const { id } of seenBefore) {
        if (ids.has(id)) continue;
        faults.push({ reason: `receipt ${id} was read, and is gone`, index, kind: 'taken-back' });
      }
      seenBefore = receipts;
    }
    const acknowledged = [...transfers.values()].filter((one) => one.type === 'ok').length;
    return verdictOf('bank-total', faults, { acknowledged, reads: reads.length }, reads.length);
  },
});

function* auditFaults(
  transfers: ReadonlyMap<number, Operation>,
  read: Operation,
  balances: readonly number[],
  receipts: readonly Transfer[],
): Generator<Fault> {
  const worked = balances.map(() => INITIAL_BALANCE);
  const found = new Set<number>();
  for (const { id, from, to, amount } of receipts) {
    found.add(id);
    worked[from]! -= amount;
    worked[to]! += amount;
    const transfer = transfers.get(id);
    if (transfer === undefined || transfer.type === 'fail') {
      const reason = `there is a receipt ${id} of no transfer`;
      yield { reason, index: read.completedIndex, kind: 'made-up' };
    }
  }
  for (const [id, transfer] of transfers) {
    const moved = transfer.type === 'ok' && transfer.output !== 0;
    if (!moved || transfer.completedIndex > read.invokedIndex || found.has(id)) continue;
    const reason = `transfer ${id} was acknowledged, and is lost`;
    yield { reason, index: transfer.invokedIndex, kind: 'lost' };
  }
  if (worked.some((balance, account) => balance !== balances[account])) {
    const reason = `the receipts make balances ${worked}, and they are ${balances}`;
    yield { reason, index: read.completedIndex, kind: 'unlike-receipts' };
  }
}
