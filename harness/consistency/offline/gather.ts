/**
 * Collects the events of a history one by one. Transactions go into the table of their workload; operations on
 * objects are paired. Events are buffered only until it is clear which of the two they are.
 */
import type { HistoryEvent, Operation } from '../../contract/history.ts';
import { Pairing } from '../../contract/pairing.ts';
import type { HistoryTraits } from '../../history/read-history.ts';
import { isOfLog, LogTable } from '../collections/log-table.ts';
import { TransactionCollector } from '../graph/transaction-collector.ts';
import { TransactionHistory } from '../graph/transaction-history.ts';
import { RegisterTable } from '../linearizability/register-table.ts';
import { PredicateHistory } from '../predicates/predicate-history.ts';
import { RegisterHistory } from '../registers/register-history.ts';
import { type Sign, type TransactionKind, TransactionSigns } from './transaction-signs.ts';

export type Transactions = TransactionHistory | RegisterHistory | PredicateHistory;

const KINDS: ReadonlySet<string> = new Set<TransactionKind>([
  'list-append',
  'rw-register',
  'predicate',
]);
export const isTransactional = (name: string): name is TransactionKind => KINDS.has(name);

/** Which columns objects are gathered in as long as they fit: as the first events tell, or as named. */
export type Columns = 'log' | 'register' | 'found' | 'none';

/** There are events that columns do not hold: the history has to be read again, into objects. */
export class NeedsObjects extends Error {
  override readonly name = 'NeedsObjects';
}

export class Gather {
  readonly #traits: HistoryTraits;
  readonly #signs = new TransactionSigns();
  #held: HistoryEvent[] = [];
  #collector: TransactionCollector<Transactions> | undefined;
  #pairing: Pairing | undefined;
  #table: LogTable | RegisterTable | undefined;
  readonly #columns: Columns;
  #lines = new Int32Array(1024);
  #kind: Sign;
  /** Whether the kind was read off the events, and not given. */
  #isGuess = false;
  count = 0;

  /** `kind`: when it is known from the start. */
  constructor(traits: HistoryTraits, kind: Sign, columns: Columns = 'none') {
    this.#traits = traits;
    this.#columns = columns;
    if (kind !== undefined) this.#begin(kind);
  }

  /** Throws MalformedHistory, HistoryError or NeedsObjects for what does not fit. */
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
    else if (!this.#table!.take(event)) throw new NeedsObjects();
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
   * Operations in columns; `undefined` when they are gathered as objects. Throws NeedsObjects when no
   * event tells that columns hold everything.
   */
  table(): LogTable | RegisterTable | undefined {
    if (this.#table?.isSure === false) throw new NeedsObjects();
    return this.#table;
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
    if (kind === 'objects') {
      this.#table = this.#columnsFor(this.#held);
      if (this.#table === undefined) this.#pairing = new Pairing();
    } else if (kind === 'predicate')
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

  #columnsFor(first: readonly HistoryEvent[]): LogTable | RegisterTable | undefined {
    const isFound = this.#columns === 'found';
    if (this.#columns === 'log' || (isFound && first.every(isOfLog))) return new LogTable();
    const isRegister = first.every(({ f }) => f === 'read' || f === 'write');
    return this.#columns === 'register' || (isFound && isRegister)
      ? new RegisterTable()
      : undefined;
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
