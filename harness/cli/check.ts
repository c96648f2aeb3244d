/** `assay check`: judges histories from files. One line a file, then what was found. */
import { existsSync, readFileSync } from 'node:fs';
import { LEVELS, type Level } from '../checkers/transactional/levels.ts';
import { checkListAppend, type ListAppendReport } from '../checkers/transactional/list-append.ts';
import {
  HistoryError,
  TransactionCollector,
} from '../checkers/transactional/transaction-history.ts';
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

export interface CheckOptions {
  readonly model: string;
  readonly workload: string;
  readonly format?: string;
  readonly json: boolean;
}

interface Checked {
  readonly file: string;
  readonly validity: Validity;
  readonly reason?: string;
  readonly report?: ListAppendReport;
}

const named = <T extends string>(names: readonly T[]) =>
  new Map<string, T>(names.map((name) => [name, name]));

export function check(files: readonly string[], options: CheckOptions): number {
  if (files.length === 0) throw new UsageError('Which history? Give one file or more.');
  const model = lookUp(named(LEVELS), 'model', options.model);
  lookUp(named(['list-append']), 'workload', options.workload);
  const { format } = options;
  const chosen = format === undefined ? undefined : lookUp(named(FORMATS), 'format', format);
  const checked = files.map((file) => checkFile(file, model, chosen));
  if (options.json) console.log(JSON.stringify(checked.map(asJson), null, 2));
  else for (const one of checked) announce(one);
  return exitCode(worst(checked.map(({ validity }) => validity)));
}

/** Malformed input is `unknown`, with its place; it never passes as valid. */
function checkFile(file: string, model: Level, chosen: HistoryFormat | undefined): Checked {
  if (!existsSync(file)) throw new UsageError(`There is no file ${file}.`);
  try {
    const text = readFileSync(file, 'utf8');
    const collector = new TransactionCollector();
    readHistory(text, chosen ?? detectFormat(text), (event) => collector.add(event));
    const report = checkListAppend(collector.finish());
    const status = report.levels.status.get(model);
    const validity = status === 'holds' ? 'valid' : status === 'violated' ? 'invalid' : 'unknown';
    return { file, validity, report };
  } catch (error) {
    const known = [FormatError, EdnError, HistoryError].some((kind) => error instanceof kind);
    if (!known) throw error;
    return { file, validity: 'unknown', reason: (error as Error).message };
  }
}

function announce({ file, validity, reason, report }: Checked): void {
  if (report === undefined) {
    console.log(`${file}  ${validity}  ${reason}`);
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

function asJson({ file, validity, reason, report }: Checked) {
  if (report === undefined) return { file, validity, reason };
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
