/** A checker for one isolation level, over histories of list-append transactions. */
import { type Checker, defineChecker } from '../../contract/checker.ts';
import type { Operation } from '../../contract/history.ts';
import type { Verdict } from '../../contract/verdict.ts';
import { checkListAppend } from '../list-append/list-append.ts';
import type { Level } from './levels.ts';
import { TransactionHistory } from './transaction-history.ts';
import { FAIL, INFO, OK } from './transaction-table.ts';

export function levelChecker(level: Level, doc: string): Checker {
  return defineChecker({
    name: level,
    doc,
    check: (operations) => judgeLevel(level, operations),
  });
}

function judgeLevel(level: Level, operations: readonly Operation[]): Verdict {
  const { levels, anomalies, caveats, committed } = checkListAppend(
    historyOfOperations(operations),
  );
  const counts: Record<string, number> = { committed };
  for (const [name, { count }] of anomalies) counts[name] = count;
  const status = levels.status.get(level);
  if (status === 'holds') return { validity: 'valid', reasons: [], counts };
  const found = [...anomalies].flatMap(([name, { examples }]) =>
    examples.slice(0, 1).map((example) => `${level}: ${name}: ${example}`),
  );
  if (status === 'violated') {
    return { validity: 'invalid', reasons: found, kinds: [...anomalies.keys()], counts };
  }
  return { validity: 'unknown', reasons: caveats.map((one) => `${level}: ${one}`), counts };
}

/** Operations in completion order, as the history requires. */
export function historyOfOperations(operations: readonly Operation[]): TransactionHistory {
  const history = new TransactionHistory();
  const inOrder = [...operations].sort((a, b) => a.completedIndex - b.completedIndex);
  for (const { process, type, input, output, invokedIndex, completedIndex } of inOrder) {
    history.add({
      status: type === 'ok' ? OK : type === 'fail' ? FAIL : INFO,
      process,
      invoked: invokedIndex,
      completed: completedIndex,
      operations: type === 'ok' ? output : input,
    });
  }
  return history;
}
