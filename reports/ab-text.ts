/** A comparison of two commits as text: table of rows, conditions of measurement, verdict. */
import type { AbRun } from '../harness/contract/ab-record.ts';
import { type AbRow, type AbVerdict, percent } from './ab-model.ts';
import { markdownTable, short } from './bench-text.ts';

export const AB_HEAD = [
  'workload',
  'what',
  'A',
  'B',
  'B / A',
  '95 % interval',
  'p',
  'adjusted p',
  'seen from',
  'verdict',
];

const ORDER = ['worse', 'too noisy', 'better', 'no difference'] as const;

/** Worse ones first; rows without a difference only when `all` are wanted. */
export function abRows(rows: readonly AbRow[], all: boolean): string[][] {
  const shown = rows.filter(({ verdict }) => all || verdict !== 'no difference');
  const sorted = shown.toSorted((x, y) => ORDER.indexOf(x.verdict) - ORDER.indexOf(y.verdict));
  return sorted.map((row) => [
    row.workload,
    row.what,
    short(row.a),
    short(row.b),
    row.ratio.toFixed(3),
    Number.isFinite(row.high) ? `${row.low.toFixed(3)}–${row.high.toFixed(3)}` : '',
    probability(row.p),
    probability(row.adjusted),
    percent(row.detectable),
    row.verdict,
  ]);
}

const probability = (p: number) => (p < 0.001 ? p.toExponential(0) : p.toFixed(3));

const CORRECTION = {
  'max-t': 'Westfall and Young, step-down',
  holm: 'Holm',
  bh: 'Benjamini and Hochberg',
} as const;

/** Conditions of measurement, and the command to repeat it. */
export function abFacts({ plan, machine, node, startedAt, command }: AbRun, verdict: AbVerdict) {
  const { a, b, bench, threshold, correction, slowPercent } = plan;
  const { method, swaps } = verdict.test;
  const facts: [string, string][] = [
    ['A', `${a.asked} (${a.label})`],
    ['B', `${b.asked} (${b.label})`],
  ];
  if (slowPercent !== undefined) {
    facts.push([
      'self-check',
      `B waits ${slowPercent} % of the time of each operation in addition`,
    ]);
  } else if (isAA(a.label, b.label)) {
    facts.push(['A/A', 'both sides are the same commit: whatever differs is noise']);
  }
  facts.push(
    ['pairs', `${bench.repetitions} of ${short(bench.records)} records, one store`],
    [
      'test',
      `sign flips of paired log ratios, ${method === 'exact' ? 'all' : 'a seeded sample of'} ${swaps} swaps; adjusted over ${verdict.rows.length} rows (${CORRECTION[correction]}), two-sided, 5 %`,
    ],
    [
      'threshold',
      `${percent(threshold)}; twice that for p95, p99, settling and recovery, four times for p99.9`,
    ],
    ['seen from', 'the smallest difference that would be found in 80 % of such runs'],
    ['machine', machine],
    ['Node', node],
    ['began', startedAt],
    ['again', `\`${command}\``],
  );
  return facts;
}

export const isAA = (a: string, b: string) => a === b && !a.endsWith('+');

/** How many rows there are of each verdict, and the smallest differences that would be seen. */
export function abSummary(verdict: AbVerdict): string {
  const { rows } = verdict;
  const counts = ORDER.map((name) => {
    const count = rows.filter((row) => row.verdict === name).length;
    return `${count} ${name}`;
  });
  const seen = rows.map(({ detectable }) => detectable).sort((x, y) => x - y);
  const middle = seen[seen.length >> 1];
  const range =
    middle === undefined
      ? ''
      : `; seen from ${percent(seen[0]!)} (best row), ${percent(middle)} (median row), ${percent(seen.at(-1)!)} (worst row)`;
  return `${counts.join(', ')}${range}`;
}

export function abMarkdown(run: AbRun, verdict: AbVerdict): string {
  const parts = [
    `# ${run.plan.a.label} and ${run.plan.b.label} compared`,
    '',
    `Exit ${verdict.exit}: ${verdict.reason}.`,
    '',
    ...abFacts(run, verdict).map(([name, value]) => `- ${name}: ${value}`),
    '',
    abSummary(verdict),
    '',
    markdownTable(AB_HEAD, abRows(verdict.rows, true)),
  ];
  const notes = notesOf(run, verdict);
  if (notes.length > 0) parts.push('', '## Not compared', '', ...notes.map((note) => `- ${note}`));
  return `${parts.join('\n')}\n`;
}

export function notesOf({ notCompared, plan }: AbRun, { problems }: AbVerdict): string[] {
  const added = notCompared.filter(({ missingIn }) => missingIn === 'a');
  return [
    ...problems.map(({ workload, what }) => `${workload} ${what}`),
    ...added.map(({ workload }) => `${workload} is not there in ${plan.a.label}`),
  ];
}
