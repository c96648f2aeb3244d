/**
 * Compares the checkers with the definitions on one small history: every level, every witness, and that
 * each violated level is explained. Returns one sentence per difference.
 */

import { LEVELS } from '../consistency/graph/levels.ts';
import type { TransactionalReport } from '../consistency/graph/report.ts';
import { TransactionHistory } from '../consistency/graph/transaction-history.ts';
import { FAIL, INFO, OK, type TransactionSink } from '../consistency/graph/transaction-table.ts';
import { checkListAppend } from '../consistency/list-append/list-append.ts';
import { PredicateHistory } from '../consistency/predicates/predicate-history.ts';
import { checkPredicates } from '../consistency/predicates/predicates.ts';
import { RegisterHistory } from '../consistency/registers/register-history.ts';
import { checkRegisters } from '../consistency/registers/rw-register.ts';
import { levelsByDefinition } from './oracle.ts';
import type { Recorded } from './recorded.ts';
import { verifyWitness } from './verify.ts';

const STATUS = { ok: OK, fail: FAIL, info: INFO } as const;

export function checkRecorded(recorded: Recorded): TransactionalReport {
  const gather = <T extends TransactionSink>(into: T): T => {
    into.hasRealTime = recorded.hasRealTime;
    const inOrder = [...recorded.transactions].sort((a, b) => a.completed - b.completed);
    for (const one of inOrder) into.add({ ...one, status: STATUS[one.status] });
    return into;
  };
  if (recorded.kind === 'list-append') return checkListAppend(gather(new TransactionHistory()));
  if (recorded.kind === 'rw-register') return checkRegisters(gather(new RegisterHistory()));
  return checkPredicates(gather(new PredicateHistory()));
}

/** `seen` counts levels that hold and levels that are violated. */
export function compareWithDefinition(recorded: Recorded, seen: Map<string, number>): string[] {
  const differences: string[] = [];
  const { levels, witnesses, anomalies } = checkRecorded(recorded);
  if (!recorded.transactions.some(({ status }) => status === 'ok')) return [];
  const asked = LEVELS.filter((level) => {
    const needsTime = level.startsWith('strict') || level === 'strong-snapshot-isolation';
    return recorded.hasRealTime || !needsTime;
  });
  const truth = levelsByDefinition(recorded, asked);
  for (const level of asked) {
    const status = levels.status.get(level)!;
    const wanted = truth.has(level) ? 'holds' : 'violated';
    const name = `${level} ${status}`;
    seen.set(name, (seen.get(name) ?? 0) + 1);
    if (status === 'unknown' ? !MAY_BE_UNKNOWN.has(level) : status !== wanted) {
      differences.push(`${level} is said to be ${status} and is ${wanted}`);
    }
    if (status !== 'holds') continue;
    const witness = witnesses.get(level);
    const fault =
      witness === undefined
        ? 'there is none'
        : verifyWitness(recorded, { ...witness, level, order: witness.order() });
    if (fault !== undefined) differences.push(`witness of ${level}: ${fault}`);
  }
  if (levels.minimalViolated.length > 0 && anomalies.size === 0) {
    differences.push(`no anomaly explains ${levels.minimalViolated.join(', ')}`);
  }
  return differences;
}

/**
 * Levels that are decided only if a stronger level holds or a weaker one is violated (the first: for
 * registers).
 */
const MAY_BE_UNKNOWN: ReadonlySet<string> = new Set(['update-serializable', 'cursor-stability']);
