/**
 * Checks the benchmark figures that a page quotes against the reports that it links. A row of a table
 * under a link to a report stands for a workload of that report:
 *
 *     [report](reports/published/…/report.md)
 *     | `points-uniform` | 821 k | 276 k (lmdb) | 2.97 × | 2.80–3.10 |
 *
 * Each cell has to be what the report's `bench.json` gives: rate, best peer, ratio, 95 % interval. A
 * ratio or a speed outside such a row is a complaint, unless its line says `single run` or `withdrawn`,
 * and so is a report of fewer than five repetitions.
 */
import type { BenchRun } from '../harness/contract/bench-record.ts';
import { benchRows } from './bench-model.ts';
import { short } from './bench-text.ts';

/** With fewer no figure may be quoted. */
export const REPETITIONS_MIN = 5;

const LINK = /\]\(([^)\s]+)\/report\.md\)/;
const ROW = /^\|\s*`([a-z0-9-]+(?:, until settled)?)`\s*\|(.*)\|\s*$/;
/** Speeds and ratios in running text, where no report can be read behind them. */
const CLAIMS: readonly RegExp[] = [
  /\d\s*[×x](?![\w])/,
  /\b(?:\d+|twice|half|three times|several times|times)\s+(?:as|more|less)\s+(?:fast|slow|quick)/i,
  /\b(?:fast|slow|quick)er\b.*\bby (?:a factor of )?\d/i,
  /\d\s*[kM]?\s*(?:[a-z]+\s*)?(?:\/ ?s\b|a second|per second)/i,
];
/** A cell that is a rate. */
const RATE = /\|\s*[\d.,]+\s*[kM]?\s*\|/;
/** A line that says what it is worth may stand. */
const ADMITTED = /single run|withdrawn/i;

/** `load`: the run behind a linked folder, if it has one. Answers what is wrong, a sentence each. */
export function figureComplaints(
  markdown: string,
  load: (folder: string) => BenchRun | undefined,
): string[] {
  const complaints: string[] = [];
  let run: BenchRun | undefined;
  for (const line of markdown.split('\n')) {
    const [, folder] = LINK.exec(line) ?? [];
    if (folder !== undefined) run = load(folder);
    const [, workload, rest] = ROW.exec(line) ?? [];
    const claims = CLAIMS.some((claim) => claim.test(line));
    const isRow = run !== undefined || claims || RATE.test(line);
    if (workload === undefined || rest === undefined || !isRow) {
      if (claims && !ADMITTED.test(line))
        complaints.push(`a figure without a report: ${line.trim()}`);
      continue;
    }
    const quoted = rest.split('|').map((cell) => cell.trim());
    const measured = run === undefined ? undefined : figuresOf(run, workload);
    if (measured === undefined) {
      complaints.push(`${workload}: no report above it has it`);
      continue;
    }
    if (measured.repetitions < REPETITIONS_MIN) {
      complaints.push(
        `${workload}: ${measured.repetitions} repetitions, ${REPETITIONS_MIN} needed`,
      );
    }
    for (const [i, cell] of measured.cells.entries()) {
      if (quoted[i] !== cell) complaints.push(`${workload}: ${quoted[i]} is ${cell} in the report`);
    }
  }
  return complaints;
}

/** What a row has to say of a workload; undefined when the run does not have it, or has no peer. */
export function figuresOf(
  run: BenchRun,
  workload: string,
): { readonly cells: readonly string[]; readonly repetitions: number } | undefined {
  const found = benchRows(run).find((one) => one.workload === workload);
  if (found?.best === undefined) return undefined;
  const { best, rows } = found;
  const peer = rows.find(({ store }) => store === best.peer)!;
  return {
    repetitions: best.pairs,
    cells: [
      short(rows[0]!.perSecond),
      `${short(peer.perSecond)} (${best.peer})`,
      `${best.ratio.toFixed(2)} ×`,
      `${best.low.toFixed(2)}–${best.high.toFixed(2)}`,
    ],
  };
}
