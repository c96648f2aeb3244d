/** Report of a check of transactions: the result of every level and every anomaly. */
import type { AnomalyReport } from './anomaly.ts';
import { impliedBy, judgeLevels, LEVELS, type Level, type LevelReport } from './levels.ts';

export interface TransactionalReport {
  readonly anomalies: ReadonlyMap<string, AnomalyReport>;
  readonly levels: LevelReport;
  readonly transactions: number;
  readonly committed: number;
  /** Why a level is `unknown`, one sentence each. */
  readonly caveats: readonly string[];
  /** For every level that holds, its witness. */
  readonly witnesses: ReadonlyMap<Level, LevelWitness>;
}

export interface LevelWitness {
  /** Names of the transactions that committed, in an order of commits that proves the level. */
  readonly order: () => readonly string[];
  /**
   * By transaction: the keys it read (as strings) and their writers, if values alone do not identify
   * them.
   */
  readonly readFrom?: (
    name: string,
  ) => readonly (readonly [key: string, from: string | undefined])[];
}

/** The witness of a level, or of a stronger one, for each level that holds. */
export function witnessesOf(
  { status }: LevelReport,
  proofs: ReadonlyMap<Level, LevelWitness>,
): Map<Level, LevelWitness> {
  const found = new Map<Level, LevelWitness>();
  for (const level of [...LEVELS].reverse()) {
    if (status.get(level) !== 'holds') continue;
    const stronger = LEVELS.filter((one) => found.has(one) && impliedBy(one).includes(level));
    const proof = proofs.get(level) ?? (stronger[0] && found.get(stronger[0]));
    if (proof !== undefined) found.set(level, proof);
  }
  return found;
}

/**
 * Report of a history with reads that could not be judged: violated levels stay violated, no level
 * holds.
 */
export function doubted(
  report: TransactionalReport,
  doubts: readonly string[],
): TransactionalReport {
  if (doubts.length === 0) return report;
  const violated = [...report.levels.status].filter(([, status]) => status === 'violated');
  return {
    ...report,
    levels: judgeLevels(new Set(), new Map(violated)),
    caveats: [...doubts, ...report.caveats],
    witnesses: new Map(),
  };
}
