/** What a report says of the interface's calls that checkers judged, in words and rows. */
import type { ApiCoverage, ApiRow } from '../harness/contract/api.ts';
import type { Validity } from '../harness/contract/verdict.ts';

export const API_HEAD = ['method or option', 'calls judged', 'by', ''] as const;

export function apiValidity({ unjudged }: ApiCoverage): Validity {
  return unjudged.length > 0 ? 'invalid' : 'valid';
}

export function apiHeadline({ rows, unjudged }: ApiCoverage): string {
  const excused = rows.filter(({ calls, reason }) => calls === 0 && reason !== undefined);
  const but = excused.length === 0 ? '' : `, ${excused.length} not, for the reasons given`;
  if (unjudged.length === 0) {
    return `calls of ${rows.length - excused.length} methods and options were judged${but}`;
  }
  const count = `${unjudged.length} of ${rows.length} methods and options`;
  return `no checker judged a call of ${count}: ${unjudged.join(', ')}`;
}

export function apiRow({ name, calls, scenarios, reason }: ApiRow): string[] {
  const note = calls > 0 ? '' : (reason ?? 'not judged');
  return [name, calls.toLocaleString('en-US'), scenarios.join(', '), note];
}
