/**
 * List-append: judges a history of transactions that append to lists and read them whole, for all
 * isolation levels at once.
 *
 * Complete for serializable and its session and realtime forms: `holds` comes with an acyclic
 * graph, whose topological order is a witness, unread appends included. For the weaker levels a
 * clean result proves them when serializable holds, or when at most one committed append of each
 * key went unread; otherwise it is `unknown`.
 */
import { AnomalyLog, type AnomalyReport } from './anomaly.ts';
import { appendGraph } from './append-graph.ts';
import { AppendIndex } from './append-index.ts';
import { checkReads } from './append-reads.ts';
import { findCycles } from './cycles.ts';
import { explainCycle } from './explain.ts';
import { judgeLevels, type LevelReport } from './levels.ts';
import { OK, type TransactionHistory } from './transaction-history.ts';

export interface ListAppendReport {
  readonly anomalies: ReadonlyMap<string, AnomalyReport>;
  readonly levels: LevelReport;
  readonly transactions: number;
  readonly committed: number;
  /** Why a level is `unknown`, one sentence each. */
  readonly caveats: readonly string[];
}

export function checkListAppend(history: TransactionHistory): ListAppendReport {
  const log = new AnomalyLog();
  const index = new AppendIndex(history, log);
  checkReads(index, log);
  const { graph, keysOfUnknownOrder } = appendGraph(index);
  const complete = findCycles(graph, log, (cycle) => explainCycle(index, cycle));
  const reads = history.status.view().includes(OK);
  const caveats: string[] = [];
  if (!complete) caveats.push('the step budget ended; counts are lower bounds');
  if (!reads) caveats.push('no transaction completed with ok');
  if (keysOfUnknownOrder > 0) {
    caveats.push(`the order of versions is not known for ${keysOfUnknownOrder} keys`);
  }
  return {
    anomalies: log.reports,
    levels: judgeLevels(log.names, complete && reads, keysOfUnknownOrder === 0),
    transactions: history.size,
    committed: index.committed.reduce((sum, one) => sum + one, 0),
    caveats,
  };
}
