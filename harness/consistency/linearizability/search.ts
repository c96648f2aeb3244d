/**
 * Searches for a linearization: an order of the operations that agrees with real time and that the model allows.
 * Wing and Gong's search (1993) with Lowe's memoisation (2017).
 *
 * - Candidates for the next place are all operations invoked before the first completion of a pending one. The
 *   search linearizes one, steps the model and recurses; if no candidate fits, it backtracks.
 * - A configuration (set of linearized operations, state) is visited once. Where there was one candidate only it
 *   is not stored, because its predecessor is.
 * - A read that fits is linearized at once and never reconsidered: in any order that has it later it can be moved
 *   here, because it changes nothing.
 * - A set of linearized operations is named by the first operation not in it and the few beyond that are. The
 *   name's length depends on the number of clients, not on the length of the history.
 * - Pruning: the search turns back at once if the state cannot become the output of the next reader that is due
 *   (look-ahead.ts).
 *
 * Indeterminate operations may be linearized at any time after their invocation, or never.
 */
import type { Operation } from '../../contract/history.ts';
import { LookAhead } from './look-ahead.ts';
import type { Model } from './model.ts';

export interface SearchLimits {
  /** Steps of the model in total. */
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
  /** When invalid: no order gets past this completion. Up to it there is one. */
  readonly furthest: number;
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

/** The name of all states that no reader can tell apart any more. */
const BLIND = '\u0000';

/** A place to come back to: what may come next there, and what was tried. */
interface Choice {
  readonly candidates: readonly number[];
  at: number;
}

class Search<State> {
  readonly #model: Model<State>;
  readonly #operations: readonly Operation[];
  readonly #limits: SearchLimits;
  /** A linked list of entries: 2 i is the invocation of operation i, 2 i + 1 its completion. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  #head = END;
  readonly #taken: Uint8Array;
  /** Of what was taken: whether it was a read that fitted, taken at once. */
  readonly #isFittingRead: Uint8Array;
  readonly #tried = new Set<string>();
  readonly #order: number[] = [];
  readonly #states: State[] = [];
  #state: State;
  /** The first operation with a known outcome that was not taken. */
  #frontier = 0;
  #unknownTaken: number[] = [];
  #left: number;
  readonly #lookAhead: LookAhead<State>;
  readonly #longest: number[] = [];
  /** Length of the common prefix of the current order and `#longest`. */
  #unchanged = 0;
  #stuck: number[] = [];
  #furthest = 0;
  #steps = 0;

  constructor(model: Model<State>, operations: readonly Operation[], limits: SearchLimits) {
    this.#model = model;
    this.#operations = [...operations].sort((a, b) => a.invokedIndex - b.invokedIndex);
    this.#limits = limits;
    this.#state = model.initial;
    this.#next = new Int32Array(2 * operations.length).fill(END);
    this.#previous = new Int32Array(2 * operations.length).fill(END);
    this.#taken = new Uint8Array(operations.length);
    this.#isFittingRead = new Uint8Array(operations.length);
    this.#lookAhead = new LookAhead(model, this.#operations, this.#taken);
    this.#left = operations.filter((one) => one.type === 'ok').length;
    this.#link();
  }

  run(): SearchResult {
    this.#takeReads();
    const choices: Choice[] = [{ candidates: this.#candidates(), at: 0 }];
    while (this.#left > 0) {
      if (this.#steps > this.#limits.stepsMax || this.#tried.size > this.#limits.cacheMax) {
        return this.#result('unknown');
      }
      const choice = choices.at(-1)!;
      const next = choice.candidates[choice.at++];
      if (next !== undefined) {
        if (!this.#linearize(next, choice.candidates.length > 1)) continue;
        this.#takeReads();
        choices.push({ candidates: this.#candidates(), at: 0 });
        continue;
      }
      this.#noteStuck(choice.candidates);
      choices.pop();
      if (choices.length === 0) return this.#result('invalid');
      let back = this.#order.pop()!;
      while (this.#isFittingRead[back] === 1) {
        this.#undo(back);
        back = this.#order.pop()!;
      }
      this.#undo(back);
    }
    this.#noteLongest();
    return this.#result('valid');
  }

  /** What may come next, first what has to be done soonest: it is the likeliest. */
  #candidates(): number[] {
    const candidates: number[] = [];
    for (let entry = this.#head; entry !== END && entry % 2 === 0; entry = this.#next[entry]!) {
      candidates.push(entry >> 1);
    }
    const due = (i: number) => this.#operations[i]!.completedIndex;
    return candidates.sort((a, b) => due(a) - due(b) || a - b);
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

  /** Takes operation `i` next, if the model allows it and this was not tried before, as far as `chosen`. */
  #linearize(i: number, chosen: boolean): boolean {
    const { f, input, output, type } = this.#operations[i]!;
    this.#steps++;
    const known = type === 'ok';
    const state = this.#model.step(this.#state, { f, input, output, known });
    if (state === undefined) return false;
    this.#taken[i] = 1;
    if (!this.#lookAhead.allows(state)) {
      this.#taken[i] = 0;
      this.#lookAhead.undo(i);
      return false;
    }
    if (!known) this.#unknownTaken.push(i);
    if (chosen && !this.#isNew(this.#nameOf(state))) {
      this.#taken[i] = 0;
      this.#lookAhead.undo(i);
      if (!known) this.#unknownTaken.pop();
      return false;
    }
    this.#isFittingRead[i] = 0;
    this.#push(i, state);
    return true;
  }

  /** Whether this was not tried before; it is from now on. */
  #isNew(name: string): boolean {
    const { size } = this.#tried;
    return this.#tried.add(name).size > size;
  }

  #takeReads(): void {
    const { observer } = this.#model;
    if (observer === undefined) return;
    for (let entry = this.#head; entry !== END && entry % 2 === 0; ) {
      const i = entry >> 1;
      entry = this.#next[entry]!;
      const { f, input, output, type } = this.#operations[i]!;
      if (type !== 'ok' || f !== observer) continue;
      this.#steps++;
      const state = this.#model.step(this.#state, { f, input, output, known: true });
      if (state === undefined) continue;
      this.#taken[i] = 1;
      this.#isFittingRead[i] = 1;
      this.#push(i, this.#state);
      if (entry === 2 * i + 1) entry = this.#head; // its completion is gone: more may come next
    }
  }

  #push(i: number, state: State): void {
    this.#order.push(i);
    this.#states.push(this.#state);
    this.#state = state;
    this.#unlink(2 * i);
    if (this.#operations[i]!.type === 'ok') {
      this.#unlink(2 * i + 1);
      this.#left--;
    }
    while (this.#frontier < this.#taken.length && !this.#blocks(this.#frontier)) this.#frontier++;
  }

  /** Undoes `#push`. Requires: the operation was popped off the order. */
  #undo(i: number): void {
    this.#unchanged = Math.min(this.#unchanged, this.#order.length);
    const known = this.#operations[i]!.type === 'ok';
    if (known) {
      this.#relink(2 * i + 1);
      this.#left++;
      this.#frontier = Math.min(this.#frontier, i);
    } else this.#unknownTaken = this.#unknownTaken.filter((one) => one !== i);
    this.#relink(2 * i);
    this.#taken[i] = 0;
    this.#lookAhead.undo(i);
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
    return `${name}|${this.#lookAhead.isBlind(state) ? BLIND : this.#model.nameOf(state)}`;
  }

  #noteStuck(candidates: readonly number[]): void {
    const due = this.#operations[candidates[0]!]?.completedIndex ?? 0;
    this.#furthest = Math.max(this.#furthest, due);
    if (this.#order.length < this.#longest.length) return;
    if (this.#order.length === this.#longest.length && this.#stuck.length > 0) return;
    this.#noteLongest();
    this.#stuck = this.#candidates();
  }

  /** Copies only what changed since the last copy. */
  #noteLongest(): void {
    this.#longest.length = Math.min(this.#longest.length, this.#unchanged);
    for (let i = this.#longest.length; i < this.#order.length; i++) {
      this.#longest.push(this.#order[i]!);
    }
    this.#unchanged = this.#order.length;
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
    const longest = named(this.#longest);
    return { validity, longest, stuck, furthest: this.#furthest, steps: this.#steps };
  }
}
