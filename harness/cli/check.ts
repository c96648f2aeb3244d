/** `assay check`: judges histories from files. One line a file, then what was found. */
import { existsSync, readFileSync } from 'node:fs';
import { counter } from '../checkers/collections/counter.ts';
import { setFull } from '../checkers/collections/set-full.ts';
import { totalQueue } from '../checkers/collections/total-queue.ts';
import { uniqueIds } from '../checkers/collections/unique-ids.ts';
import { checkLinearizable, type ObjectOperation } from '../checkers/linearizable/linearizable.ts';
import { MODELS, type Model } from '../checkers/linearizable/model.ts';
import { LEVELS, type Level } from '../checkers/transactional/levels.ts';
import { checkListAppend } from '../checkers/transactional/list-append.ts';
import type { TransactionalReport } from '../checkers/transactional/report.ts';
import {
  HistoryError,
  TransactionCollector,
  TransactionHistory,
} from '../checkers/transactional/transaction-history.ts';
import { type Checker, judge } from '../contract/checker.ts';
import { type HistoryEvent, type Operation, operationsOf } from '../contract/history.ts';
import { exitCode, type Validity, worst } from '../contract/verdict.ts';
import { EdnError } from '../history/edn.ts';
import {
  detectFormat,
  FORMATS,
  FormatError,
  type HistoryFormat,
  readHistory,
} from '../history/read-history.ts';
import { lookUp, UsageError } from '../runner/registry.ts';

const COLLECTIONS: ReadonlyMap<string, Checker> = new Map(
  [counter, setFull, totalQueue, uniqueIds].map((checker) => [checker.name, checker] as const),
);

export interface CheckOptions {
  readonly model: string;
  readonly workload: string;
  readonly format?: string;
  readonly independent: boolean;
  readonly json: boolean;
}

interface Checked {
  readonly file: string;
  readonly validity: Validity;
  readonly reasons?: readonly string[];
  readonly report?: TransactionalReport;
}

/** What to judge, chosen once for all files. */
interface Question {
  readonly format: HistoryFormat | undefined;
  /** For list-append. */
  readonly level: Level;
  /** Else the object whose linearizability is asked, or the checker of a collection. */
  readonly model: Model<never> | undefined;
  readonly collection: Checker | undefined;
  readonly independent: boolean;
}

const named = <T extends string>(names: readonly T[]) =>
  new Map<string, T>(names.map((name) => [name, name]));

export function check(files: readonly string[], options: CheckOptions): number {
  if (files.length === 0) throw new UsageError('Which history? Give one file or more.');
  const { format, workload, independent } = options;
  lookUp(named(['list-append', ...MODELS.keys(), ...COLLECTIONS.keys()]), 'workload', workload);
  const question: Question = {
    format: format === undefined ? undefined : lookUp(named(FORMATS), 'format', format),
    level: lookUp(named(LEVELS), 'model', options.model),
    model: MODELS.get(workload),
    collection: COLLECTIONS.get(workload),
    independent: independent || workload === 'key-value',
  };
  const checked = files.map((file) => checkFile(file, question));
  if (options.json) console.log(JSON.stringify(checked.map(asJson), null, 2));
  else for (const one of checked) announce(one);
  return exitCode(worst(checked.map(({ validity }) => validity)));
}

/** Malformed input is `unknown`, with its place; it never passes as valid. */
function checkFile(file: string, question: Question): Checked {
  if (!existsSync(file)) throw new UsageError(`There is no file ${file}.`);
  try {
    const text = readFileSync(file, 'utf8');
    const format = question.format ?? detectFormat(text);
    const { model, collection } = question;
    if (collection !== undefined) {
      const { validity, reasons } = judge(collection, operationsIn(text, format));
      return { file, validity, reasons };
    }
    if (model !== undefined) return checkObjects(file, text, format, model, question.independent);
    const collector = new TransactionCollector(new TransactionHistory());
    readHistory(text, format, (event) => collector.add(event));
    const report = checkListAppend(collector.finish());
    const status = report.levels.status.get(question.level);
    const validity = status === 'holds' ? 'valid' : status === 'violated' ? 'invalid' : 'unknown';
    return { file, validity, report };
  } catch (error) {
    const known = [FormatError, EdnError, HistoryError].some((kind) => error instanceof kind);
    if (!known) throw error;
    return { file, validity: 'unknown', reasons: [(error as Error).message] };
  }
}

/** `independent`: values are pairs of a key and the object's own value, as Jepsen writes them. */
function checkObjects(
  file: string,
  text: string,
  format: HistoryFormat,
  model: Model<never>,
  independent: boolean,
): Checked {
  const operations = operationsIn(text, format).map((operation): ObjectOperation => {
    if (!independent) return { object: model.name, operation };
    const [input, output] = [pairOf(operation.input), pairOf(operation.output)];
    if (input === undefined) {
      throw new FormatError(`operation ${operation.invokedIndex}: the value is no [key value]`);
    }
    const parts = { ...operation, input: input[1], output: output?.[1] };
    return { object: `key ${JSON.stringify(input[0])}`, operation: parts };
  });
  const { validity, reasons } = checkLinearizable(model, operations);
  return { file, validity, reasons };
}

function operationsIn(text: string, format: HistoryFormat): Operation[] {
  const events: HistoryEvent[] = [];
  readHistory(text, format, (event) => events.push(event));
  return operationsOf(events);
}

function pairOf(value: unknown): readonly [unknown, unknown] | undefined {
  return Array.isArray(value) && value.length === 2 ? [value[0], value[1]] : undefined;
}

function announce({ file, validity, reasons = [], report }: Checked): void {
  if (report === undefined) {
    console.log(`${file}  ${validity}  ${reasons[0] ?? 'no fault found, and none is left open'}`);
    for (const reason of reasons.slice(1)) console.log(`  ${reason}`);
    return;
  }
  const { levels, anomalies, caveats, transactions } = report;
  const counts = [...anomalies].map(([name, { count }]) => `${name} × ${count}`).join(', ');
  const holding = levels.maximalHolding.join(', ') || 'none proven';
  console.log(`${file}  ${validity}  holds: ${holding}  anomalies: ${counts || 'none'}`);
  console.log(`  ${transactions.toLocaleString('en-US')} transactions`);
  if (levels.minimalViolated.length > 0) {
    console.log(`  violated at least: ${levels.minimalViolated.join(', ')}`);
  }
  for (const [name, { examples }] of anomalies) {
    for (const example of examples) console.log(`  ${name}: ${example}`);
  }
  for (const caveat of caveats) console.log(`  note: ${caveat}`);
}

function asJson({ file, validity, reasons, report }: Checked) {
  if (report === undefined) return { file, validity, reasons };
  const { levels, anomalies, caveats, transactions, committed } = report;
  return {
    file,
    validity,
    transactions,
    committed,
    levels: Object.fromEntries(levels.status),
    minimalViolated: levels.minimalViolated,
    maximalHolding: levels.maximalHolding,
    anomalies: Object.fromEntries(anomalies),
    caveats,
  };
}
