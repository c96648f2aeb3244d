/**
 * Check history: judges a recorded history, whatever tool wrote it down. Format and workload are
 * found out by content, or named. Transactions are gathered as they are read.
 *
 * Malformed input is `unknown` with its place; it never passes as valid.
 */

import type { LinearizabilityFailure } from '../../contract/check-result.ts';
import { judge } from '../../contract/checker.ts';
import { type HistoryEvent, type Operation, operationsOf } from '../../contract/history.ts';
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
import { checkLinearizable, type ObjectOperation } from '../linearizable/linearizable.ts';
import { MODELS, type Model } from '../linearizable/model.ts';
import { PredicateHistory } from '../predicates/predicate-history.ts';
import { checkPredicates } from '../predicates/predicates.ts';
import { RegisterHistory } from '../registers/register-history.ts';
import type { VersionOrders } from '../registers/register-view.ts';
import { checkRegisters } from '../registers/rw-register.ts';
import { checkTimestamps, type TimestampReport } from '../registers/timestamps.ts';
import { VersionIndex } from '../registers/version-index.ts';
import type { Level } from '../transactional/levels.ts';
import { checkListAppend } from '../transactional/list-append.ts';
import type { TransactionalReport } from '../transactional/report.ts';
import { TransactionCollector } from '../transactional/transaction-collector.ts';
import { TransactionHistory } from '../transactional/transaction-history.ts';
import { HistoryError } from '../transactional/transaction-table.ts';
import { collectionCheckers, detectWorkload, unalias } from './workloads.ts';

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
}

/** So many events are looked at to find out the workload. */
const PEEKED_EVENTS = 5_000;

/** What is malformed is in the answer too, with its place; throws only what it did not expect. */
export function checkHistory(
  source: HistorySource,
  options: CheckHistoryOptions = {},
): CheckedHistory {
  try {
    const format = options.format ?? detectFormat(source);
    return { format: format.name, ...new Check(source, format, options).run() };
  } catch (error) {
    const known = error instanceof FormatError || error instanceof HistoryError;
    if (!known) throw error;
    return { validity: 'unknown', reasons: [error.message] };
  }
}

/** Takes events one by one; keeps them until the workload is known. */
class Check {
  readonly #source: HistorySource;
  readonly #format: HistoryFormat;
  readonly #options: CheckHistoryOptions;
  readonly #held: HistoryEvent[] = [];
  #workload: string | undefined;
  #collector:
    | TransactionCollector<TransactionHistory>
    | TransactionCollector<RegisterHistory>
    | TransactionCollector<PredicateHistory>
    | undefined;

  constructor(source: HistorySource, format: HistoryFormat, options: CheckHistoryOptions) {
    this.#source = source;
    this.#format = format;
    this.#options = options;
    const named = options.workload ?? format.traits.workload;
    if (named !== undefined) this.#begin(unalias(named));
  }

  run(): CheckedHistory {
    const traits = readHistory(this.#source, this.#format, (event) => this.#take(event));
    if (this.#workload === undefined) this.#begin(this.#detect());
    const workload = this.#workload!;
    const { history } = this.#collector ?? {};
    const found = this.#collector?.finish();
    const known = found === undefined ? traits : { ...traits, hasRealTime: found.hasRealTime };
    if (history instanceof TransactionHistory) {
      return { workload, ...this.#verdict(checkListAppend(history), known) };
    }
    if (history instanceof PredicateHistory) {
      return { workload, ...this.#verdict(checkPredicates(history), known) };
    }
    if (history instanceof RegisterHistory) return { workload, ...this.#registers(history, known) };
    return { workload, ...this.#objects(workload, traits) };
  }

  #take(event: HistoryEvent): void {
    if (this.#collector !== undefined) this.#collector.add(event);
    else {
      this.#held.push(event);
      if (this.#workload === undefined && this.#held.length === PEEKED_EVENTS) {
        this.#begin(this.#detect());
      }
    }
  }

  #detect(): string {
    const found = detectWorkload(this.#held);
    if (found !== undefined) return found;
    if (this.#held.length === 0) throw new FormatError('the history has no operation of a client');
    throw new FormatError('what kind of history this is does not show; name it with --workload');
  }

  #begin(workload: string): void {
    this.#workload = workload;
    const { hasRealTime, initialValue } = this.#format.traits;
    if (workload === 'predicate') {
      this.#collector = new TransactionCollector(new PredicateHistory());
    } else if (workload === 'list-append') {
      this.#collector = new TransactionCollector(new TransactionHistory());
    } else if (workload === 'rw-register') {
      this.#collector = new TransactionCollector(
        new RegisterHistory({ hasRealTime, initialValue }),
      );
    } else return;
    for (const event of this.#held.splice(0)) this.#collector.add(event);
  }

  #registers(history: RegisterHistory, traits: HistoryTraits): CheckedHistory {
    const stamped = history.startedAt.view().some((stamp) => !Number.isNaN(stamp));
    const timestamps = stamped ? checkTimestamps(new VersionIndex(history)) : undefined;
    const report = checkRegisters(history, this.#options.orders);
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
    const { level: asked } = this.#options;
    if (asked === BY_TIMESTAMPS) {
      const reasons = ['timestamps are judged for registers'];
      return { validity: 'unknown', reasons, report, level: asked };
    }
    const level = levelFor(asked, traits);
    const validity = validityOf(report.levels.status.get(level)!);
    return { validity, reasons: validity === 'unknown' ? report.caveats : [], report, level };
  }

  #objects(workload: string, traits: HistoryTraits): CheckedHistory {
    const operations = operationsOf(this.#held);
    const model = MODELS.get(workload);
    const independent =
      this.#options.independent ?? traits.independent ?? looksIndependent(workload, operations);
    if (model !== undefined)
      return linearizable(model, operations, independent && workload !== 'map');
    const checker = collectionCheckers(this.#options.bank ?? {}).get(workload);
    if (checker === undefined) throw new FormatError(`there is no workload ${workload}`);
    if (!independent) return judge(checker, operations);
    const verdicts = [...byKey(operations)].map(([key, own]) => ({ key, ...judge(checker, own) }));
    const bad = verdicts.filter(({ validity }) => validity !== 'valid');
    const worst = bad.find(({ validity }) => validity === 'invalid') ?? bad[0];
    const reasons = bad.flatMap(({ key, reasons: own }) => own.map((one) => `key ${key}: ${one}`));
    return { validity: worst?.validity ?? (verdicts.length > 0 ? 'valid' : 'unknown'), reasons };
  }
}

const validityOf = (status: 'holds' | 'violated' | 'unknown'): Validity =>
  status === 'holds' ? 'valid' : status === 'violated' ? 'invalid' : 'unknown';

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

function linearizable(
  model: Model<never>,
  operations: readonly Operation[],
  independent: boolean,
): CheckedHistory {
  const objects: ObjectOperation[] = [];
  if (!independent)
    for (const operation of operations) objects.push({ object: model.name, operation });
  else {
    for (const [key, own] of byKey(operations)) {
      for (const operation of own) objects.push({ object: `key ${key}`, operation });
    }
  }
  return checkLinearizable(model, objects);
}

/** Values as pairs of a key and its own value, as Jepsen's independent writes them. */
function byKey(operations: readonly Operation[]): Map<string, Operation[]> {
  const keys = new Map<string, Operation[]>();
  for (const operation of operations) {
    const input = pairOf(operation.input);
    if (input === undefined) {
      throw new FormatError(`operation ${operation.invokedIndex}: the value is no [key value]`);
    }
    const output = pairOf(operation.output);
    const own = { ...operation, input: input[1], output: output === undefined ? null : output[1] };
    const name = JSON.stringify(input[0]);
    const others = keys.get(name);
    if (others === undefined) keys.set(name, [own]);
    else others.push(own);
  }
  return keys;
}

/** Registers whose values are all pairs, as tuples of independent keys are without their tag. */
function looksIndependent(workload: string, operations: readonly Operation[]): boolean {
  if (workload === 'key-value') return true;
  if (workload !== 'register' || operations.length === 0) return false;
  return operations.every(({ f, input }) => {
    const pair = pairOf(input);
    return pair !== undefined && (f !== 'cas' || Array.isArray(pair[1]));
  });
}

function pairOf(value: unknown): readonly [unknown, unknown] | undefined {
  return Array.isArray(value) && value.length === 2 ? [value[0], value[1]] : undefined;
}
