/**
 * Bank: transfers between accounts. Each transfer also writes a receipt, so that afterwards every
 * balance can be worked out from the receipts: nothing lost, nothing twice, nothing half.
 */
import { type BankRead, INITIAL_BALANCE, type Transfer } from '../contract/operation-values.ts';
import { inTransaction, type Session, type Transaction } from '../contract/target.ts';
import { defineWorkload } from '../contract/workload.ts';

const accountKey = (account: number) => `bank/account/${String(account).padStart(4, '0')}`;
const receiptKey = (id: number) => `bank/receipt/${String(id).padStart(10, '0')}`;

export default defineWorkload({
  name: 'bank',
  doc: 'transfers between accounts with receipts; the total never changes',
  needs: [],
  options: { accounts: 8, readShare: 20 },
  create({ accounts = 8, readShare = 20 }) {
    return {
      setup: (session) => openAccounts(session, accounts),
      next({ random, sequence }) {
        if (random.below(100) < readShare) return { f: 'read', value: null };
        const from = random.below(accounts);
        const to = (from + random.between(1, accounts - 1)) % accounts;
        const transfer: Transfer = { id: sequence, from, to, amount: random.between(1, 20) };
        return { f: 'transfer', value: transfer };
      },
      invoke: (session, { f, value }) =>
        inTransaction(session, async (transaction) => {
          if (f === 'transfer') return transferMoney(transaction, value as Transfer);
          const balances = await readBalances(transaction, accounts);
          if (f === 'read') return { balances } satisfies BankRead;
          const found = await transaction.range({ prefix: 'bank/receipt/' });
          const receipts = found.map(([, receipt]) => JSON.parse(receipt) as Transfer);
          return { balances, receipts } satisfies BankRead;
        }),
      finalReads: [{ f: 'audit', value: null }],
    };
  },
});

function openAccounts(session: Session, accounts: number): Promise<void> {
  return inTransaction(session, async (transaction) => {
    for (let account = 0; account < accounts; account++) {
      await transaction.put(accountKey(account), String(INITIAL_BALANCE));
    }
  });
}

/** Answers the amount moved: 0 when the account has too little. */
async function transferMoney(transaction: Transaction, transfer: Transfer): Promise<number> {
  const { id, from, to, amount } = transfer;
  const source = Number(await transaction.get(accountKey(from)));
  const target = Number(await transaction.get(accountKey(to)));
  if (source < amount) return 0;
  await transaction.put(accountKey(from), String(source - amount));
  await transaction.put(accountKey(to), String(target + amount));
  await transaction.put(receiptKey(id), JSON.stringify(transfer));
  return amount;
}

/** One read an account, so that other transactions come between. */
async function readBalances(transaction: Transaction, accounts: number): Promise<number[]> {
  const balances: number[] = [];
  for (let account = 0; account < accounts; account++) {
    balances.push(Number(await transaction.get(accountKey(account))));
  }
  return balances;
}
