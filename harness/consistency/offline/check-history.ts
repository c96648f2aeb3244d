/**
 * Judges a recorded history in any known format. Format and workload are detected by content, or named.
 * Transactions are collected while the file is read.
 *
 * Malformed input is `unknown`, with its place in the file; it never passes as valid.
 */

import type { LinearizabilityFailure } from '../../contract/check-result.ts';
import { MalformedHistory } from '../../contract/pairing.ts';
import type { Validity } from '../../contract/verdict.ts';
import {
  detectFormat,
  FormatError,
  type HistoryFormat,
  type HistorySource,
  type HistoryTraits,
  readHistory,
} from '../../history/read-history.ts';
import type { BankOptions } from '../collections/bank.ts';
import { judgeLog } from '../collections/log.ts';
import { LogTable } from '../collections/log-table.ts';
import { LEVELS, type Level } from '../graph/levels.ts';
import type { TransactionalReport } from '../graph/report.ts';
import { TransactionHistory } from '../graph/transaction-history.ts';
import { HistoryError } from '../graph/transaction-table.ts';
import type { Search } from '../isolation/decide.ts';
import { SearchBudget } from '../isolation/solve.ts';
import { checkRegisterTable } from '../linearizability/linearizable.ts';
import { checkListAppend } from '../list-append/list-append.ts';
import { PredicateHistory } from '../predicates/predicate-history.ts';
import { checkPredicates } from '../predicates/predicates.ts';
import type { RegisterHistory } from '../registers/register-history.ts';
import type { VersionOrders } from '../registers/register-view.ts';
import { checkRegisters } from '../registers/rw-register.ts';
import { checkTimestamps, type TimestampReport } from '../registers/timestamps.ts';
import { VersionIndex } from '../registers/version-index.ts';
import { detectObjects, workloadNamed } from './detect-objects.ts';
import { type Columns, Gather, isTransactional, NeedsObjects } from './gather.ts';
import { judgeObjects } from './judge-objects.ts';
import { type Sign, type TransactionKind, TransactionSigns } from './transaction-signs.ts';
import { collectionCheckers, RUN_CHECKERS, unalias } from './workloads.ts';

/** Snapshot isolation by the database's own timestamps; asked for as if it were a level. */
export const BY_TIMESTAMPS = 'si-timestamped';

export interface CheckHistoryOptions {
  /** Default: by content. */
  readonly format?: HistoryFormat | undefined;
  readonly workload?: string | undefined;
  /** The level that decides. Default: the strongest that the format can tell of. */
  readonly level?: Level | typeof BY_TIMESTAMPS | undefined;
  /** Values are pairs of a key and its own value. Default: where the format says so. */
  readonly independent?: boolean | undefined;
  readonly bank?: BankOptions;
  /** Steps that all searches of levels may take together. Default SEARCH_STEPS. */
  readonly searchSteps?: number | undefined;
  /** What registers hold before they are written, besides nil. Default: as the format says. */
  readonly initial?: unknown;
  /** Version orders of registers, as evidence. */
  readonly orders?: VersionOrders | undefined;
}

export interface CheckedHistory {
  readonly validity: Validity;
  readonly reasons: readonly string[];
  readonly format?: string;
  readonly workload?: string;
  /** The level that decided, for transactions. */
  readonly level?: string;
  readonly report?: TransactionalReport;
  readonly timestamps?: TimestampReport;
  readonly failure?: LinearizabilityFailure;
  /** Of objects: the kinds of the faults. */
  readonly kinds?: readonly string[];
}

/** What is malformed is in the answer too, with its place; throws only what it did not expect. */
export function checkHistory(
  source: HistorySource,
  options: CheckHistoryOptions = {},
): CheckedHistory {
  try {
    const format = options.format ?? detectFormat(source);
    return { format: format.name, ...new Check(source, format, options).run() };
  } catch (error) {
    return { validity: 'unknown', reasons: [complaintOf(error)] };
  }
}

/** Rethrows what no history can be blamed for. */
function complaintOf(error: unknown): string {
  const isKnown =
    error instanceof FormatError ||
    error instanceof HistoryError ||
    error instanceof MalformedHistory;
  if (isKnown) return error.message;
  const isTooDeep = error instanceof RangeError && /call stack/.test(error.message);
  if (isTooDeep) return 'a value is nested too deeply to be judged';
  throw error;
}

class Check {
  readonly #source: HistorySource;
  readonly #format: HistoryFormat;
  readonly #options: CheckHistoryOptions;
  readonly #traits: HistoryTraits;
  #gather: Gather;

  constructor(source: HistorySource, format: HistoryFormat, options: CheckHistoryOptions) {
    this.#source = source;
    this.#format = format;
    this.#options = options;
    const { initial } = options;
    const named = options.workload ?? format.traits.workload;
    this.#traits = { ...format.traits, ...(initial !== undefined && { initialValue: initial }) };
    const kind = named === undefined ? undefined : kindOf(named);
    const isPlain = options.independent !== true && this.#traits.initialValue === undefined;
    this.#gather = new Gather(this.#traits, kind, isPlain ? columnsOf(named) : 'none');
  }

  run(): CheckedHistory {
    try {
      return this.#run();
    } catch (error) {
      if (error instanceof NeedsObjects) {
        this.#gather = new Gather(this.#traits, 'objects');
        return this.#run();
      }
      if (!(error instanceof HistoryError)) throw error;
      const other = this.#gather.mayBeMistaken ? this.#lookCloser() : undefined;
      if (other === undefined) throw new HistoryError(this.#withLine(error.message));
      this.#gather = new Gather(this.#traits, other);
      return this.#run();
    }
  }

  /** The kind of transactions, of all events; `undefined` when it is the one that was found. */
  #lookCloser(): TransactionKind | undefined {
    const signs = new TransactionSigns();
    readHistory(this.#source, this.#format, (event) => {
      signs.note(event);
    });
    const kind = signs.kind();
    return kind === this.#gather.kind ? undefined : kind;
  }

  #run(): CheckedHistory {
    const traits = readHistory(this.#source, this.#format, this.#gather.take);
    this.#gather.end();
    if (this.#gather.count === 0) {
      throw new FormatError('the history has no operation of a client');
    }
    const history = this.#gather.transactions();
    if (history === undefined) {
      if (!traits.hasRealTime) {
        throw new FormatError(
          traits.note ?? 'the history has no real time, and objects are judged by it',
        );
      }
      return this.#columns(traits) ?? this.#objects(traits);
    }
    history.hasRealTime &&= traits.hasRealTime;
    const workload = this.#gather.kind!;
    const known = { ...traits, hasRealTime: history.hasRealTime };
    const search = this.#search(known);
    if (history instanceof TransactionHistory) {
      return { workload, ...this.#verdict(checkListAppend(history, search), known) };
    }
    if (history instanceof PredicateHistory) {
      return { workload, ...this.#verdict(checkPredicates(history, search), known) };
    }
    return { workload, ...this.#registers(history, known) };
  }

  /** Without a level that is asked for, all are searched for. */
  #search(traits: HistoryTraits): Search {
    const { level, searchSteps } = this.#options;
    const asked = level === undefined || level === BY_TIMESTAMPS ? undefined : level;
    return {
      asked: asked && levelFor(asked, traits),
      budget: new SearchBudget(searchSteps),
    };
  }

  /** Of a log or a register in columns. Histories of Assay's runs name their checkers. */
  #columns({ run, independent }: HistoryTraits): CheckedHistory | undefined {
    const table = this.#gather.table();
    if (table === undefined) return undefined;
    if (run !== undefined || independent === true) throw new NeedsObjects();
    const workload = table instanceof LogTable ? 'log' : 'register';
    const verdict =
      table instanceof LogTable ? judgeLog(table) : checkRegisterTable(workload, table);
    if (verdict === undefined) throw new NeedsObjects();
    const reasons = verdict.reasons.map((reason) => this.#withLine(reason));
    return { ...verdict, workload, reasons };
  }

  #objects(traits: HistoryTraits): CheckedHistory {
    const { operations } = this.#gather;
    const { bank = {}, workload: asked, independent = traits.independent } = this.#options;
    const named = asked ?? traits.workload ?? traits.run?.workload;
    const workload =
      named === undefined ? detectObjects(operations) : workloadNamed(unalias(named), operations);
    if (workload === undefined) {
      throw new FormatError('what kind of history this is does not show; name it with --workload');
    }
    const checker = collectionCheckers(bank).get(workload);
    const run = asked === undefined ? traits.run : undefined;
    const checkers = run?.checkers.map((name) => RUN_CHECKERS.get(name)) ?? [checker];
    const known = checkers.filter((one) => one !== undefined);
    const { initial = traits.initialValue } = this.#options;
    const how = { checkers: known, independent, initial };
    const verdict = judgeObjects(workload, operations, how);
    const reasons = verdict.reasons.map((reason) => this.#withLine(reason));
    return { ...verdict, workload, reasons };
  }

  /** Turns "operation 3: …" into "line 4: …", the place in the text. */
  #withLine(reason: string): string {
    return reason.replace(/\boperation (\d+)(?=: )/, (found, index) => {
      const line = this.#gather.lineOf(Number(index));
      return line === undefined ? found : `line ${line}, ${found}`;
    });
  }

  #registers(history: RegisterHistory, traits: HistoryTraits): CheckedHistory {
    const stamped = history.startedAt.view().some((stamp) => !Number.isNaN(stamp));
    const timestamps = stamped ? checkTimestamps(new VersionIndex(history)) : undefined;
    const report = checkRegisters(history, this.#options.orders, this.#search(traits));
    const asked = this.#options.level ?? (stamped ? BY_TIMESTAMPS : undefined);
    if (asked !== BY_TIMESTAMPS) {
      return { ...this.#verdict(report, traits), ...(timestamps && { timestamps }) };
    }
    if (timestamps === undefined) {
      const reasons = ['the history carries no timestamps of the database'];
      return { validity: 'unknown', reasons, report, level: asked };
    }
    const validity = validityOf(timestamps.status);
    const missing = `${timestamps.withoutStamps} transactions carry no timestamps`;
    const reasons = validity === 'unknown' ? [missing] : [];
    return { validity, reasons, report, timestamps, level: asked };
  }

  #verdict(report: TransactionalReport, traits: HistoryTraits): CheckedHistory {
    const asked = this.#options.level ?? runLevel(traits);
    if (asked === BY_TIMESTAMPS) {
      const reasons = ['timestamps are judged for registers'];
      return { validity: 'unknown', reasons, report, level: asked };
    }
    const level = levelFor(asked, traits);
    const validity = validityOf(report.levels.status.get(level)!);
    const caveats = report.caveats.map((caveat) => this.#withLine(caveat));
    if (traits.note !== undefined) caveats.unshift(traits.note);
    const noted = { ...report, caveats };
    const reasons = validity === 'unknown' ? caveats : [];
    return { validity, reasons, report: noted, level };
  }
}

const kindOf = (name: string): Sign => {
  const own = unalias(name);
  return isTransactional(own) ? own : 'objects';
};

function columnsOf(named: string | undefined): Columns {
  if (named === undefined) return 'found';
  const own = unalias(named);
  return own === 'log' || own === 'register' ? own : 'none';
}

const validityOf = (status: 'holds' | 'violated' | 'unknown'): Validity =>
  status === 'holds' ? 'valid' : status === 'violated' ? 'invalid' : 'unknown';

/** The level that the run asked for, when Assay wrote the history itself. */
function runLevel({ run }: HistoryTraits): Level | undefined {
  const levels: readonly string[] = LEVELS;
  return run?.checkers.find((name): name is Level => levels.includes(name));
}

/** What tools that mean the axiomatic levels call by the short names. */
const AXIOMATIC: ReadonlyMap<Level, Level> = new Map<Level, Level>([
  ['read-committed', 'read-committed-axiomatic'],
  ['read-atomic', 'strong-session-read-atomic'],
  ['consistent-view', 'parallel-snapshot-isolation'],
  ['snapshot-isolation', 'strong-session-snapshot-isolation'],
  ['serializable', 'strong-session-serializable'],
]);

function levelFor(asked: Level | undefined, { axiomatic, hasRealTime }: HistoryTraits): Level {
  if (asked === undefined && hasRealTime) return 'strict-serializable';
  const level = asked ?? 'serializable';
  return axiomatic ? (AXIOMATIC.get(level) ?? level) : level;
}
