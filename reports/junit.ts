/** The report as JUnit XML: a test case a cell, `unknown` as an error, `unsupported` as skipped. */
import type { RunRecord } from '../harness/contract/run-record.ts';
import { apiHeadline, apiValidity } from './api-coverage.ts';
import type { ReportModel } from './model.ts';

export function renderJunit(model: ReportModel): string {
  const count = (validity: string) =>
    model.records.filter((record) => record.validity === validity).length;
  const unjudged = model.apiCoverage?.unjudged.length ?? 0;
  const failures = count('invalid') + (unjudged > 0 ? 1 : 0);
  const tests = model.records.length + (model.apiCoverage === undefined ? 0 : 1);
  const totals = `tests="${tests}" failures="${failures}" errors="${count('unknown')}" skipped="${count('unsupported')}" time="${seconds(model.run.durationMs)}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="assay" ${totals}>
<testsuite name="${xml(model.run.name)}" ${totals}>
${[...model.records.map(testCase), ...apiCase(model)].join('\n')}
</testsuite>
</testsuites>
`;
}

function testCase(record: RunRecord): string {
  const { cell, verdict, validity } = record;
  const properties = [
    ['seed', String(cell.seed)],
    ['replay', record.replay],
    ...(record.historyHash === undefined ? [] : [['history', record.historyHash]]),
  ].map(([name, value]) => `<property name="${name}" value="${xml(value!)}"/>`);
  const message = xml(verdict.reasons[0] ?? validity);
  const body = xml([...verdict.reasons, `replay: ${record.replay}`].join('\n'));
  const outcome =
    validity === 'invalid'
      ? `<failure message="${message}">${body}</failure>`
      : validity === 'unknown'
        ? `<error message="${message}">${body}</error>`
        : validity === 'unsupported'
          ? `<skipped message="${message}"/>`
          : '';
  return `<testcase classname="${xml(cell.scenario)}" name="${xml(cell.id)}" time="${seconds(record.durationMs)}"><properties>${properties.join('')}</properties>${outcome}</testcase>`;
}

function apiCase({ apiCoverage }: ReportModel): string[] {
  if (apiCoverage === undefined) return [];
  const failure =
    apiValidity(apiCoverage) === 'valid'
      ? ''
      : `<failure message="${xml(apiHeadline(apiCoverage))}"/>`;
  return [`<testcase classname="interface" name="calls judged" time="0">${failure}</testcase>`];
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}

function xml(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd]/g, '�');
}
