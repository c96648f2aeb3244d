/** `assay check`: judges histories from files. One line a file, then what was found. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { renderCheckHtml } from '../../reports/check-html.ts';
import { PLUME_NAMES } from '../consistency/graph/anomaly.ts';
import { LEVEL_ALIASES, LEVELS, type Level } from '../consistency/graph/levels.ts';
import {
  BY_TIMESTAMPS,
  type CheckedHistory,
  type CheckHistoryOptions,
  checkHistory,
} from '../consistency/offline/check-history.ts';
import { unalias, WORKLOADS } from '../consistency/offline/workloads.ts';
import type { VersionOrders } from '../consistency/registers/register-view.ts';
import type { CheckedFile } from '../contract/check-result.ts';
import { type Exact, exact, parseDecimal } from '../contract/exact-number.ts';
import { exitCode, worst } from '../contract/verdict.ts';
import { parseJson } from '../history/json.ts';
import { FORMATS, FormatError, HistorySource, historyPath } from '../history/read-history.ts';
import { lookUp, UsageError } from '../matrix/registry.ts';
import { type Verified, verifyHistory } from '../witness/verify-history.ts';
import { ByteProgress } from './byte-progress.ts';
import { raiseHeapLimit } from './heap-limit.ts';
import { wholeNumber } from './words.ts';

export interface CheckOptions {
  readonly model?: string;
  readonly workload?: string;
  readonly format?: string;
  readonly independent?: boolean;
  readonly json: boolean;
  readonly html?: string;
  readonly total?: string;
  readonly negativeBalances: boolean;
  readonly versionOrders?: string;
  readonly witness: boolean;
  readonly verify: boolean;
  readonly initial?: string;
  readonly searchSteps?: string;
}

const named = <T extends string>(names: Iterable<T>) =>
  new Map<string, T>([...names].map((name) => [name, name]));

/** Levels by all their names, in any case. */
const MODELS_BY_NAME: ReadonlyMap<string, Level | typeof BY_TIMESTAMPS> = new Map([
  ...named<Level | typeof BY_TIMESTAMPS>([...LEVELS, BY_TIMESTAMPS]),
  ...LEVEL_ALIASES,
  ...[...LEVEL_ALIASES].map(([name, level]) => [name.toLowerCase(), level] as const),
]);

/** A level by any of its names. Throws UsageError. */
export const modelNamed = (name: string) => lookUp(MODELS_BY_NAME, 'model', name, LEVELS);

export function check(files: readonly string[], options: CheckOptions): number {
  if (files.length === 0) throw new UsageError('Which history? Give one file or more.');
  raiseHeapLimit();
  const { format, workload, model, total } = options;
  const question = {
    format: format === undefined ? undefined : lookUp(FORMATS, 'format', format),
    workload: workload === undefined ? undefined : workloadOf(workload),
    level: model === undefined ? undefined : modelNamed(model),
    independent: options.independent,
    bank: {
      ...(total !== undefined && { total: numberFrom(total) }),
      mayBeNegative: options.negativeBalances,
    },
    ...(options.initial !== undefined && { initial: valueFrom(options.initial) }),
    ...(options.searchSteps !== undefined && {
      searchSteps: wholeNumber('--search-steps', options.searchSteps, 1),
    }),
    orders: options.versionOrders === undefined ? undefined : ordersIn(options.versionOrders),
  };
  const checked = files.map((file) => {
    const { one, verified } = checkFile(file, question, options.verify);
    if (!options.json) announce(file, one, options.witness);
    if (!options.json && verified !== undefined) tellVerified(verified);
    if (verified === undefined || verified.faults.length === 0) return { file, ...one };
    // A level whose witness the verifier rejects was not proven.
    const reasons = verified.faults.map((fault) => `not verified: ${fault}`);
    return { file, ...one, validity: worst([one.validity, 'unknown']), reasons };
  });
  if (options.json) {
    const documents = checked.map((one) => asJson(one.file, one, options.witness));
    console.log(JSON.stringify(documents, null, 2));
  }
  if (options.html !== undefined) {
    writeFileSync(options.html, renderCheckHtml(checked.map(pageOf)));
    console.error(`written: ${options.html}`);
  }
  return exitCode(checked.map(({ validity }) => validity));
}

interface FileResult {
  readonly one: CheckedHistory;
  readonly verified: Verified | undefined;
}

/** Standard input and pipes can be read once, so both readers share one source. */
function checkFile(file: string, question: CheckHistoryOptions, verified: boolean): FileResult {
  const path = historyPath(file);
  if (path === undefined) throw new UsageError(`There is no file ${file}.`);
  const progress = new ByteProgress(file);
  try {
    const source = HistorySource.ofFile(path, progress.update);
    const one = checkHistory(source, question);
    return { one, verified: verified ? verify(source, one) : undefined };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { one: { validity: 'unknown', reasons: [error.message] }, verified: undefined };
  } finally {
    progress.end();
  }
}

function workloadOf(name: string): string {
  if (name === 'none') throw new UsageError('Workload none does nothing: it has no history.');
  return lookUp(named(WORKLOADS), 'workload', unalias(name), WORKLOADS);
}

function pageOf({ file, ...checked }: CheckedHistory & { readonly file: string }): CheckedFile {
  const { validity, reasons, report, timestamps, failure } = checked;
  return {
    file,
    validity,
    reasons,
    levels: [...(report?.levels.status ?? [])],
    anomalies: [...(report?.anomalies ?? []), ...(timestamps?.anomalies ?? [])],
    failure,
  };
}

/** Passes levels that hold to the witness verifier, which is independent of the checkers. */
function verify(
  source: HistorySource,
  { format, workload, report }: CheckedHistory,
): Verified | undefined {
  if (report === undefined || workload === undefined) return undefined;
  const { witnesses, levels } = report;
  const claims = { workload, witnesses, maximalHolding: levels.maximalHolding };
  return verifyHistory(source, lookUp(FORMATS, 'format', format!), claims);
}

function tellVerified({ levels, faults }: Verified): void {
  if (faults.length === 0) console.log(`  verified: the witnesses of ${levels.length} levels`);
  for (const fault of faults) console.log(`  NOT VERIFIED, a fault of the checker: ${fault}`);
}

/** Parses a value as JSON; anything else is a string. */
function valueFrom(text: string): unknown {
  try {
    return parseJson(text, 1);
  } catch {
    return text;
  }
}

function numberFrom(text: string): Exact {
  const value = parseDecimal(text);
  if (value === undefined) throw new UsageError(`${text} is no number.`);
  return value;
}

function orderDocument(path: string): unknown {
  try {
    return parseJson(readFileSync(path, 'utf8'), 1);
  } catch (error) {
    throw new UsageError(`${path}: ${(error as Error).message}`);
  }
}

/** A JSON object that maps keys to lists of their values, or a list of such pairs. */
function ordersIn(path: string): VersionOrders {
  if (!existsSync(path)) throw new UsageError(`There is no file ${path}.`);
  const raw = orderDocument(path);
  const pairs = Array.isArray(raw)
    ? raw
    : Object.entries(raw ?? {}).map(([key, values]) => [
        /^-?\d+$/.test(key) ? exact(BigInt(key)) : key,
        values,
      ]);
  const isOrder = (pair: unknown) => Array.isArray(pair) && Array.isArray(pair[1]);
  if (!pairs.every(isOrder)) throw new UsageError(`${path}: each key needs a list of values.`);
  return new Map(pairs as [unknown, unknown[]][]);
}

function announce(file: string, checked: CheckedHistory, witness: boolean): void {
  const { validity, reasons, report, timestamps, level } = checked;
  if (report === undefined) {
    console.log(`${file}  ${validity}  ${reasons[0] ?? 'no fault found, and none is left open'}`);
    for (const reason of reasons.slice(1)) console.log(`  ${reason}`);
    return;
  }
  const { levels, anomalies, caveats, transactions } = report;
  const all = [...anomalies, ...(timestamps?.anomalies ?? [])];
  const counts = all.map(([name, { count }]) => `${name} × ${count}`).join(', ');
  const holding = levels.maximalHolding.join(', ') || 'none proven';
  console.log(`${file}  ${validity}  holds: ${holding}  anomalies: ${counts || 'none'}`);
  console.log(`  ${transactions.toLocaleString('en-US')} transactions, judged by ${level}`);
  if (levels.minimalViolated.length > 0) {
    console.log(`  violated at least: ${levels.minimalViolated.join(', ')}`);
  }
  if (timestamps !== undefined) {
    console.log(`  snapshot isolation by the database's timestamps: ${timestamps.status}`);
  }
  for (const [name, { examples }] of all) {
    const plume = PLUME_NAMES.get(name);
    const also = plume === undefined ? '' : ` (${plume})`;
    for (const example of examples) console.log(`  ${name}${also}: ${example}`);
  }
  for (const caveat of caveats) console.log(`  note: ${caveat}`);
  if (!witness) return;
  for (const strongest of levels.maximalHolding) {
    const order = report.witnesses.get(strongest)?.order().join(' ') ?? 'none';
    console.log(`  witness of ${strongest}: ${order}`);
  }
}

function asJson(file: string, checked: CheckedHistory, withWitness: boolean) {
  const { report, timestamps, ...rest } = checked;
  if (report === undefined) return { file, ...rest };
  const { levels, anomalies, caveats, transactions, committed, witnesses } = report;
  const orders = levels.maximalHolding.map((level) => [level, witnesses.get(level)?.order()]);
  const all = [...anomalies, ...(timestamps?.anomalies ?? [])];
  return {
    file,
    ...rest,
    transactions,
    committed,
    levels: Object.fromEntries(levels.status),
    minimalViolated: levels.minimalViolated,
    maximalHolding: levels.maximalHolding,
    anomalies: Object.fromEntries(all),
    plumeAnomalies: all.flatMap(([name]) => PLUME_NAMES.get(name) ?? []),
    ...(timestamps && { timestamps: timestamps.status }),
    caveats,
    ...(withWitness && { witnesses: Object.fromEntries(orders) }),
  };
}
