/**
 * PredicateHistory: transactions of writes, deletes, reads and predicate reads, expanded into
 * transactions of registers.
 *
 *     ["w", key, value]   ["d", key]   ["r", key, value or nil]
 *     ["rp", {"range": [from, to]}, [[key, value], …]]            from ≤ key < to
 *     ["rp", {"field": name, "value": v}, [[key, value], …]]      values are objects
 *
 * A predicate read is a read of every key that has a version which matches (Adya 1999, 3.4.2): of
 * the version shown where it shows one, else of one that does not match: unborn, dead or another.
 * A delete writes a dead version. Values are versions: each is written once to a key.
 */
import { compareExact, isExact } from '../../contract/exact-number.ts';
import { elementsOf, fieldOf, isSameValue, Tagged, textOf } from '../../contract/value.ts';
import {
  HistoryError,
  OK,
  type Transaction,
  type TransactionSink,
} from '../graph/transaction-table.ts';
import { OneOf, RegisterHistory } from '../registers/register-history.ts';

type Micro = readonly unknown[];

export interface Predicate {
  readonly range?: readonly [from: unknown, to: unknown];
  readonly field?: string;
  readonly value?: unknown;
}

/** The tag of a value that says its key is deleted. */
const DEAD = 'dead';

export class PredicateHistory implements TransactionSink {
  hasRealTime = true;
  readonly #transactions: Transaction[] = [];
  /** Of each key all values written, dead ones among them. */
  readonly #versions = new Map<string, { readonly key: unknown; readonly values: unknown[] }>();
  /** Predicate reads that showed keys without values: nothing can be told of those. */
  withoutVersions = 0;
  /** Predicate reads that returned no list, one sentence each. */
  readonly doubts = new Set<string>();
  /** Two reads of one predicate in one transaction that differ: index of its invocation. */
  readonly phantoms: { readonly invoked: number; readonly predicate: string }[] = [];

  add(transaction: Transaction): void {
    const { operations, invoked } = transaction;
    if (!Array.isArray(operations)) {
      throw new HistoryError(`operation ${invoked}: the value is not a list of operations`);
    }
    const plain = operations.map((one, i): Micro => {
      if (!Array.isArray(one))
        throw new HistoryError(`operation ${invoked}: ${textOf(one)} is no operation`);
      return one[0] === 'd' ? ['w', one[1], new Tagged(DEAD, `${invoked}.${i}`)] : one;
    });
    for (const [f, key, value] of plain) if (f === 'w') this.#note(key, value);
    this.#transactions.push({ ...transaction, operations: plain });
  }

  /** `predicates`: whether predicate reads count, or only reads of items. */
  registers(predicates: boolean): RegisterHistory {
    const history = new RegisterHistory({ hasRealTime: this.hasRealTime });
    for (const transaction of this.#transactions) {
      const operations = (transaction.operations as Micro[]).flatMap((one) =>
        this.#expand(one, transaction, predicates),
      );
      history.add({ ...transaction, operations });
    }
    return history;
  }

  findPhantoms(): void {
    for (const { operations, status, invoked } of this.#transactions) {
      if (status !== OK) continue;
      const seen = new Map<string, string>();
      let wrote = false;
      for (const [f, predicate, result] of operations as Micro[]) {
        if (f === 'w') wrote = true;
        if (f !== 'rp' || wrote || !Array.isArray(result)) continue;
        const shown = textOf(result.map(textOf).sort());
        const before = seen.get(textOf(predicate));
        if (before !== undefined && before !== shown)
          this.phantoms.push({ invoked, predicate: textOf(predicate) });
        seen.set(textOf(predicate), shown);
      }
    }
  }

  #note(key: unknown, value: unknown): void {
    const known = this.#versions.get(textOf(key));
    if (known === undefined) this.#versions.set(textOf(key), { key, values: [value] });
    else known.values.push(value);
  }

  #expand(one: Micro, { status, invoked }: Transaction, predicates: boolean): Micro[] {
    const [f, key, value] = one;
    if (f === 'w') return [one];
    if (f === 'r') {
      const absent = value === null || value === undefined;
      return status === OK && absent ? [['r', key, this.#noneOf(key, isAlive)]] : [one];
    }
    if (f !== 'rp')
      throw new HistoryError(`operation ${invoked}: ${textOf(one)} is no w, d, r or rp`);
    if (!predicates || status !== OK) return [];
    return this.#expandPredicate(predicateOf(key, invoked), value, invoked);
  }

  #expandPredicate(predicate: Predicate, result: unknown, invoked: number): Micro[] {
    if (!Array.isArray(result)) {
      this.doubts.add(`operation ${invoked}: rp returned no list`);
      return [];
    }
    const shown = new Map<string, unknown>();
    for (const pair of result) {
      if (!Array.isArray(pair) || pair.length !== 2) {
        this.withoutVersions++;
        return [];
      }
      shown.set(textOf(pair[0]), pair[1]);
      if (!this.#versions.has(textOf(pair[0]))) this.#note(pair[0], null);
    }
    const reads: Micro[] = [];
    for (const [name, { key, values }] of this.#versions) {
      const matches = (value: unknown) => isAlive(value) && matchesPredicate(predicate, key, value);
      if (shown.has(name)) reads.push(['r', key, shown.get(name)]);
      else if (values.some(matches)) reads.push(['r', key, this.#noneOf(key, matches)]);
    }
    return reads;
  }

  /** Any version that is not one of those: unborn, dead or another. */
  #noneOf(key: unknown, wrong: (value: unknown) => boolean): OneOf {
    const values = this.#versions.get(textOf(key))?.values ?? [];
    return new OneOf([null, ...values.filter((value) => !wrong(value))]);
  }
}

const isAlive = (value: unknown) => !(value instanceof Tagged && value.tag === DEAD);

function predicateOf(raw: unknown, invoked: number): Predicate {
  const range = elementsOf(fieldOf(raw, 'range'));
  const field = fieldOf(raw, 'field');
  if (range?.length === 2) return { range: [range[0], range[1]] };
  if (typeof field === 'string') return { field: nameOf(field), value: fieldOf(raw, 'value') };
  throw new HistoryError(
    `operation ${invoked}: ${textOf(raw)} is no predicate of a range or a field`,
  );
}

/** A field may be named by a keyword. */
const nameOf = (field: string) => (field.startsWith(':') ? field.slice(1) : field);

function matchesPredicate(
  { range, field, value: wanted }: Predicate,
  key: unknown,
  value: unknown,
): boolean {
  if (range !== undefined) return !isBelow(key, range[0]) && isBelow(key, range[1]);
  return isSameValue(fieldOf(value, field!), wanted);
}

/** Numbers by size, texts by code units. */
function isBelow(a: unknown, b: unknown): boolean {
  if (isExact(a) && isExact(b)) return compareExact(a, b) < 0;
  return String(a) < String(b);
}
