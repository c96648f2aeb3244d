/**
 * Bank (Jepsen's): `transfer`, and `read` → the balance of every account. Money is moved, never
 * made: every read has the same accounts and the same total, and no balance is negative.
 *
 * The total is given, or the one that most reads show.
 */
import { type Checker, defineChecker, verdictOf } from '../../contract/checker.ts';
import { numbersByName } from './values.ts';

export interface BankOptions {
  readonly total?: number;
  readonly mayBeNegative?: boolean;
}

export function bankChecker({ total, mayBeNegative = false }: BankOptions = {}): Checker {
  return defineChecker({
    name: 'bank',
    doc: 'every read of the accounts has the same total, and no balance is negative',
    check(operations) {
      const reads = operations
        .filter(({ f, type }) => f === 'read' && type === 'ok')
        .map((read) => ({ index: read.completedIndex, balances: numbersByName(read) }));
      const expected = total ?? mostCommon(reads.map(({ balances }) => sum(balances)));
      const accounts = mostCommon(reads.map(({ balances }) => namesOf(balances)));
      const faults = reads.flatMap(({ index, balances }) => {
        const found: { reason: string; index: number }[] = [];
        const shown = [...balances].map(([name, balance]) => `${name}: ${balance}`).join(', ');
        const own = sum(balances);
        if (own !== expected)
          found.push({ reason: `the total is ${own}, not ${expected} (${shown})`, index });
        if (namesOf(balances) !== accounts)
          found.push({ reason: `other accounts: ${shown}`, index });
        if (!mayBeNegative && [...balances.values()].some((balance) => balance < 0)) {
          found.push({ reason: `a balance is negative (${shown})`, index });
        }
        return found;
      });
      return verdictOf('bank', faults, { reads: reads.length }, reads.length);
    },
  });
}

const sum = (balances: ReadonlyMap<string, number>) =>
  [...balances.values()].reduce((all, one) => all + one, 0);
const namesOf = (balances: ReadonlyMap<string, number>) => [...balances.keys()].sort().join(' ');

function mostCommon<T>(values: readonly T[]): T | undefined {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best: T | undefined;
  for (const [value, count] of counts) if (count > (counts.get(best as T) ?? 0)) best = value;
  return best;
}
