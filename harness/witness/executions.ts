/**
 * Executions: whether some order of begins and commits lets each transaction read what its snapshot
 * holds. A state machine for the definitions of snapshot isolation, prefix and serializability that
 * tries every order. For tests with a few transactions.
 */
import { textOf } from '../contract/value.ts';
import type { Recorded } from './recorded.ts';
import { Versions } from './versions.ts';

export interface ExecutionRules {
  /** Each transaction commits before the next one begins. */
  readonly serial: boolean;
  /** First committer wins: no transaction commits a key that another committed after its begin. */
  readonly firstCommitterWins: boolean;
  readonly sessions: boolean;
  readonly realTime: boolean;
  readonly predicates: boolean;
}

/** Whether some execution includes every completed transaction; indeterminate ones may be left out. */
export function isExecutable(recorded: Recorded, rules: ExecutionRules): boolean {
  return new Execution(recorded, rules).run();
}

class Execution {
  readonly #recorded: Recorded;
  readonly #rules: ExecutionRules;
  readonly #mustBegin: readonly (readonly number[])[];
  readonly #keys: readonly (readonly string[])[];
  readonly #sure: readonly number[];
  readonly #candidates: readonly number[];
  readonly #dead = new Set<string>();
  readonly #committed: number[] = [];
  /** Open transactions, with the number of commits before their begin. */
  readonly #open = new Map<number, number>();

  constructor(recorded: Recorded, rules: ExecutionRules) {
    this.#recorded = recorded;
    this.#rules = rules;
    const all = recorded.transactions.map((_, t) => t);
    this.#candidates = all.filter((t) => recorded.transactions[t]!.status !== 'fail');
    this.#sure = all.filter((t) => recorded.transactions[t]!.status === 'ok');
    this.#mustBegin = all.map((t) =>
      this.#candidates.filter((before) => this.#precedes(before, t)),
    );
    this.#keys = recorded.transactions.map(({ operations }) => [
      ...new Set(operations.filter(([f]) => f !== 'r' && f !== 'rp').map(([, key]) => textOf(key))),
    ]);
  }

  run(): boolean {
    if (this.#sure.every((t) => this.#committed.includes(t))) {
      return new Versions(this.#recorded, this.#committed).listsOutOfOrder(false) === undefined;
    }
    const open = [...this.#open].map(([t, begin]) => `${t}@${begin}`).sort();
    const name = `${this.#committed.join(' ')}|${open.join(' ')}`;
    if (this.#dead.has(name)) return false;
    if (this.#tryCommits() || this.#tryBegins()) return true;
    this.#dead.add(name);
    return false;
  }

  #tryCommits(): boolean {
    for (const [t, begin] of [...this.#open]) {
      const since = this.#committed.slice(begin);
      const conflicts = since.some((other) =>
        this.#keys[t]!.some((key) => this.#keys[other]!.includes(key)),
      );
      if (conflicts && this.#rules.firstCommitterWins) return false; // it can never commit
      this.#open.delete(t);
      this.#committed.push(t);
      if (this.run()) return true;
      this.#committed.pop();
      this.#open.set(t, begin);
    }
    return false;
  }

  #tryBegins(): boolean {
    if (this.#rules.serial && this.#open.size > 0) return false;
    for (const t of this.#candidates) {
      if (this.#open.has(t) || this.#committed.includes(t) || !this.#mayBegin(t)) continue;
      this.#open.set(t, this.#committed.length);
      if (this.run()) return true;
      this.#open.delete(t);
    }
    return false;
  }

  #mayBegin(t: number): boolean {
    const waits = this.#mustBegin[t]!.some(
      (before) =>
        !this.#committed.includes(before) &&
        (this.#sure.includes(before) || this.#open.has(before)),
    );
    if (waits) return false;
    const versions = new Versions(this.#recorded, this.#committed);
    const now = this.#committed.length;
    const sourceOf = (_: number, key: string) => versions.lastBefore(key, now);
    return versions.mismatch(t, sourceOf, { predicates: this.#rules.predicates }) === undefined;
  }

  #precedes(a: number, b: number): boolean {
    const [before, after] = [this.#recorded.transactions[a]!, this.#recorded.transactions[b]!];
    const isOver = !this.#recorded.hasRealTime || Number.isFinite(before.completed);
    const client = before.process === after.process && before.invoked < after.invoked;
    if (this.#rules.sessions && client && isOver) return true;
    return this.#rules.realTime && before.completed < after.invoked;
  }
}
