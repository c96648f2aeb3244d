/**
 * Generates list-append histories of a serializable store, as large as wanted: concurrent clients,
 * a few active keys drawn by a Zipf law, each replaced after so many appends. Transactions take
 * effect at one instant between invocation and completion, so the history is strict serializable.
 */
import type { HistoryEvent } from '../contract/history.ts';
import { Prng } from '../random/prng.ts';

export interface AppendHistoryOptions {
  readonly transactions: number;
  readonly seed: number;
  readonly clients: number;
  readonly activeKeys: number;
  readonly appendsPerKey: number;
  readonly operationsMax: number;
  readonly failShare: number;
  readonly infoShare: number;
  /** Share of reads that show an older state than they should: anomalies. */
  readonly staleShare: number;
}

/** The settings under which peers' checkers were measured. */
export const PEER_SETTINGS: Omit<AppendHistoryOptions, 'transactions' | 'seed'> = {
  clients: 10,
  activeKeys: 10,
  appendsPerKey: 32,
  operationsMax: 4,
  failShare: 0.01,
  infoShare: 0.001,
  staleShare: 0,
};

const ZIPF_EXPONENT = 0.99;

type Micro = ['append', number, number] | ['r', number, number[] | null];

interface Running {
  readonly process: number;
  readonly operations: Micro[];
}

/** Visits the events in order. */
export function generateAppendHistory(
  options: AppendHistoryOptions,
  visit: (event: HistoryEvent) => void,
): void {
  const random = new Prng(options.seed).derive('append-history');
  const store = new ActiveLists(options, random);
  const running: Running[] = [];
  const idle = Array.from({ length: options.clients }, (_, process) => process);
  let index = 0;
  let begun = 0;
  const emit = (type: HistoryEvent['type'], process: number, value: unknown) => {
    visit({ index, type, process, f: 'txn', value, timeMs: index });
    index++;
  };
  while (begun < options.transactions || running.length > 0) {
    const begins = begun < options.transactions && idle.length > 0;
    if (begins && (running.length === 0 || random.chance(0.5))) {
      const process = idle.pop()!;
      const operations = store.draw();
      running.push({ process, operations });
      emit(
        'invoke',
        process,
        operations.map(([f, key, value]) => [f, key, f === 'r' ? null : value]),
      );
      begun++;
      continue;
    }
    const at = random.below(running.length);
    const { process, operations } = running[at]!;
    running[at] = running.at(-1)!;
    running.pop();
    if (random.chance(options.failShare)) {
      emit('fail', process, operations);
      idle.push(process);
      continue;
    }
    const unknown = random.chance(options.infoShare);
    if (!unknown || random.chance(0.5)) store.perform(operations);
    emit(unknown ? 'info' : 'ok', process, operations);
    idle.push(unknown ? process + options.clients : process);
  }
}

class ActiveLists {
  readonly #options: AppendHistoryOptions;
  readonly #random: Prng;
  readonly #weights: number[];
  readonly #keys: number[];
  readonly #drawn = new Map<number, number>();
  readonly #lists = new Map<number, number[]>();
  #nextKey: number;

  constructor(options: AppendHistoryOptions, random: Prng) {
    this.#options = options;
    this.#random = random;
    let sum = 0;
    this.#weights = Array.from({ length: options.activeKeys }, (_, rank) => {
      sum += 1 / (rank + 1) ** ZIPF_EXPONENT;
      return sum;
    });
    this.#keys = Array.from({ length: options.activeKeys }, (_, key) => key);
    this.#nextKey = options.activeKeys;
  }

  draw(): Micro[] {
    const size = this.#random.between(1, this.#options.operationsMax);
    return Array.from({ length: size }, (): Micro => {
      const slot = this.#slot();
      const key = this.#keys[slot]!;
      if (this.#random.chance(0.5)) return ['r', key, null];
      const value = (this.#drawn.get(key) ?? 0) + 1;
      this.#drawn.set(key, value);
      if (value === this.#options.appendsPerKey) this.#keys[slot] = this.#nextKey++;
      return ['append', key, value];
    });
  }

  /** Fills in what the reads show, and appends. */
  perform(operations: Micro[]): void {
    for (const operation of operations) {
      const [f, key] = operation;
      const list = this.#lists.get(key) ?? [];
      if (f === 'append') {
        list.push(operation[2]);
        this.#lists.set(key, list);
      } else {
        const stale = list.length > 0 && this.#random.chance(this.#options.staleShare);
        operation[2] = list.slice(0, stale ? this.#random.below(list.length) : undefined);
      }
    }
  }

  #slot(): number {
    const point = this.#random.fraction() * this.#weights.at(-1)!;
    const slot = this.#weights.findIndex((weight) => point < weight);
    return Math.max(slot, 0);
  }
}
