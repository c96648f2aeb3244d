/** A benchmark's report as Markdown: ratios first, then each workload with its latencies. */
import type { BenchRun } from '../harness/contract/bench-record.ts';
import { benchRows, type StoreRow, type WorkloadRows } from './bench-model.ts';
import { RESOURCE_HEAD, resourceRows } from './bench-resources.ts';

export const RATIO_HEAD = [
  'workload',
  'per second',
  'best other',
  'its per second',
  'ratio',
  '95 % interval',
  'ratio by CPU time',
];

export function ratioRows(rows: readonly WorkloadRows[]): string[][] {
  return rows.map(({ workload, unit, rows: stores, best }) => {
    const [own] = stores;
    const rate = `${short(own!.perSecond)} ${unit}${own!.cutShort ? ' (cut short)' : ''}`;
    if (best === undefined) return [workload, rate, '', '', '', '', ''];
    const peer = stores.find(({ store }) => store === best.peer)!;
    return [
      workload,
      rate,
      best.peer,
      `${short(peer.perSecond)}${peer.cutShort ? ' (cut short)' : ''}`,
      `${best.ratio.toFixed(2)} ×`,
      Number.isNaN(best.low)
        ? 'one run'
        : `${best.low.toFixed(2)}–${best.high.toFixed(2)} (${best.pairs} runs)`,
      Number.isNaN(best.cpuRatio) ? '' : `${best.cpuRatio.toFixed(2)} ×`,
    ];
  });
}

export const LATENCY_HEAD = [
  'store',
  'per second',
  'operation',
  'p50',
  'p90',
  'p95',
  'p99',
  'p99.9',
  'max, µs',
  'RSS MiB',
  'disk MiB',
];

export function latencyRows({ rows }: WorkloadRows): string[][] {
  const planned = Math.max(...rows.map(({ records }) => records));
  return rows.flatMap((row) => {
    const kinds = Object.entries(row.latency);
    if (kinds.length === 0)
      return [[...storeCells(row, planned), '', '', '', '', '', '', '', ...spaceCells(row)]];
    return kinds.map(([kind, at], i) => [
      ...(i === 0 ? storeCells(row, planned) : ['', '']),
      kind,
      ...[at.p50, at.p90, at.p95, at.p99, at.p999, at.max].map(micros),
      ...(i === 0 ? spaceCells(row) : ['', '']),
    ]);
  });
}

const storeCells = (row: StoreRow, planned: number) => {
  const { store, records, perSecond, wrong, contaminated } = row;
  const fewer = records < planned ? ` (${short(records)} records)` : '';
  const name = wrong > 0 ? `${store}: ${wrong} WRONG VALUES` : `${store}${fewer}`;
  return [contaminated > 0 ? `${name}, ${contaminated} beside other work` : name, short(perSecond)];
};
const spaceCells = ({ rssMaxMiB, diskMiB }: StoreRow) => [
  rssMaxMiB.toLocaleString('en-US'),
  Math.round(diskMiB).toLocaleString('en-US'),
];

export function benchMarkdown(run: BenchRun): string {
  const { plan } = run;
  const rows = benchRows(run);
  const parts = [
    `# Benchmark: ${short(plan.records)} records of ${plan.keyOrder === 'prefixed' ? 32 : 16} + ${plan.valueBytes} bytes`,
    '',
    benchFacts(run)
      .map(([name, value]) => `- ${name}: ${value}`)
      .join('\n'),
    '',
    markdownTable(RATIO_HEAD, ratioRows(rows)),
  ];
  if (run.missing.length > 0) {
    parts.push('', '## Not measured', '', ...run.missing.map((what) => `- ${what}`));
  }
  for (const one of rows) {
    parts.push('', `## ${one.workload}`, '', markdownTable(LATENCY_HEAD, latencyRows(one)));
    const resources = resourceRows(run, one.workload);
    if (resources.length > 0) parts.push('', markdownTable(RESOURCE_HEAD, resources));
    for (const { store, figures } of one.rows) {
      const shown = Object.entries(figures).map(([name, value]) => `${name} ${short(value)}`);
      if (shown.length > 0) parts.push('', `${store}: ${shown.join(', ')}.`);
    }
  }
  return `${parts.join('\n')}\n`;
}

/** Conditions of measurement, and the command to repeat it. */
export function benchFacts(run: BenchRun): [string, string][] {
  const { plan } = run;
  const tunings = new Map(run.outcomes.map(({ job, tuning }) => [job.store, tuning]));
  return [
    ['machine', run.machine],
    ['commit', run.commit],
    ['Node', run.node],
    ['began', run.startedAt],
    ['again', `\`${run.command}\``],
    [
      'cache',
      plan.defaults === true ? 'as each store has it' : `${gibibytes(plan.cacheBytes)} GiB`,
    ],
    [
      'memory limit',
      plan.memoryBytes === undefined
        ? 'none'
        : `${gibibytes(plan.memoryBytes)} GiB for each store, the page cache included`,
    ],
    ['repetitions', String(plan.repetitions)],
    ['huge pages', plan.hugePages ? 'asked for' : 'off'],
    ...[...tunings].map(([store, tuning]): [string, string] => [store, tuning]),
  ];
}

export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '--:'))), ...rows.map(line)].join(
    '\n',
  );
}

const gibibytes = (bytes: number) => (bytes / 2 ** 30).toFixed(2);

function micros(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(2);
}

/** About three digits, with a unit of thousands where it is long. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e9) return `${threeDigits(value / 1e9)} G`;
  if (size >= 1e6) return `${threeDigits(value / 1e6)} M`;
  if (size >= 1e4) return `${threeDigits(value / 1e3)} k`;
  return Number.isInteger(value) ? String(value) : threeDigits(value);
}

function threeDigits(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
