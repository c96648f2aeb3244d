/**
 * Look-ahead pruning: can a state still lead to the output of the next reader? Considers the pending reader with
 * the earliest deadline. The state must already allow its output, unless a reset before then, which sets a
 * state of its own, makes it possible.
 */
import type { Operation } from '../../contract/history.ts';
import type { Model } from './model.ts';

export class LookAhead<State> {
  readonly #model: Model<State>;
  readonly #operations: readonly Operation[];
  readonly #taken: Uint8Array;
  /** Readers by completion, resets by invocation; and the first of each that is not taken. */
  readonly #readers: Int32Array;
  readonly #resets: Int32Array;
  #reader = 0;
  #reset = 0;
  /** Where each operation stands in its list. */
  readonly #place: Int32Array;

  /** `taken` is watched: 1 for an operation that is in the order. */
  constructor(model: Model<State>, operations: readonly Operation[], taken: Uint8Array) {
    this.#model = model;
    this.#operations = operations;
    this.#taken = taken;
    const all = operations.map((_, i) => i);
    const helps = model.mayBecome !== undefined;
    const isReader = ({ f, type }: Operation) => helps && f === model.observer && type === 'ok';
    this.#readers = Int32Array.from(all.filter((i) => isReader(operations[i]!))).sort(
      (a, b) => operations[a]!.completedIndex - operations[b]!.completedIndex,
    );
    this.#resets = Int32Array.from(all.filter((i) => model.resets?.(operations[i]!.f) === true));
    this.#place = new Int32Array(operations.length).fill(-1);
    for (const [place, i] of this.#readers.entries()) this.#place[i] = place;
    for (const [place, i] of this.#resets.entries()) this.#place[i] = place;
  }

  allows(state: State): boolean {
    while (this.#taken[this.#readers[this.#reader]!] === 1) this.#reader++;
    const reader = this.#readers[this.#reader];
    if (reader === undefined) return true;
    const { output, completedIndex } = this.#operations[reader]!;
    if (this.#model.mayBecome!(state, output)) return true;
    while (this.#taken[this.#resets[this.#reset]!] === 1) this.#reset++;
    for (let at = this.#reset; at < this.#resets.length; at++) {
      const reset = this.#resets[at]!;
      const { invokedIndex, f, input, output: own, type } = this.#operations[reset]!;
      if (invokedIndex > completedIndex) return false;
      if (this.#taken[reset] === 1) continue;
      const after = this.#model.step(state, { f, input, output: own, known: type === 'ok' });
      if (after !== undefined && this.#model.mayBecome!(after, output)) return true;
    }
    return false;
  }

  /** Whether no reader to come can see what is in the state: only a reset leads on from it. */
  isBlind(state: State): boolean {
    if (this.#readers.length === 0) return false;
    for (let at = this.#reader; at < this.#readers.length; at++) {
      const reader = this.#readers[at]!;
      if (this.#taken[reader] === 1) continue;
      if (this.#model.mayBecome!(state, this.#operations[reader]!.output)) return false;
    }
    return true;
  }

  /** Operation `i` is not taken any more. */
  undo(i: number): void {
    const place = this.#place[i]!;
    if (place < 0) return;
    if (this.#readers[place] === i) this.#reader = Math.min(this.#reader, place);
    else this.#reset = Math.min(this.#reset, place);
  }
}
