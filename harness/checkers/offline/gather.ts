/**
 * Gather: takes the events of a history one by one. Transactions go into the table of their
 * workload, operations on objects are paired; events are held only while it is open which it is.
 */
import type { HistoryEvent, Operation } from '../../contract/history.ts';
import { Pairing } from '../../contract/pairing.ts';
import type { HistoryTraits } from '../../history/read-history.ts';
import { isOfLog, LogTable } from '../collections/log-table.ts';
import { PredicateHistory } from '../predicates/predicate-history.ts';
import { RegisterHistory } from '../registers/register-history.ts';
import { TransactionCollector } from '../transactional/transaction-collector.ts';
import { TransactionHistory } from '../transactional/transaction-history.ts';
import { type Sign, type TransactionKind, TransactionSigns } from './transaction-signs.ts';

export type Transactions = TransactionHistory | RegisterHistory | PredicateHistory;

const KINDS: ReadonlySet<string> = new Set<TransactionKind>([
  'list-append',
  'rw-register',
  'predicate',
]);
export const isTransactional = (name: string): name is TransactionKind => KINDS.has(name);

/** What was taken for a log has other events too: it has to be read again, as operations on objects. */
export class NotOnlyLog extends Error {
  override readonly name = 'NotOnlyLog';
}

export class Gather {
  readonly #traits: HistoryTraits;
  readonly #signs = new TransactionSigns();
  #held: HistoryEvent[] = [];
  #collector: TransactionCollector<Transactions> | undefined;
  #pairing: Pairing | undefined;
  #log: LogTable | undefined;
  readonly #mayBeLog: boolean;
  #lines = new Int32Array(1024);
  #kind: Sign;
  /** Whether the kind was read off the events, and not given. */
  #isGuess = false;
  count = 0;

  /** `kind`: when it is known from the start. `mayBeLog`: whether columns of a log are tried. */
  constructor(traits: HistoryTraits, kind: Sign, mayBeLog = false) {
    this.#traits = traits;
    this.#mayBeLog = mayBeLog;
    if (kind !== undefined) this.#begin(kind);
  }

  /** Throws MalformedHistory, HistoryError or NotOnlyLog for what does not fit. */
  readonly take = (event: HistoryEvent): void => {
    this.#noteLine(event);
    if (this.#kind === undefined) {
      this.#held.push(event);
      const sign = this.#signs.note(event);
      if (sign === undefined) return;
      this.#isGuess = true;
      this.#begin(sign);
      return;
    }
    this.#add(event);
  };

  #add(event: HistoryEvent): void {
    if (this.#collector !== undefined) this.#collector.add(event);
    else if (this.#pairing !== undefined) this.#pairing.add(event);
    else if (!this.#log!.take(event)) throw new NotOnlyLog();
  }

  /** Call after the last event. */
  end(): void {
    if (this.#kind !== undefined) return;
    this.#isGuess = true;
    this.#begin(this.#signs.kind() ?? 'objects');
  }

  /** Whether what was taken for registers may be something else on a closer look. */
  get mayBeMistaken(): boolean {
    return this.#isGuess && this.#kind === 'rw-register';
  }

  get kind(): Sign {
    return this.#kind;
  }

  /** With whether the order of events is an order in real time. */
  transactions(): Transactions | undefined {
    return this.#collector?.finish();
  }

  /**
   * The operations of a log; `undefined` for anything else. Throws NotOnlyLog when no event tells
   * that it is one.
   */
  log(): LogTable | undefined {
    if (this.#log?.isSure === false) throw new NotOnlyLog();
    this.#log?.finish();
    return this.#log;
  }

  get operations(): readonly Operation[] {
    return this.#pairing?.operations ?? [];
  }

  /** Where an event stands in its text; `undefined` when that is not known. */
  lineOf(index: number): number | undefined {
    return this.#lines[index] || undefined;
  }

  #begin(kind: Exclude<Sign, undefined>): void {
    this.#kind = kind;
    const { hasRealTime, initialValue } = this.#traits;
    if (kind === 'objects' && this.#mayBeLog && this.#held.every(isOfLog)) {
      this.#log = new LogTable();
    } else if (kind === 'objects') this.#pairing = new Pairing();
    else if (kind === 'predicate')
      this.#collector = new TransactionCollector(new PredicateHistory());
    else if (kind === 'list-append') {
      this.#collector = new TransactionCollector(new TransactionHistory());
    } else {
      const history = new RegisterHistory({ hasRealTime, initialValue });
      this.#collector = new TransactionCollector(history);
    }
    const held = this.#held;
    this.#held = [];
    for (const event of held) this.#add(event);
  }

  #noteLine({ index, line }: HistoryEvent): void {
    this.count++;
    if (line === undefined) return;
    if (index >= this.#lines.length) {
      const wider = new Int32Array(2 * this.#lines.length);
      wider.set(this.#lines);
      this.#lines = wider;
    }
    this.#lines[index] = line;
  }
}
