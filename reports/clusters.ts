/** What clusters went through, for every report: one row a cell, in figures people compare. */
import type { Percentiles, RunRecord } from '../harness/contract/run-record.ts';

export const CLUSTER_HEAD = [
  'cell',
  'verdict',
  'faults',
  'ops/s quiet',
  'ops/s in faults',
  'p50 / p95 / p99 quiet, ms',
  'p50 / p95 / p99 in faults, ms',
  'recovery p50 / max, ms',
  'unknown outcome',
] as const;

/**
 * What a cell proved. A hole that had to be found, and was, is told with its kind. Where nothing is
 * claimed, what was seen is told as just that.
 */
export function outcomeWords({ expect, verdict, validity }: RunRecord): string {
  if (expect === 'holds' || verdict.validity !== 'invalid' || validity !== 'valid') return validity;
  const { kinds = [] } = verdict;
  if (expect === 'may-find') return `no claim; seen: ${kinds.join(', ') || 'a violation'}`;
  // Records of earlier versions name no kinds.
  const wanted = typeof expect === 'object' ? expect.mustFind : kinds;
  const found = wanted.filter((kind) => kinds.includes(kind)).join(', ');
  return found === '' ? 'found, as expected' : `found, as expected: ${found}`;
}

/** Cells that ran on a cluster. */
export function clusterRecords(records: readonly RunRecord[]): RunRecord[] {
  return records.filter(({ timeline }) => timeline !== undefined);
}

export function clusterRow(record: RunRecord): string[] {
  const { cell, figures, latency, recovery } = record;
  const rate = (name: string) => (figures[name] ?? 0).toFixed(0);
  return [
    cell.id,
    outcomeWords(record),
    String(figures.faults ?? 0),
    rate('operationsPerSecondQuiet'),
    rate('operationsPerSecondInFaults'),
    three(latency?.quiet),
    three(latency?.faults),
    recovery === undefined ? '' : `${recovery.p50.toFixed(0)} / ${recovery.max.toFixed(0)}`,
    String(figures.indefinite ?? 0),
  ];
}

function three(percentiles: Percentiles | undefined): string {
  if (percentiles === undefined) return '';
  const { p50, p95, p99 } = percentiles;
  return [p50, p95, p99].map((ms) => ms.toFixed(1)).join(' / ');
}
