/**
 * Allowed: what each key may hold after writes of which some were acknowledged, some failed
 * definitely, and some are indeterminate.
 */
import type { Change, Content } from '../simulation/sim/direct-store.ts';

type Value = string | undefined;

export class Allowed {
  #values: Map<string, ReadonlySet<Value>>;

  constructor(values: ReadonlyMap<string, ReadonlySet<Value>> = new Map()) {
    this.#values = new Map(values);
  }

  copy(): Allowed {
    return new Allowed(this.#values);
  }

  /** The write was acknowledged. */
  applied(changes: readonly Change[]): void {
    for (const [key, value] of changes) this.#values.set(key, new Set([value ?? undefined]));
  }

  /** The write may have happened, or may yet. */
  maybeApplied(changes: readonly Change[]): void {
    for (const [key, value] of changes) {
      this.#values.set(key, new Set([...this.#of(key), value ?? undefined]));
    }
  }

  /** What is wrong with `value` being there, if anything. */
  problem(key: string, value: Value): string | undefined {
    const allowed = this.#of(key);
    if (allowed.has(value)) return undefined;
    const expected = [...allowed].map(shown).join(' or ');
    return `${key} is ${shown(value)}, not ${expected}`;
  }

  /** As `problem`, for all keys. `settles`: from now on only the current values are allowed. */
  problemWith(content: Content, settles: boolean): string | undefined {
    const found = new Map(content);
    for (const key of new Set([...this.#values.keys(), ...found.keys()])) {
      const problem = this.problem(key, found.get(key));
      if (problem !== undefined) return problem;
      if (settles) this.#values.set(key, new Set([found.get(key)]));
    }
    return undefined;
  }

  #of(key: string): ReadonlySet<Value> {
    return this.#values.get(key) ?? new Set([undefined]);
  }
}

function shown(value: Value): string {
  return value === undefined ? 'missing' : JSON.stringify(value.slice(0, 12));
}
