/**
 * Bank (Jepsen's): `transfer`, and `read` → the balance of every account. Money is moved, never
 * made: every read has the same accounts and the same total, and no balance is negative or nil.
 *
 * The total is given, or the one that most reads show. Amounts are exact, so decimals add up.
 */
import { type Checker, defineChecker, Findings } from '../../contract/checker.ts';
import { compareExact, type Exact, isExact, sumOf } from '../../contract/exact-number.ts';
import type { Operation } from '../../contract/history.ts';
import { keyOf, textOf, type ValueKey } from '../../contract/value.ts';
import { isReadOf, pairsOf, returned } from './values.ts';

export interface BankOptions {
  readonly total?: Exact;
  readonly mayBeNegative?: boolean;
}

/** A read whose balances are all numbers. */
interface BankRead {
  readonly index: number;
  readonly accounts: string;
  readonly total: Exact;
  readonly isNegative: boolean;
  readonly shown: string;
}

const KINDS = ['wrong-total', 'other-accounts', 'negative-balance', 'no-balance'] as const;
type BankFindings = Findings<(typeof KINDS)[number]>;

export function bankChecker({ total, mayBeNegative = false }: BankOptions = {}): Checker {
  return defineChecker({
    name: 'bank',
    kinds: KINDS,
    doc: 'every read of the accounts has the same total, and no balance is negative',
    check(operations) {
      const findings: BankFindings = new Findings('bank');
      const all = operations.filter(isReadOf);
      const reads = all.flatMap((read) => bankRead(read, findings) ?? []);
      const totals = mostCommon(reads.map((read) => read.total));
      const accounts = mostCommon(reads.map((read) => read.accounts))[0];
      const isTied = total === undefined && totals.length > 1 && reads.length < all.length;
      if (isTied) {
        const shown = totals.map(textOf).join(' and ');
        findings.open(`reads show totals of ${shown} equally often; give the right one (--total)`);
      }
      const expected = total ?? totals[0]!;
      for (const { index, accounts: own, total: sum, isNegative, shown } of reads) {
        if (!isTied && compareExact(sum, expected) !== 0) {
          const reason = `the total is ${textOf(sum)}, not ${textOf(expected)} (${shown})`;
          findings.fault(reason, index, 'wrong-total');
        }
        if (own !== accounts) findings.fault(`other accounts: ${shown}`, index, 'other-accounts');
        if (!mayBeNegative && isNegative) {
          findings.fault(`a balance is negative (${shown})`, index, 'negative-balance');
        }
      }
      return findings.verdict({ reads: all.length }, reads.length);
    },
  });
}

/** `undefined` for a malformed read, or one with a balance that is not a number. */
function bankRead(read: Operation, findings: BankFindings): BankRead | undefined {
  const pairs = pairsOf(read.output);
  if (pairs === undefined) {
    findings.unclear(read, returned(read, 'map of balances'));
    return undefined;
  }
  let total: Exact = 0;
  let isNegative = false;
  for (const [account, balance] of pairs) {
    if (balance === null) {
      const reason = `account ${textOf(account)} has no balance (nil)`;
      findings.fault(reason, read.completedIndex, 'no-balance');
      return undefined;
    }
    if (!isExact(balance)) {
      const reason = `account ${textOf(account)} has ${textOf(balance)}, no number`;
      findings.unclear(read, reason);
      return undefined;
    }
    total = sumOf(total, balance);
    isNegative ||= compareExact(balance, 0) < 0;
  }
  const names = pairs.map(([account]) => textOf(account));
  const shown = pairs.map(([, balance], i) => `${names[i]}: ${textOf(balance)}`).join(', ');
  const accounts = [...names].sort().join(' ');
  return { index: read.completedIndex, accounts, total, isNegative, shown };
}

/** The most frequent values; several if they are tied. */
function mostCommon<T>(values: readonly T[]): T[] {
  const counts = new Map<ValueKey, { readonly value: T; times: number }>();
  for (const value of values) {
    const found = counts.get(keyOf(value));
    if (found === undefined) counts.set(keyOf(value), { value, times: 1 });
    else found.times++;
  }
  let most = 0;
  for (const { times } of counts.values()) most = Math.max(most, times);
  return [...counts.values()].filter(({ times }) => times === most).map(({ value }) => value);
}
