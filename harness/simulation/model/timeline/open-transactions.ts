/**
 * OpenTransactions: transactions that stay open while others commit and what those wrote is flushed
 * and merged. Each must read its own snapshot and its own writes; whether it may commit follows from
 * what was written since it began, and once it has ended it refuses everything.
 */
import { isOperationError } from '../../../contract/target.ts';
import type { Prng } from '../../../random/prng.ts';
import type {
  Change,
  DirectRange,
  DirectStore,
  DirectTransaction,
} from '../../sim/direct-store.ts';
import type { Answers } from '../answers.ts';
import type { ModelDraws } from '../model-draws.ts';
import type { ModelMap } from '../model-map.ts';
import type { Timeline } from './timeline.ts';

const TRANSACTIONS_MAX = 4;

/** Keys from `from` up to `to`, both inclusive where they are records that were shown. */
interface Span {
  readonly contains: (key: string) => boolean;
}

interface Open {
  readonly transaction: DirectTransaction;
  /** How many commits its snapshot shows. */
  readonly began: number;
  /** Its snapshot with its own writes laid over. */
  readonly shows: ModelMap;
  readonly written: Map<string, string | null>;
  readonly keysRead: Set<string>;
  /** Of the ranges it read: what was surely seen, and what may have been. */
  readonly surelyRead: Span[];
  readonly maybeRead: Span[];
}

export interface OpenParts {
  readonly random: Prng;
  readonly draws: ModelDraws;
  readonly answers: Answers;
  readonly timeline: Timeline;
  /** Whether a commit fails when what it read has changed. */
  readonly checksReads: boolean;
}

export class OpenTransactions {
  readonly #parts: OpenParts;
  #open: Open[] = [];

  constructor(parts: OpenParts) {
    this.#parts = parts;
  }

  begin(store: DirectStore): void {
    if (this.#open.length === TRANSACTIONS_MAX) return;
    const { timeline } = this.#parts;
    this.#open.push({
      transaction: store.begin(),
      began: timeline.count,
      shows: timeline.now.copy(),
      written: new Map(),
      keysRead: new Set(),
      surelyRead: [],
      maybeRead: [],
    });
  }

  /** Reads and writes in one of them. */
  goOn(): void {
    if (this.#open.length === 0) return;
    const { random } = this.#parts;
    const open = random.pick(this.#open);
    for (let i = random.between(1, 3); i > 0; i--) {
      const act = random.pick([this.#readKey, this.#readRange, this.#write]);
      act.call(this, open);
    }
  }

  /** Ends one of them; answers what it committed, if it did. */
  async end(): Promise<{ timestamp: number; changes: readonly Change[] } | undefined> {
    if (this.#open.length === 0) return undefined;
    const { random } = this.#parts;
    const open = random.pick(this.#open);
    this.#open = this.#open.filter((other) => other !== open);
    const { transaction, written } = open;
    if (random.chance(0.15)) {
      transaction.rollback();
      await this.#refusesAll(transaction);
      return undefined;
    }
    const expected = this.#conflictOf(open);
    let timestamp: number;
    try {
      timestamp = await transaction.commit();
    } catch (error) {
      if (!isOperationError(error) || error.code !== 'conflict') throw error;
      if (expected === 'no') {
        throw new Error('it was refused, and nobody had changed what it read or wrote');
      }
      await this.#refusesAll(transaction);
      return undefined;
    }
    if (expected === 'yes') {
      throw new Error('it was not refused, though what it read or wrote had changed');
    }
    await this.#refusesAll(transaction);
    return written.size === 0 ? undefined : { timestamp, changes: [...written] };
  }

  /** A transaction that has ended, however it did, refuses everything but another end of it. */
  async #refusesAll(transaction: DirectTransaction): Promise<void> {
    const key = this.#parts.draws.key();
    const calls: Readonly<Record<string, () => unknown>> = {
      get: () => transaction.get(key),
      range: () => transaction.range({}),
      write: () => transaction.write([key, 'too late']),
      commit: () => transaction.commit(),
    };
    for (const [name, call] of Object.entries(calls)) {
      const refusal = await (async () => call())().then(
        () => 'nothing',
        (error: { code?: string }) => error.code ?? String(error),
      );
      this.#parts.answers.same(`${name} after its end`, refusal, 'transaction-finished');
    }
    transaction.rollback();
  }

  /** Leaves all of them, as a process does that ends. */
  forget(): void {
    this.#open = [];
  }

  endAll(): void {
    for (const { transaction } of this.#open) transaction.rollback();
    this.#open = [];
  }

  #readKey(open: Open): void {
    const { draws, answers } = this.#parts;
    const key = draws.wanted();
    open.keysRead.add(key);
    answers.same(`in a transaction: get ${key}`, open.transaction.get(key), open.shows.get(key));
  }

  #readRange(open: Open): void {
    const { draws, answers } = this.#parts;
    const query = draws.range();
    const found = open.transaction.range(query);
    const what = `in a transaction: range ${JSON.stringify(query)}`;
    answers.sameContent(what, found, open.shows.range(query));
    const whole = spanOf(query);
    open.maybeRead.push(whole);
    if (query.limit === undefined || found.length < query.limit) open.surelyRead.push(whole);
    else if (found.length > 0) {
      const last = found.at(-1)![0];
      const isSeen = query.reverse ? (key: string) => key >= last : (key: string) => key <= last;
      open.surelyRead.push({ contains: (key) => whole.contains(key) && isSeen(key) });
    }
  }

  #write(open: Open): void {
    const [change] = this.#parts.draws.changes();
    const [key, value] = change!;
    try {
      open.transaction.write([key, value]);
    } catch (error) {
      if (!isOperationError(error) || error.code !== 'transaction-too-large') throw error;
      return;
    }
    open.written.set(key, value);
    open.shows.apply([[key, value]]);
  }

  #conflictOf({ began, written, keysRead, surelyRead, maybeRead }: Open): 'yes' | 'no' | 'maybe' {
    if (written.size === 0) return 'no';
    const { timeline, checksReads } = this.#parts;
    const others = timeline.writtenSince(began);
    if (others.some((key) => written.has(key))) return 'yes';
    if (!checksReads) return 'no';
    const within = (spans: readonly Span[]) =>
      others.some((key) => spans.some((span) => span.contains(key)));
    if (others.some((key) => keysRead.has(key)) || within(surelyRead)) return 'yes';
    return within(maybeRead) ? 'maybe' : 'no';
  }
}

function spanOf({ from, to, prefix = '' }: DirectRange): Span {
  return {
    contains: (key) =>
      key.startsWith(prefix) &&
      (from === undefined || key >= from) &&
      (to === undefined || key < to),
  };
}
