/** What a planted bug counts for, tried on records of cells and controls whose outcome is known. */

import { Controls } from '../cells/controls.ts';
import type { Cell, MutantOutcome, RunRecord } from '../contract/run-record.ts';
import { RECORD_FORMAT } from '../contract/run-record.ts';
import type { Validity } from '../contract/verdict.ts';

const LIMIT_SECONDS = 60;
const CELL: Cell = { id: 'cell', scenario: 'scenario', target: 'target', settings: {}, seed: 1 };

type Planted = Omit<MutantOutcome, 'name'>;
type Outcome = MutantOutcome['outcome'];

interface Trial {
  readonly planted: Planted;
  readonly control: Validity;
  readonly controlMs: number;
  readonly isReal: boolean;
  readonly right: Outcome;
}

const trial = (
  planted: Planted,
  control: Validity,
  right: Outcome,
  { controlMs = 1000, isReal = false } = {},
): Trial => ({ planted, control, controlMs, isReal, right });

const CAUGHT: Planted = { outcome: 'caught' };
const LATE: Planted = { outcome: 'ran-out-of-time' };
const STUCK: Planted = { outcome: 'ran-out-of-time', stuck: 'no-progress' };
const UNSETTLED: Planted = { outcome: 'survived', stuck: 'exit-13' };
const REAL = { isReal: true };
const SLOW = { isReal: true, controlMs: LIMIT_SECONDS * 500 };

const TRIALS: readonly Trial[] = [
  trial(CAUGHT, 'valid', 'caught'),
  trial(CAUGHT, 'invalid', 'control-failed'),
  trial(CAUGHT, 'unknown', 'control-failed'),
  trial(CAUGHT, 'unsupported', 'control-failed'),
  trial({ outcome: 'survived' }, 'valid', 'survived'),
  trial({ outcome: 'not-exercised' }, 'valid', 'not-exercised'),
  trial(LATE, 'valid', 'ran-out-of-time', REAL),
  trial(STUCK, 'valid', 'ran-out-of-time'),
  trial(STUCK, 'valid', 'caught', REAL),
  trial(STUCK, 'valid', 'ran-out-of-time', SLOW),
  trial(STUCK, 'invalid', 'control-failed', REAL),
  trial(UNSETTLED, 'valid', 'caught', REAL),
];

export async function tryControls(): Promise<string | undefined> {
  for (const one of TRIALS) {
    const { mutant, validity } = await judged(one);
    const shown = `a bug that is ${one.planted.outcome}${one.planted.stuck ? `, ${one.planted.stuck},` : ''} beside a control that is ${one.control}`;
    if (mutant?.outcome !== one.right) return `${shown} counts as ${mutant?.outcome}`;
    if ((validity === 'valid') !== (one.right === 'caught')) return `${shown} is ${validity}`;
  }
  return undefined;
}

function judged({ planted, control, controlMs, isReal }: Trial): Promise<RunRecord> {
  const controls = new Controls([], {
    cache: undefined,
    isReal: () => isReal,
    limitSecondsOf: () => LIMIT_SECONDS,
    run: async (cell) => ({ ...record(cell, control), durationMs: controlMs }),
  });
  const cell = { ...CELL, id: `${CELL.id}/bug:b`, mutant: 'b' };
  const validity = planted.outcome === 'caught' ? 'valid' : 'unknown';
  return controls.judge({ ...record(cell, validity), mutant: { name: 'b', ...planted } });
}

function record(cell: Cell, validity: Validity): RunRecord {
  return {
    format: RECORD_FORMAT,
    cell,
    validity,
    expect: 'holds',
    verdict: { validity, reasons: [], counts: {} },
    startedAt: '',
    durationMs: 0,
    figures: {},
    artefacts: [],
    replay: '',
    notVerified: [],
  };
}
