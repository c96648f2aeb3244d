/**
 * Sources: the writer of the version that each read returns, derived from its value. If several
 * transactions wrote the value, the witness names the one meant.
 */
import { isSameValue, textOf } from '../contract/value.ts';
import type { Operation } from './recorded.ts';
import { INITIAL, satisfies, type Versions } from './versions.ts';

export interface Read {
  readonly reader: number;
  readonly operation: number;
  readonly key: string;
  /** A transaction, or INITIAL. */
  readonly from: number;
}

/** The writers a transaction read from, key by key, in its order of operations. */
export type Hints = (t: number) => readonly (readonly [key: string, from: number])[];

export interface Sources {
  /** Reads of other transactions' versions, by reader, in its order of operations. */
  readonly of: readonly (readonly Read[])[];
  /** The first read that no committed version explains. */
  readonly dangling: string | undefined;
}

export interface SourceRules {
  /** Reads that no committed version explains are skipped, because the level does not constrain them. */
  readonly lenient: boolean;
  /** Whether the level constrains predicate reads. */
  readonly predicates: boolean;
}

export function sourcesOf(
  versions: Versions,
  hints: Hints | undefined,
  { lenient, predicates }: SourceRules,
): Sources {
  const index = new WriteIndex(versions, lenient);
  let dangling: string | undefined;
  const of = versions.recorded.transactions.map((transaction, t) => {
    const { status, operations } = transaction;
    if (status !== 'ok') return [];
    const found: Read[] = [];
    const said = new Map<string, number[]>();
    for (const [key, from] of hints?.(t) ?? []) {
      said.set(key, [...(said.get(key) ?? []), from]);
    }
    const own = new Set<string>();
    for (const [operation, one] of operations.entries()) {
      const [f, key] = one;
      if (f === 'rp' && !predicates) continue;
      if (f === 'w' || f === 'append' || f === 'd') own.add(textOf(key));
      for (const [name, candidates] of index.candidates(t, one, own)) {
        const wanted = said.get(name) ?? [];
        const at = wanted.findIndex((from) => candidates.includes(from));
        const from = at < 0 ? candidates[0] : wanted.splice(0, at + 1)[at];
        if (from !== undefined) found.push({ reader: t, operation, key: name, from });
        else if (!lenient)
          dangling ??= `${transaction.name} read ${textOf(one)}, which nobody left`;
      }
    }
    return found;
  });
  return { of, dangling };
}

/** An indeterminate transaction that the order omits although one in the order read from it. */
export function leftOut({ recorded, position }: Versions, predicates: boolean): string | undefined {
  const { kind, transactions } = recorded;
  const wrote = new Map<string, { readonly name: string; readonly committed: boolean }>();
  for (const [t, { name, status, operations }] of transactions.entries()) {
    if (status === 'fail') continue;
    for (const [f, key, value] of operations) {
      const id = `${textOf(key)} ${textOf(value)}`;
      const isWrite = f === 'append' || f === 'w';
      if (isWrite && wrote.get(id)?.committed !== true)
        wrote.set(id, { name, committed: position[t]! >= 0 });
    }
  }
  const missing = (key: unknown, value: unknown) => {
    const writer = wrote.get(`${textOf(key)} ${textOf(value)}`);
    return writer?.committed === false ? writer.name : undefined;
  };
  for (const { name, status, operations } of transactions) {
    if (status !== 'ok') continue;
    for (const [f, key, value] of operations) {
      const list = kind === 'list-append' ? ((value ?? []) as unknown[]) : [value];
      const listed = f === 'r' ? list.map((one) => [key, one]) : [];
      const shown = f === 'rp' && predicates ? (value as Operation[]) : listed;
      for (const [one, of] of shown) {
        const writer = missing(one, of);
        if (writer !== undefined) return `${name} read from ${writer}, which is missing`;
      }
    }
  }
  return undefined;
}

/** Writers by committed value. */
class WriteIndex {
  readonly #versions: Versions;
  readonly #writers = new Map<string, number[]>();

  /** `lenient`: also intermediate versions, which their writer overwrote. */
  constructor(versions: Versions, lenient: boolean) {
    this.#versions = versions;
    for (const t of versions.order) {
      const { operations } = versions.recorded.transactions[t]!;
      for (const [f, key, value] of operations) {
        if (f !== 'append' && f !== 'w') continue;
        const isFinal = f === 'append' || isSameValue(versions.valueAt(textOf(key), t), value);
        if (lenient || isFinal) this.#add(key, value, t);
      }
    }
  }

  /** By key that an operation reads from other transactions: the possible writers. */
  *candidates(t: number, [f, key, value]: Operation, own: ReadonlySet<string>) {
    const { kind, initial } = this.#versions.recorded;
    if (f === 'rp') yield* this.#matching(t, [f, key, value], own);
    if (f !== 'r') return;
    const name = textOf(key);
    if (kind === 'list-append') {
      const list = [...((value ?? []) as unknown[])];
      while (list.length > 0 && this.#of(name, list.at(-1)).includes(t)) list.pop();
      yield [name, list.length === 0 ? [INITIAL] : this.#of(name, list.at(-1))] as const;
      return;
    }
    if (own.has(name)) return;
    const found = this.#of(name, value).filter((writer) => writer !== t);
    if (value === null || value === undefined) found.push(INITIAL, ...this.#deleters(name));
    else if (textOf(value) === textOf(initial) && found.length === 0) found.push(INITIAL);
    yield [name, found] as const;
  }

  /**
   * What a predicate read implies for a key: the returned version or, for a key that is not returned,
   * any version that does not match.
   */
  *#matching(t: number, [, predicate, result]: Operation, own: ReadonlySet<string>) {
    const shown = new Map((result as Operation[]).map(([key, value]) => [textOf(key), value]));
    for (const [name, { key, writers }] of this.#versions.keys) {
      if (own.has(name)) continue;
      if (shown.has(name)) {
        const found = this.#of(name, shown.get(name)).filter((writer) => writer !== t);
        yield [name, found] as const;
      } else {
        const others = writers.filter(
          (writer) => !satisfies(predicate, key, this.#versions.valueAt(name, writer)),
        );
        if (others.length === writers.length) continue;
        yield [name, [INITIAL, ...others.filter((writer) => writer !== t)]] as const;
      }
    }
  }

  #deleters(name: string): number[] {
    const { keys } = this.#versions;
    const writers = keys.get(name)?.writers ?? [];
    return writers.filter((writer) => this.#versions.valueAt(name, writer) === null);
  }

  #of(name: string, value: unknown): number[] {
    return [...(this.#writers.get(`${name} ${textOf(value)}`) ?? [])];
  }

  #add(key: unknown, value: unknown, t: number): void {
    const name = `${textOf(key)} ${textOf(value)}`;
    const known = this.#writers.get(name);
    if (known === undefined) this.#writers.set(name, [t]);
    else if (known.at(-1) !== t) known.push(t);
  }
}
