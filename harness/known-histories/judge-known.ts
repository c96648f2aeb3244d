/**
 * Judges a known history: the checkers must find in it exactly what is known, by name, and nothing
 * at all in its near miss. The checkers of `assay check` judge it, and those that scenarios name.
 */

import { impliedBy, type Level } from '../consistency/graph/levels.ts';
import { type CheckedHistory, checkHistory } from '../consistency/offline/check-history.ts';
import { type Checker, judge } from '../contract/checker.ts';
import type { HistoryEvent } from '../contract/history.ts';
import { operationsOf } from '../contract/pairing.ts';
import type { Validity } from '../contract/verdict.ts';
import { detectFormat, HistorySource, readHistory } from '../history/read-history.ts';
import { verifyHistory } from '../witness/verify-history.ts';
import type { Expected, KnownHistory } from './known-history.ts';

export interface Observed {
  /** What is wrong with the witnesses of the levels that are said to hold. */
  readonly unproven: readonly string[];
  readonly validity: Validity;
  readonly reasons: readonly string[];
  readonly workload: string | undefined;
  readonly found: Expected;
}

/** What the checkers say, in the words of `Expected`. */
export function observe(text: string, workload: string | undefined): Observed {
  const source = HistorySource.ofText(text);
  const checked = checkHistory(source, { workload });
  const { validity, reasons, workload: found } = checked;
  const unproven = unprovenIn(source, checked);
  return { validity, reasons, workload: found, found: foundIn(checked), unproven };
}

function unprovenIn(source: HistorySource, { report, workload }: CheckedHistory) {
  if (report === undefined || workload === undefined) return [];
  const { witnesses, levels } = report;
  const claims = { workload, witnesses, maximalHolding: levels.maximalHolding };
  return verifyHistory(source, detectFormat(source), claims).faults;
}

function foundIn({ report, timestamps, kinds, failure }: CheckedHistory): Expected {
  const transactional = [report, timestamps].flatMap((one) => [...(one?.anomalies ?? [])]);
  const cycles = transactional.flatMap(([, anomaly]) => anomaly.cycles);
  const edges = new Set(cycles.flatMap((cycle) => cycle.edges.map(({ kind }) => kind)));
  return {
    ...(report !== undefined && {
      anomalies: Object.fromEntries(transactional.map(([name, { count }]) => [name, count])),
      violated: report.levels.minimalViolated,
      holds: report.levels.maximalHolding,
      edges: [...edges].sort(),
    }),
    ...(kinds !== undefined && { kinds: [...kinds].sort() }),
    ...(failure !== undefined && { prefixEnd: failure.prefixEnd }),
  };
}

/** What is wrong with the checkers, in a sentence; `undefined` when they are right. */
export function judgeKnown(
  known: KnownHistory,
  checkerNamed: (name: string) => Checker,
): string | undefined {
  const workload = known.isNamed ? known.workload : undefined;
  const bad = observe(known.bad, workload);
  if (bad.validity !== 'invalid') return `it is called ${bad.validity}, and is invalid`;
  const other = differenceIn(known.expected, bad.found);
  if (other !== undefined) return other;
  const near = observe(known.near, workload);
  if (near.validity !== 'valid') {
    return `its near miss is called ${near.validity}, and is valid: ${near.reasons[0] ?? named(near)}`;
  }
  if (Object.keys(near.found.anomalies ?? {}).length > 0) {
    return `its near miss is said to have ${named(near)}, and has no anomaly`;
  }
  if (near.workload !== bad.workload) {
    return `it is taken for ${bad.workload}, and its near miss for ${near.workload}`;
  }
  const [unproven] = [...bad.unproven, ...near.unproven];
  if (unproven !== undefined) return `a level is not proven: ${unproven}`;
  return judgedByScenarios(known, checkerNamed);
}

const named = ({ found }: Observed) => Object.keys(found.anomalies ?? {}).join(', ');

function differenceIn(expected: Expected, found: Expected): string | undefined {
  for (const field of ['anomalies', 'violated', 'holds', 'edges', 'kinds', 'prefixEnd'] as const) {
    const [right, own] = [JSON.stringify(expected[field]), JSON.stringify(found[field])];
    if (right !== own) return `${field} are said to be ${own}, and are ${right}`;
  }
  return undefined;
}

/** Scenarios give operations to checkers without asking what they are. */
function judgedByScenarios(
  { workload, expected, checkers, bad, near }: KnownHistory,
  checkerNamed: (name: string) => Checker,
): string | undefined {
  for (const name of checkers) {
    const checker = checkerNamed(name);
    const verdict = judge(checker, operationsIn(bad));
    if (verdict.validity !== 'invalid') return `${name} calls it ${verdict.validity}`;
    const kinds = JSON.stringify([...(verdict.kinds ?? [])].sort());
    const right = JSON.stringify(expected.kinds ?? []);
    if (kinds !== right) return `${name} finds ${kinds}, and it has ${right}`;
    const clean = judge(checker, operationsIn(near));
    if (clean.validity !== 'valid') return `${name} calls its near miss ${clean.validity}`;
  }
  if (workload !== 'list-append') return undefined;
  const holding = impliedByAll(expected.holds as readonly Level[]);
  for (const level of LEVEL_CHECKERS) {
    const right = holding.has(level) ? 'valid' : 'invalid';
    const { validity } = judge(checkerNamed(level), operationsIn(bad));
    if (validity !== right) return `the checker ${level} calls it ${validity}, and it is ${right}`;
    const clean = judge(checkerNamed(level), operationsIn(near)).validity;
    if (clean !== 'valid') return `the checker ${level} calls its near miss ${clean}`;
  }
  return undefined;
}

/** Checkers of scenarios that judge lists by a level. */
export const LEVEL_CHECKERS = ['strict-serializable', 'strong-snapshot-isolation'] as const;

function impliedByAll(levels: readonly Level[]): ReadonlySet<Level> {
  const implied = new Set(levels);
  for (const level of implied) for (const weaker of impliedBy(level)) implied.add(weaker);
  return implied;
}

function operationsIn(text: string) {
  const events: HistoryEvent[] = [];
  const source = HistorySource.ofText(text);
  readHistory(source, detectFormat(source), (event) => {
    events.push(event);
  });
  return operationsOf(events);
}
