/**
 * Predicates: judges transactions with predicate reads and deletes, for all isolation levels.
 *
 * G2 is a cycle that needs a predicate read; without it, it is G2-item. Repeatable read (PL-2.99)
 * proscribes only the latter, so it is judged without the predicate reads. A phantom is a predicate
 * that one transaction reads twice with different results.
 */

import { type Anomaly, AnomalyLog, type AnomalyReport } from '../graph/anomaly.ts';
import { judgeLevels, type Level, type LevelStatus } from '../graph/levels.ts';
import { doubted, type TransactionalReport, witnessesOf } from '../graph/report.ts';
import type { Search } from '../isolation/decide.ts';
import { checkRegisters } from '../registers/rw-register.ts';
import type { PredicateHistory } from './predicate-history.ts';

export function checkPredicates(
  history: PredicateHistory,
  search: Search = {},
): TransactionalReport {
  const whole = checkRegisters(history.registers(true), new Map(), search);
  const items = checkRegisters(history.registers(false), new Map(), search);
  history.findPhantoms();
  const log = new AnomalyLog();
  for (const [name, report] of whole.anomalies)
    log.merge(predicateName(name, items.anomalies), report);
  for (const { invoked, predicate } of history.phantoms) {
    log.add('phantom', () => `T${invoked} read ${predicate} twice, and it changed`);
  }
  const decided = new Map<Level, LevelStatus>(whole.levels.status);
  const repeatable = items.levels.status.get('repeatable-read')!;
  const committed = decided.get('read-committed')!;
  decided.set('repeatable-read', committed === 'violated' ? 'violated' : repeatable);
  const doubts = [...history.doubts];
  if (history.withoutVersions > 0) {
    const without = `${history.withoutVersions} predicate reads show no versions`;
    doubts.push(`${without}, so nothing follows from them`);
  }
  const levels = levelsOf(decided, repeatable);
  const proofs = new Map(whole.witnesses);
  const repeatableProof = items.witnesses.get('repeatable-read');
  if (repeatableProof !== undefined) proofs.set('repeatable-read', repeatableProof);
  const witnesses = witnessesOf(levels, proofs);
  return doubted({ ...whole, anomalies: log.reports, levels, witnesses }, doubts);
}

/** Cycles that are there only with predicate reads are G2, not G2-item. */
function predicateName(name: string, items: ReadonlyMap<string, AnomalyReport>): string {
  return name.startsWith('G2-item') && !items.has(name) ? name.replace('G2-item', 'G2') : name;
}

/** From what was decided, anomalies set aside; repeatable read stands by itself. */
function levelsOf(decided: ReadonlyMap<Level, LevelStatus>, repeatable: LevelStatus) {
  const found = new Set<Anomaly>();
  if (repeatable !== 'violated' && decided.get('serializable') === 'violated') found.add('G2');
  return judgeLevels(found, decided);
}
