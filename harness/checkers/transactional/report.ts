/** What a check of transactions says: of every level, of every anomaly. */
import type { AnomalyReport } from './anomaly.ts';
import type { Level, LevelReport } from './levels.ts';

export interface TransactionalReport {
  readonly anomalies: ReadonlyMap<string, AnomalyReport>;
  readonly levels: LevelReport;
  readonly transactions: number;
  readonly committed: number;
  /** Why a level is `unknown`, one sentence each. */
  readonly caveats: readonly string[];
  /** Names of transactions in an order of commits that proves `level`. */
  readonly witness: { readonly level: Level; readonly order: () => readonly string[] } | undefined;
}
