import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CHECKLISTS } from '../harness/cli/places.ts';
import type { RunRecord } from '../harness/contract/run-record.ts';
import type { Validity } from '../harness/contract/verdict.ts';
import { loadRegistry } from '../harness/matrix/registry.ts';
import { MUTANTS } from '../harness/mutants/catalogue.ts';
import { scenariosOf } from '../harness/mutants/mutant.ts';
import { type Checklist, type ChecklistRow, checklistSchema } from './checklist.ts';
import { loadChecklists } from './io.ts';
import { type Evidence, judgeChecklists } from './readiness.ts';
import { rowCells } from './readiness-text.ts';

const TODAY = '2026-06-01';
const WHY = 'Without it the scenario finds a record that was acknowledged and is gone.';

function record(scenario: string, validity: Validity, figures = {}): RunRecord {
  return {
    format: 1,
    cell: { id: `${scenario}/t`, scenario, target: 't', settings: {}, seed: 7 },
    validity,
    expect: 'holds',
    verdict: { validity, reasons: [], counts: {} },
    startedAt: '2026-01-01T00:00:00Z',
    durationMs: 1500,
    figures,
    artefacts: [],
    replay: `replay ${scenario}`,
    notVerified: [],
  };
}

function planted(name: string, outcome: 'caught' | 'survived'): RunRecord {
  const base = record('s', outcome === 'caught' ? 'valid' : 'unknown');
  return { ...base, cell: { ...base.cell, mutant: name }, mutant: { name, outcome } };
}

const run = (records: RunRecord[], tree = 'now', name = 'this run'): Evidence => ({
  run: name,
  tree,
  records,
});

const proof = { scenarios: ['s'], bugs: ['b', 'c'], why: WHY };
const row: ChecklistRow = { id: 'x.a', area: 'a', kind: 'engine', claim: 'it holds', proof };

function judge(one: ChecklistRow, current: Evidence, saved: Evidence[] = [], today = TODAY) {
  return judgeChecklists([{ system: 'x', rows: [one] }], current, saved, today)[0]!.rows[0]!;
}

describe('a row', () => {
  const bugs = [planted('b', 'caught'), planted('c', 'caught')];
  const shown = [record('s', 'valid'), ...bugs];

  it.each<[string, RunRecord[], string]>([
    ['its scenario holds and each bug was caught', shown, 'proven'],
    ['one bug survived', [record('s', 'valid'), bugs[0]!, planted('c', 'survived')], 'bound'],
    ['one bug was not planted', [record('s', 'valid'), bugs[0]!], 'bound'],
    ['its scenario was not run', bugs, 'bound'],
    ['its scenario is unknown', [record('s', 'unknown'), ...bugs], 'bound'],
    ['one cell of its scenario is unknown', [...shown, record('s', 'unknown')], 'bound'],
    ['its scenario could not run', [record('s', 'unsupported'), ...bugs], 'bound'],
    ['its scenario is violated', [record('s', 'invalid'), ...bugs], 'failed'],
    ['one cell of its scenario is violated', [...shown, record('s', 'invalid')], 'failed'],
  ])('%s', (_, records, status) => {
    expect(judge(row, run(records)).status).toBe(status);
  });

  it('says what is missing', () => {
    expect(judge(row, run([record('s', 'valid'), bugs[0]!])).note).toBe('not shown here: bug c');
  });

  it('takes evidence of saved runs of the same sources, in parts', () => {
    const night = run([record('s', 'valid'), bugs[0]!], 'now', 'night');
    expect(judge(row, run([bugs[1]!]), [night]).status).toBe('proven');
  });

  it('is stale when other sources were measured', () => {
    const old = run(shown, 'before', 'the run of May');
    expect(judge(row, run([]), [old])).toMatchObject({
      status: 'stale',
      note: 'proven by the run of May, a run of other sources',
    });
    const unnamed = { ...old, tree: undefined };
    expect(judge(row, run([], undefined), [unnamed]).status).toBe('stale');
  });

  it('fails when this run violates what a saved run showed', () => {
    const night = run(shown, 'now', 'night');
    expect(judge(row, run([record('s', 'invalid')]), [night]).status).toBe('failed');
  });

  describe('with a bar', () => {
    const figure = { scenario: 's', name: 'openMs', atMost: 1000 };
    const barred = { ...row, bar: '< 1 s', proof: { ...proof, figure } };
    const measured = (...values: number[]) =>
      judge(barred, run([...values.map((openMs) => record('s', 'valid', { openMs })), ...bugs]));

    it('is judged by the worst cell', () => {
      expect(measured(1000)).toMatchObject({ status: 'proven', measured: 1000 });
      expect(measured(10, 1001)).toMatchObject({ status: 'failed', measured: 1001 });
      expect(measured().status).toBe('bound');
      expect(judge(barred, run(shown)).status).toBe('bound');
    });

    it('shows the figure beside it', () => {
      expect(rowCells(measured(870))[2]).toBe(
        'it holds (< 1 s) (openMs at most 1000; measured: 870)',
      );
    });

    it('needs a figure, or a reason why it is a reference', () => {
      const parse = (one: unknown) => checklistSchema.safeParse({ system: 'x', rows: [one] });
      expect(parse({ ...row, bar: '< 1 s' }).success).toBe(false);
      expect(parse(barred).success).toBe(true);
      const reference = 'measured on another machine';
      expect(parse({ ...row, bar: '< 1 s', proof: { ...proof, reference } }).success).toBe(true);
      const both = { ...figure, atLeast: 1 };
      expect(parse({ ...barred, proof: { ...proof, figure: both } }).success).toBe(false);
    });
  });

  describe('with a waiver', () => {
    const until = '2026-06-01';
    const waiver = { reason: 'no such hardware here to measure it on', owner: 'storage', until };
    const waived = { ...row, proof: undefined, waiver };

    it('is waived to the last day, and shows who answers for it', () => {
      expect(judge(waived, run([]))).toMatchObject({
        status: 'waived',
        note: 'no such hardware here to measure it on (storage, until 2026-06-01)',
      });
      expect(judge(waived, run([]), [], '2026-06-02').status).toBe('open');
    });

    it('is failed all the same when its scenario is violated', () => {
      expect(judge({ ...row, waiver }, run([record('s', 'invalid')])).status).toBe('failed');
    });
  });
});

describe('an area', () => {
  const proven = { ...row, proof: { ...proof, bugs: ['b'] } };
  const open = (id: string) => ({ ...row, id, proof: undefined });
  const waived = {
    ...open('x.w'),
    waiver: { reason: 'waits for the part that is built next', owner: 'x', until: '2099-01-01' },
  };
  const level = (...rows: ChecklistRow[]) => {
    const records = [record('s', 'valid'), planted('b', 'caught')];
    return judgeChecklists([{ system: 'x', rows }], run(records), [], TODAY)[0]!.areas;
  };

  it('has a level, and names the next row', () => {
    expect(level(proven)).toEqual([{ area: 'a', level: 'gold', proven: 1, rows: 1 }]);
    expect(level(proven, waived)[0]!.level).toBe('silver');
    expect(level(proven, open('x.b'))[0]).toMatchObject({ level: 'bronze', next: 'x.b' });
    expect(level(proven, open('x.b'), open('x.c'))[0]!.level).toBe('none');
    expect(level(waived)[0]!.level).toBe('none');
  });
});

describe('the committed checklists', () => {
  const all: readonly Checklist[] = loadChecklists(CHECKLISTS);
  const rows = all.flatMap((checklist) => checklist.rows);
  const proofs = rows.flatMap((one) => (one.proof === undefined ? [] : [[one.id, one.proof]]));

  it('hold the 162 rows, none lost, renamed or made weaker', () => {
    const words = rows.map(({ id, area, kind, claim, bar }) => [id, area, kind, claim, bar ?? '']);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(162);
    const hash = createHash('sha256').update(JSON.stringify(words)).digest('hex').slice(0, 16);
    expect(hash).toBe('dd5e47d2053f1234');
  });

  it('bind rows only to scenarios and planted bugs that there are', async () => {
    const { scenarios } = await loadRegistry();
    expect(proofs.length).toBeGreaterThan(30);
    const catchers = new Map(MUTANTS.map((mutant) => [mutant.name, scenariosOf(mutant)]));
    const ableToFail = new Set([...catchers.values()].flat());
    for (const [id, { scenarios: bound, bugs, figure }] of proofs as [
      string,
      NonNullable<ChecklistRow['proof']>,
    ][]) {
      for (const name of bound) {
        expect(scenarios.get(name)?.expect, `${id}: ${name}`).toBeDefined();
      }
      for (const bug of bugs) {
        const catching = catchers.get(bug) ?? [];
        expect(
          catching.some((name) => bound.includes(name)),
          `${id}: ${bug}`,
        ).toBe(true);
      }
      if (figure !== undefined) expect(bound, id).toContain(figure.scenario);
      expect(
        bound.some((name) => ableToFail.has(name)),
        id,
      ).toBe(true);
    }
  });
});
