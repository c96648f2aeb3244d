/**
 * Verifies a witness: a commit order that is claimed to prove an isolation level of a history. It uses
 * the levels' definitions and the recorded history, and no code of the checkers that found the order.
 * It accepts only what the definition allows in exactly that order.
 *
 * | levels                                   | what the order must do                               |
 * | serializable and its stronger forms      | one transaction after the other, every read is right |
 * | snapshot isolation, prefix               | each transaction reads at one instant: after what it |
 * |                                          | must see has committed, before what it did not see   |
 * | all others                               | no read misses a version that is visible to it       |
 *
 * Cost: linear in the history for the first two rows, transactions² / 32 for the others.
 */
import type { Recorded } from './recorded.ts';
import { type Hints, leftOut, type Sources, sourcesOf } from './sources.ts';
import { updateCycle } from './update-cycle.ts';
import { INITIAL, Versions } from './versions.ts';
import { byChains, type Context, missedBy, VISIBLE } from './visibility.ts';

export interface Witness {
  readonly level: string;
  /** Names of the committed transactions, in commit order. */
  readonly order: readonly string[];
  /**
   * By transaction name: the keys it read (as strings) and their writers (undefined: the initial
   * version).
   */
  readonly readFrom?: (
    name: string,
  ) => readonly (readonly [key: string, from: string | undefined])[];
}

interface Rule {
  readonly family: 'serial' | 'snapshot' | 'visible' | 'chains' | 'updates' | 'versions';
  /** The level whose axiom is used, if it is another level's. */
  readonly axiom?: string;
  readonly sessions?: boolean;
  readonly realTime?: boolean;
  /** Visibility follows overwritten versions; writers of one key do not overlap. */
  readonly writes?: boolean;
  /** Constrains committed versions only as far as they are read. */
  readonly lenient?: boolean;
  /** A transaction need not see its own writes. */
  readonly othersOnly?: boolean;
  /** Constrains items only; weaker levels cover predicate reads. */
  readonly withoutPredicates?: boolean;
}

const RULES: Readonly<Record<string, Rule>> = {
  'read-uncommitted': { family: 'versions', lenient: true },
  'read-committed': { family: 'versions', othersOnly: true },
  'read-your-writes': { family: 'visible', sessions: true, lenient: true },
  'monotonic-reads': { family: 'visible', lenient: true },
  'monotonic-writes': { family: 'visible', sessions: true, lenient: true },
  'writes-follow-reads': { family: 'visible', sessions: true, lenient: true },
  pram: { family: 'visible', sessions: true, lenient: true },
  'monotonic-atomic-view': { family: 'visible', axiom: 'read-committed', othersOnly: true },
  'read-committed-axiomatic': { family: 'visible', axiom: 'read-committed', sessions: true },
  'read-atomic': { family: 'visible' },
  'strong-session-read-atomic': { family: 'visible', sessions: true },
  causal: { family: 'chains', sessions: true },
  'cursor-stability': { family: 'chains', writes: true, withoutPredicates: true },
  'consistent-view': { family: 'chains', writes: true },
  'forward-consistent-view': { family: 'chains', writes: true },
  'parallel-snapshot-isolation': { family: 'chains', writes: true, sessions: true },
  prefix: { family: 'snapshot', sessions: true },
  'snapshot-isolation': { family: 'snapshot', writes: true },
  'strong-session-snapshot-isolation': { family: 'snapshot', writes: true, sessions: true },
  'strong-snapshot-isolation': { family: 'snapshot', writes: true, sessions: true, realTime: true },
  'update-serializable': { family: 'updates' },
  'repeatable-read': { family: 'serial', withoutPredicates: true },
  serializable: { family: 'serial' },
  'strong-session-serializable': { family: 'serial', sessions: true },
  'strict-serializable': { family: 'serial', sessions: true, realTime: true },
};

/** The reason why the witness is no proof; `undefined` if it proves its level. */
export function verifyWitness(recorded: Recorded, witness: Witness): string | undefined {
  const rule = RULES[witness.level];
  if (rule === undefined) return `${witness.level} is no level that has witnesses`;
  const numbers = new Map(recorded.transactions.map(({ name }, t) => [name, t]));
  const order: number[] = [];
  for (const name of witness.order) {
    const t = numbers.get(name);
    if (t === undefined) return `${name} is no transaction of the history, or comes twice`;
    numbers.delete(name);
    if (recorded.transactions[t]!.status === 'fail') return `${name} failed`;
    order.push(t);
  }
  for (const [name, t] of numbers) {
    if (recorded.transactions[t]!.status === 'ok') return `${name} is missing`;
  }
  return new Verifier(recorded, order, rule).verify(witness);
}

class Verifier {
  readonly #recorded: Recorded;
  readonly #rule: Rule;
  readonly #versions: Versions;
  readonly #previous: Int32Array;

  constructor(recorded: Recorded, order: readonly number[], rule: Rule) {
    this.#recorded = recorded;
    this.#rule = rule;
    this.#versions = new Versions(recorded, order);
    this.#previous = previousOf(recorded, this.#versions.position);
  }

  verify({ level, readFrom }: Witness): string | undefined {
    const { family, sessions, realTime, lenient = false } = this.#rule;
    const predicates = this.#rule.withoutPredicates !== true;
    const left = leftOut(this.#versions, predicates);
    if (left !== undefined) return left;
    if (realTime && !this.#recorded.hasRealTime) return 'the history has no real time';
    const broken = sessions ? this.#outOfSession() : undefined;
    if (broken !== undefined) return broken;
    if (family === 'serial') return this.#replay((t) => this.#versions.position[t]!);
    const disordered = this.#versions.listsOutOfOrder(lenient);
    if (disordered !== undefined) return disordered;
    const sources = sourcesOf(this.#versions, this.#hints(readFrom), { lenient, predicates });
    if (sources.dangling !== undefined) return sources.dangling;
    if (family === 'snapshot') return this.#replay((t) => this.#earliest(t, sources));
    return this.#bySources(level, { versions: this.#versions, sources, previous: this.#previous });
  }

  #outOfSession(): string | undefined {
    const { position, order } = this.#versions;
    for (const t of order) {
      const last = this.#previous[t]!;
      if (last === INITIAL || position[last]! < position[t]!) continue;
      return `${this.#nameOf(last)} comes before ${this.#nameOf(t)} in its session`;
    }
    return undefined;
  }

  /** Executes the transactions in order, each on the snapshot at its begin. */
  #replay(beginOf: (t: number) => number): string | undefined {
    const { position, order } = this.#versions;
    const notBefore = this.#rule.realTime ? this.#afterRealTime() : undefined;
    const predicates = this.#rule.withoutPredicates !== true;
    for (const t of order) {
      const earliest = beginOf(t);
      const begin = Math.max(earliest, notBefore?.[t] ?? 0);
      if (begin > position[t]!) return `${this.#nameOf(t)} commits before what it must see`;
      const sourceOf = (_: number, key: string) => this.#versions.lastBefore(key, begin);
      const wrong = this.#versions.mismatch(t, sourceOf, { predicates });
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  }

  /** The earliest position of a snapshot that includes everything it must. */
  #earliest(t: number, sources: Sources): number {
    const { position } = this.#versions;
    const { sessions, writes } = this.#rule;
    const after = [...sources.of[t]!.map(({ from }) => from)];
    if (sessions) after.push(this.#previous[t]!);
    if (writes) {
      for (const key of this.#versions.keysOf(t)) {
        after.push(this.#versions.lastBefore(key, position[t]!));
      }
    }
    return after.reduce(
      (begin, one) => (one === INITIAL ? begin : Math.max(begin, position[one]! + 1)),
      0,
    );
  }

  /** By transaction: the position after all transactions that completed before its invocation. */
  #afterRealTime(): Int32Array {
    const { order, position } = this.#versions;
    const { transactions } = this.#recorded;
    const byCompletion = [...order].sort(
      (a, b) => transactions[a]!.completed - transactions[b]!.completed,
    );
    const byInvocation = [...order].sort(
      (a, b) => transactions[a]!.invoked - transactions[b]!.invoked,
    );
    const after = new Int32Array(transactions.length);
    let done = 0;
    let latest = 0;
    for (const t of byInvocation) {
      while (
        done < byCompletion.length &&
        transactions[byCompletion[done]!]!.completed < transactions[t]!.invoked
      ) {
        latest = Math.max(latest, position[byCompletion[done++]!]! + 1);
      }
      after[t] = latest;
    }
    return after;
  }

  #bySources(level: string, context: Context): string | undefined {
    const { versions, sources } = context;
    const { family, lenient, axiom, writes, sessions } = this.#rule;
    for (const { reader, from } of sources.of.flat()) {
      if (from === INITIAL || versions.position[from]! < versions.position[reader]!) continue;
      if (level !== 'read-uncommitted')
        return `${this.#nameOf(reader)} reads from what commits later`;
    }
    const wrong = lenient ? undefined : this.#notShown(context);
    if (wrong !== undefined || family === 'versions') return wrong;
    if (family === 'updates') return updateCycle(context);
    const chained =
      family === 'chains' ? byChains(context, sessions === true, writes === true) : undefined;
    return missedBy(context, chained ?? VISIBLE[axiom ?? level]!);
  }

  /** Every read returns its writer's final version. */
  #notShown({ versions, sources }: Context): string | undefined {
    const own = this.#rule.othersOnly !== true;
    const predicates = this.#rule.withoutPredicates !== true;
    for (const t of versions.order) {
      const known = new Map<string, number>();
      for (const { operation, key, from } of sources.of[t]!) known.set(`${operation} ${key}`, from);
      const sourceOf = (operation: number, key: string) =>
        known.get(`${operation} ${key}`) ?? INITIAL;
      const wrong = versions.mismatch(t, sourceOf, { own, predicates });
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  }

  #hints(readFrom: Witness['readFrom']): Hints | undefined {
    if (readFrom === undefined) return undefined;
    const numbers = new Map(this.#recorded.transactions.map(({ name }, t) => [name, t]));
    return (t) =>
      readFrom(this.#nameOf(t)).map(([key, from]) => [
        key,
        from === undefined ? INITIAL : numbers.get(from)!,
      ]);
  }

  #nameOf(t: number): string {
    return this.#recorded.transactions[t]!.name;
  }
}

/** By committed transaction: the previous one of its client. An indeterminate outcome ends a client. */
function previousOf({ transactions, hasRealTime }: Recorded, position: Int32Array): Int32Array {
  const previous = new Int32Array(transactions.length).fill(INITIAL);
  const last = new Map<number, number>();
  const inOrder = transactions.map((_, t) => t).filter((t) => position[t]! >= 0);
  inOrder.sort((a, b) => transactions[a]!.invoked - transactions[b]!.invoked);
  for (const t of inOrder) {
    const { process, completed } = transactions[t]!;
    previous[t] = last.get(process) ?? INITIAL;
    if (!hasRealTime || Number.isFinite(completed)) last.set(process, t);
  }
  return previous;
}
