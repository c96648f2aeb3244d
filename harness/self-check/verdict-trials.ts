/** Trials of the path from a verdict to the report, with verdicts whose outcome is known. */
import { headlineOf, reportModel } from '../../reports/model.ts';
import { conclude } from '../../reports/page/conclusion.ts';
import { cellValidity } from '../cells/expectation.ts';
import { nothingWrong } from '../cells/outcome.ts';
import { type Checker, judge } from '../contract/checker.ts';
import type { RunRecord } from '../contract/run-record.ts';
import type { Expectation } from '../contract/scenario.ts';
import { exitCode, mergeVerdicts, type Validity, type Verdict } from '../contract/verdict.ts';

const said = (validity: Validity, ...kinds: string[]): Verdict => ({
  validity,
  reasons: validity === 'valid' ? [] : [`it is ${validity}`],
  kinds,
  counts: {},
});

const MERGED: readonly (readonly [parts: readonly Validity[], whole: Validity])[] = [
  [['valid', 'valid'], 'valid'],
  [['valid', 'unsupported'], 'unsupported'],
  [['unsupported', 'unknown', 'valid'], 'unknown'],
  [['valid', 'unknown', 'invalid'], 'invalid'],
  [[], 'unknown'],
];

const EXIT_CODES: readonly (readonly [cells: readonly Validity[], code: number])[] = [
  [['valid'], 0],
  [['valid', 'unsupported'], 0],
  [['unsupported'], 2],
  [['valid', 'unknown'], 2],
  [['unknown', 'invalid', 'valid'], 1],
];

const HEADLINES: readonly (readonly [cells: readonly Validity[], line: string])[] = [
  [['valid', 'unsupported', 'valid'], 'valid: 1 not run · 2 passed'],
  [['unsupported', 'unsupported'], 'unsupported: 2 not run · 0 passed'],
  [
    ['invalid', 'unknown', 'unsupported', 'valid', 'invalid'],
    'invalid: 2 failed · 1 unknown · 1 not run · 1 passed',
  ],
];

const TITLES: readonly (readonly [cells: readonly Validity[], title: string])[] = [
  [['valid', 'valid'], 'READY FOR trial'],
  [['valid', 'unsupported'], 'NOT PROVEN'],
  [['valid', 'unknown'], 'NOT PROVEN'],
  [['unsupported', 'invalid', 'valid'], 'NOT READY'],
  [[], 'NOT PROVEN'],
];

const LOST: Expectation = { mustFind: ['lost'] };
const EXPECTED: readonly (readonly [expect: Expectation, found: Verdict, cell: Validity])[] = [
  ['holds', said('valid'), 'valid'],
  ['holds', said('invalid', 'lost'), 'invalid'],
  ['holds', said('unknown'), 'unknown'],
  ['may-find', said('invalid', 'lost'), 'valid'],
  ['may-find', said('unknown'), 'unknown'],
  [LOST, said('invalid', 'lost', 'made-up'), 'valid'],
  [LOST, said('invalid', 'made-up'), 'unknown'],
  [LOST, said('valid'), 'unknown'],
  [LOST, said('unsupported'), 'unsupported'],
];

const BROKEN: Checker = {
  name: 'broken',
  doc: 'throws',
  check: () => {
    throw new Error('a fault of the checker');
  },
};

export function tryVerdicts(): string | undefined {
  const thrown = judge(BROKEN, []).validity;
  if (thrown !== 'unknown') return `a checker that throws makes ${thrown}`;
  for (const [parts, whole] of MERGED) {
    const { validity, reasons } = mergeVerdicts(parts.map((one) => said(one)));
    if (validity !== whole) return `${parts.join(', ')} make ${validity}`;
    const right = parts.filter((one) => one !== 'valid').length;
    if (reasons.length !== right) return `of ${right} reasons ${reasons.length} are left`;
  }
  for (const [cells, code] of EXIT_CODES) {
    if (exitCode(cells) !== code) return `${cells.join(', ')} end with ${exitCode(cells)}`;
  }
  for (const [cells, line] of HEADLINES) {
    const records = cells.map((validity) => ({ validity, verdict: { reasons: [] } }));
    const said = headlineOf(records as unknown as readonly RunRecord[]);
    if (said !== line) return `the first line is "${said}", not "${line}"`;
  }
  for (const [cells, title] of TITLES) {
    const said = titleOf(cells);
    if (said !== title) return `a report of ${cells.join(', ')} says "${said}", not "${title}"`;
  }
  for (const [expect, found, cell] of EXPECTED) {
    const validity = cellValidity(expect, found, undefined);
    const what = typeof expect === 'string' ? expect : `must find ${expect.mustFind}`;
    if (validity !== cell) return `${what}, ${found.validity} ${found.kinds}: ${validity}`;
  }
  for (const outcome of [
    'survived',
    'not-exercised',
    'ran-out-of-time',
    'control-failed',
  ] as const) {
    if (cellValidity('holds', said('invalid'), outcome) !== 'unknown') return `${outcome} is proof`;
  }
  return nothingWrong(9, 10, 'states', {}).validity === 'unknown'
    ? undefined
    : 'a plan that did not come to its end is valid';
}

/** What the report's page says first of a run with such cells. */
function titleOf(cells: readonly Validity[]): string {
  const records = cells.map((validity, seed): RunRecord => {
    const cell = { id: `trial ${seed}`, scenario: 'trial', target: 'none', settings: {}, seed };
    return { ...NOTHING, cell, validity, verdict: said(validity) };
  });
  return conclude(reportModel(TRIAL, records, [])).title;
}

const NOTHING = {
  format: 1,
  expect: 'holds',
  startedAt: '',
  durationMs: 0,
  figures: {},
  artefacts: [],
  replay: '',
  notVerified: [],
} as const;

const TRIAL = {
  name: 'trial',
  doc: '',
  seed: 0,
  startedAt: '',
  durationMs: 0,
  commit: '',
  machine: '',
  node: '',
  command: '',
};
