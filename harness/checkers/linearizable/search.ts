/**
 * Is there an order of the operations, one that agrees with real time, which the model allows?
 * Wing and Gong's search (1993) with Lowe's cache (2017).
 *
 * All operations that were invoked before the first completion of a pending one may come next. The
 * search takes one, steps the model, and goes on from there; when an operation completes that was
 * not taken yet, it goes back. A set of taken operations with the state they lead to is tried once.
 *
 * What was taken is named by the first operation that was not, and the few beyond it that were: a
 * name whose length depends on how many clients there are, not on how long the history is.
 *
 * Operations of unknown outcome may be taken at any time after their invocation, or never.
 */
import type { Operation } from '../../contract/history.ts';
import type { Model } from './model.ts';

export interface SearchLimits {
  /** Steps of the model, all in all. */
  readonly stepsMax: number;
  /** Sets of taken operations that are remembered. */
  readonly cacheMax: number;
}

export const DEFAULT_LIMITS: SearchLimits = { stepsMax: 50_000_000, cacheMax: 5_000_000 };

export interface SearchResult {
  readonly validity: 'valid' | 'invalid' | 'unknown';
  /** The longest order that was found: a witness when valid. */
  readonly longest: readonly Operation[];
  /** When invalid: the operations of which one must come next, and none can. */
  readonly stuck: readonly Operation[];
  readonly steps: number;
}

export function searchOrder<State>(
  model: Model<State>,
  operations: readonly Operation[],
  limits: SearchLimits = DEFAULT_LIMITS,
): SearchResult {
  const search = new Search(
    model,
    operations.filter((one) => one.type !== 'fail'),
    limits,
  );
  return search.run();
}

/** End of the list of entries. */
const END = -1;

class Search<State> {
  readonly #model: Model<State>;
  readonly #operations: readonly Operation[];
  readonly #limits: SearchLimits;
  /** A linked list of entries: 2 i is the invocation of operation i, 2 i + 1 its completion. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  #head = END;
  readonly #taken: Uint8Array;
  readonly #tried = new Set<string>();
  readonly #order: number[] = [];
  readonly #states: State[] = [];
  #state: State;
  /** The first operation with a known outcome that was not taken. */
  #frontier = 0;
  #unknownTaken: number[] = [];
  #left: number;
  #longest: number[] = [];
  #stuck: number[] = [];
  #steps = 0;

  constructor(model: Model<State>, operations: readonly Operation[], limits: SearchLimits) {
    this.#model = model;
    this.#operations = [...operations].sort((a, b) => a.invokedIndex - b.invokedIndex);
    this.#limits = limits;
    this.#state = model.initial;
    this.#next = new Int32Array(2 * operations.length).fill(END);
    this.#previous = new Int32Array(2 * operations.length).fill(END);
    this.#taken = new Uint8Array(operations.length);
    this.#left = operations.filter((one) => one.type === 'ok').length;
    this.#link();
  }

  run(): SearchResult {
    let entry = this.#head;
    while (this.#left > 0) {
      if (this.#steps > this.#limits.stepsMax || this.#tried.size > this.#limits.cacheMax) {
        return this.#result('unknown');
      }
      if (entry !== END && entry % 2 === 0) {
        entry = this.#take(entry >> 1) ? this.#head : this.#next[entry]!;
        continue;
      }
      this.#noteStuck();
      const back = this.#order.pop();
      if (back === undefined) return this.#result('invalid');
      this.#giveBack(back);
      entry = this.#next[2 * back]!;
    }
    this.#longest = [...this.#order];
    return this.#result('valid');
  }

  #link(): void {
    const entries: [index: number, entry: number][] = [];
    for (const [i, { invokedIndex, completedIndex, type }] of this.#operations.entries()) {
      entries.push([invokedIndex, 2 * i]);
      if (type === 'ok') entries.push([completedIndex, 2 * i + 1]);
    }
    entries.sort(([a], [b]) => a - b);
    let before = END;
    for (const [, entry] of entries) {
      this.#previous[entry] = before;
      if (before === END) this.#head = entry;
      else this.#next[before] = entry;
      before = entry;
    }
  }

  /** Takes operation `i` next, if the model allows it and this was not tried before. */
  #take(i: number): boolean {
    const { f, input, output, type } = this.#operations[i]!;
    this.#steps++;
    const known = type === 'ok';
    const state = this.#model.step(this.#state, { f, input, output, known });
    if (state === undefined) return false;
    this.#taken[i] = 1;
    if (!known) this.#unknownTaken.push(i);
    const name = this.#nameOf(state);
    if (this.#tried.has(name)) {
      this.#taken[i] = 0;
      if (!known) this.#unknownTaken.pop();
      return false;
    }
    this.#tried.add(name);
    this.#order.push(i);
    this.#states.push(this.#state);
    this.#state = state;
    this.#unlink(2 * i);
    if (known) {
      this.#unlink(2 * i + 1);
      this.#left--;
    }
    while (this.#frontier < this.#taken.length && !this.#blocks(this.#frontier)) this.#frontier++;
    return true;
  }

  #giveBack(i: number): void {
    const known = this.#operations[i]!.type === 'ok';
    if (known) {
      this.#relink(2 * i + 1);
      this.#left++;
      this.#frontier = Math.min(this.#frontier, i);
    } else this.#unknownTaken = this.#unknownTaken.filter((one) => one !== i);
    this.#relink(2 * i);
    this.#taken[i] = 0;
    this.#state = this.#states.pop()!;
  }

  /** Operations of unknown outcome do not hold the frontier back: they may never be taken. */
  #blocks(i: number): boolean {
    return this.#taken[i] === 0 && this.#operations[i]!.type === 'ok';
  }

  #nameOf(state: State): string {
    let first = this.#frontier;
    while (first < this.#taken.length && !this.#blocks(first)) first++;
    let name = `${first}`;
    // Nothing was taken that was invoked after the frontier completed.
    const end = this.#operations[first]?.completedIndex ?? 0;
    for (let i = first + 1; i < this.#taken.length; i++) {
      if (this.#operations[i]!.invokedIndex > end) break;
      if (this.#taken[i] === 1 && this.#operations[i]!.type === 'ok') name += `,${i}`;
    }
    if (this.#unknownTaken.length > 0) {
      name += `?${[...this.#unknownTaken].sort((a, b) => a - b)}`;
    }
    return `${name}|${this.#model.nameOf(state)}`;
  }

  #noteStuck(): void {
    if (this.#order.length < this.#longest.length) return;
    if (this.#order.length === this.#longest.length && this.#stuck.length > 0) return;
    this.#longest = [...this.#order];
    this.#stuck = [];
    for (let entry = this.#head; entry !== END && entry % 2 === 0; entry = this.#next[entry]!) {
      this.#stuck.push(entry >> 1);
    }
  }

  #unlink(entry: number): void {
    const before = this.#previous[entry]!;
    const after = this.#next[entry]!;
    if (before === END) this.#head = after;
    else this.#next[before] = after;
    if (after !== END) this.#previous[after] = before;
  }

  #relink(entry: number): void {
    const before = this.#previous[entry]!;
    const after = this.#next[entry]!;
    if (before === END) this.#head = entry;
    else this.#next[before] = entry;
    if (after !== END) this.#previous[after] = entry;
  }

  #result(validity: SearchResult['validity']): SearchResult {
    const named = (all: readonly number[]) => all.map((i) => this.#operations[i]!);
    const stuck = validity === 'invalid' ? named(this.#stuck) : [];
    return { validity, longest: named(this.#longest), stuck, steps: this.#steps };
  }
}
