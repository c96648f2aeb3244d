/** What a run did not verify, as sentences: first what did not run, then gaps reported by its cells. */
import type { ReportModel } from '../model.ts';

/** How cells name a fault that struck without making a difference. */
const NEVER = /^not exercised: (.*) never made a difference$/;

export function notVerifiedLines({
  records,
  bugs,
  bugsCaught,
  notVerified,
}: ReportModel): string[] {
  const lines: string[] = [];
  const notRun = records.filter(({ validity }) => validity === 'unsupported');
  for (const [reason, cells] of Map.groupBy(notRun, ({ verdict }) => verdict.reasons.join('; '))) {
    const scenarios = [...new Set(cells.map(({ cell }) => cell.scenario))].join(', ');
    lines.push(`Not run: ${scenarios}. ${sentence(reason)}`);
  }
  if (bugsCaught < bugs.length) {
    const missed = bugs.filter(({ mutant }) => mutant?.outcome !== 'caught');
    lines.push(`Planted bugs not caught: ${missed.map(({ cell }) => cell.mutant).join(', ')}`);
  }
  const reasons = new Set(notRun.flatMap(({ verdict }) => verdict.reasons));
  const named = notVerified.filter((line) => !NEVER.test(line) && !reasons.has(line));
  const never = notVerified.flatMap((line) => NEVER.exec(line)?.[1] ?? []);
  if (never.length > 0) {
    lines.push(`Faults that were injected but never made a difference: ${never.join(', ')}`);
  }
  return [...lines, ...named.map(sentence)];
}

function sentence(line: string): string {
  return line.charAt(0).toUpperCase() + line.slice(1);
}
