import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  type Cell,
  type MutantOutcome,
  RECORD_FORMAT,
  type RunRecord,
} from '../contract/run-record.ts';
import type { Validity } from '../contract/verdict.ts';
import { Controls } from './controls.ts';

const cache = mkdtempSync(join(tmpdir(), 'assay-controls-'));
afterAll(() => rmSync(cache, { recursive: true, force: true }));

function record(cell: Partial<Cell>, validity: Validity, more: Partial<RunRecord> = {}): RunRecord {
  const base = { id: 'id', scenario: 's', target: 't', settings: {}, seed: 7 };
  return {
    format: RECORD_FORMAT,
    cell: { ...base, ...cell },
    validity,
    expect: 'holds',
    verdict: { validity, reasons: [], counts: {} },
    startedAt: '',
    durationMs: 1000,
    figures: {},
    artefacts: [],
    replay: '',
    notVerified: [],
    ...more,
  };
}

const planted = (mutant: Omit<MutantOutcome, 'name'>, more: Partial<RunRecord> = {}) =>
  record({ id: 'id/bug:b', mutant: 'b' }, 'valid', { mutant: { name: 'b', ...mutant }, ...more });

interface Given {
  readonly records?: readonly RunRecord[];
  readonly control?: RunRecord;
  readonly isReal?: boolean;
  readonly cache?: string;
}

function controls({ records = [], control, isReal = false, cache: kept }: Given) {
  const runs: Cell[] = [];
  const made = new Controls(records, {
    cache: kept,
    isReal: () => isReal,
    limitSecondsOf: () => 60,
    run: async (cell) => {
      runs.push(cell);
      return { ...control!, cell };
    },
  });
  return { controls: made, runs };
}

describe('the control of a planted bug', () => {
  it('is a clean cell of the same run where one fits', async () => {
    const clean = record({}, 'valid');
    const { controls: made, runs } = controls({ records: [clean] });
    const judged = await made.judge(planted({ outcome: 'caught' }));
    expect(judged).toMatchObject({ validity: 'valid', mutant: { outcome: 'caught' } });
    expect(runs).toEqual([]);
  });

  it('is run when the seed, the plan or a setting differs', async () => {
    const others = [
      record({ seed: 8 }, 'valid'),
      record({ plan: { operations: 3 } }, 'valid'),
      record({ settings: { fanIn: 3 } }, 'valid'),
    ];
    const { controls: made, runs } = controls({ records: others, control: record({}, 'valid') });
    await made.judge(planted({ outcome: 'caught' }));
    await made.judge(planted({ outcome: 'caught' }));
    expect(runs).toMatchObject([{ seed: 7, scenario: 's', target: 't' }]);
    expect(runs[0]!.mutant).toBeUndefined();
  });

  it('goes as far as the planted run did, and no further', async () => {
    const shorter = record({ plan: { seeds: 2 } }, 'valid', { figures: { seeds: 2 } });
    const longer = record({ plan: { seeds: 9 } }, 'valid', { figures: { seeds: 9 } });
    const bug = planted({ outcome: 'caught' }, { figures: { seeds: 5 } });
    const without = controls({ records: [shorter], control: record({}, 'valid') });
    await without.controls.judge(bug);
    expect(without.runs).toMatchObject([{ plan: { seeds: 5 } }]);
    const withLonger = controls({ records: [shorter, longer] });
    await withLonger.controls.judge(bug);
    expect(withLonger.runs).toEqual([]);
  });

  it('makes a bug unproven when it is not as expected', async () => {
    for (const said of ['invalid', 'unknown', 'unsupported'] as const) {
      const { controls: made } = controls({ control: record({}, said) });
      const judged = await made.judge(planted({ outcome: 'caught' }));
      expect(judged).toMatchObject({ validity: 'unknown', mutant: { outcome: 'control-failed' } });
    }
  });

  it('is kept for the next run of the same source only when it holds', async () => {
    const bad = controls({ cache, control: record({}, 'invalid') });
    await bad.controls.judge(planted({ outcome: 'caught' }));
    const good = controls({ cache, control: record({}, 'valid') });
    await good.controls.judge(planted({ outcome: 'caught' }));
    const later = controls({ cache });
    const judged = await later.controls.judge(planted({ outcome: 'caught' }));
    expect([bad.runs.length, good.runs.length, later.runs.length]).toEqual([1, 1, 0]);
    expect(judged.mutant!.outcome).toBe('caught');
  });
});

describe('a process that hangs', () => {
  const stuck = planted(
    { outcome: 'ran-out-of-time', stuck: 'no-progress' },
    { validity: 'unknown' },
  );

  it('is evidence in the real environment when its twin took a tenth of the limit', async () => {
    const { controls: made } = controls({ isReal: true, control: record({}, 'valid') });
    const judged = await made.judge(stuck);
    expect(judged).toMatchObject({ validity: 'valid', mutant: { outcome: 'caught' } });
    expect(judged.verdict.reasons[0]).toContain('made no progress');
  });

  it('is none when the twin took longer', async () => {
    const slow = record({}, 'valid', { durationMs: 6001 });
    const { controls: made } = controls({ isReal: true, control: slow });
    expect((await made.judge(stuck)).mutant!.outcome).toBe('ran-out-of-time');
  });

  it('is none in simulation', async () => {
    const { controls: made, runs } = controls({ control: record({}, 'valid') });
    expect((await made.judge(stuck)).mutant!.outcome).toBe('ran-out-of-time');
    expect(runs).toEqual([]);
  });
});
