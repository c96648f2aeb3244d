/** The readiness page: what it concludes, how it groups and names, and that its filter finds. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PowerCutRun } from '../../harness/contract/power-cut-record.ts';
import type { RunRecord } from '../../harness/contract/run-record.ts';
import type { Validity } from '../../harness/contract/verdict.ts';
import { renderHtml } from '../html.ts';
import { reportModel } from '../model.ts';
import { causesOf } from './causes.ts';
import { cellName, sharedSettings } from './cell-names.ts';
import { conclude } from './conclusion.ts';
import { matchesFilter, parseFilter } from './filter.ts';
import { nextRow } from './next-row.ts';
import { notVerifiedLines } from './not-verified.ts';
import { SCRIPT } from './script.ts';

const RUN = {
  name: 'ci',
  doc: 'a run',
  seed: 7,
  startedAt: '2026-01-01T00:00:00Z',
  durationMs: 2000,
  commit: 'abc',
  machine: 'm',
  node: '26',
  command: 'again',
};

interface Options {
  readonly settings?: RunRecord['cell']['settings'];
  readonly reasons?: readonly string[];
  readonly kinds?: readonly string[];
  readonly bug?: string;
  readonly extra?: Partial<RunRecord>;
}

function record(scenario: string, validity: Validity, options: Options = {}): RunRecord {
  const { settings = {}, reasons = [], kinds = [], bug, extra } = options;
  const planted = bug === undefined ? {} : { mutant: bug };
  const tail = Object.entries(settings).map(([name, value]) => `/${name}=${value}`);
  const id = [scenario, '/t', ...tail, bug === undefined ? '' : `/bug:${bug}`].join('');
  return {
    format: 1,
    cell: { id, scenario, target: 't', settings, seed: 7, ...planted },
    validity,
    expect: 'holds',
    verdict: { validity, reasons, counts: {}, kinds },
    startedAt: '2026-01-01T00:00:00Z',
    durationMs: 1500,
    figures: {},
    artefacts: [],
    replay: `replay ${id}`,
    notVerified: [],
    ...extra,
  };
}

const modelOf = (...records: RunRecord[]) => reportModel(RUN, records, []);
const caught = { mutant: { name: 'b', outcome: 'caught' as const } };
const survived = { mutant: { name: 'b', outcome: 'survived' as const } };

describe('the conclusion', () => {
  const held = record('a', 'valid');
  it.each([
    ['READY FOR ci', [held]],
    ['NOT READY', [held, record('b', 'invalid')]],
    ['NOT READY', [record('c', 'unsupported'), record('b', 'invalid')]],
    ['NOT PROVEN', [held, record('b', 'unknown')]],
    ['NOT PROVEN', [held, record('b', 'unsupported')]],
    ['NOT PROVEN', [record('b', 'unsupported')]],
    ['NOT PROVEN', []],
    ['NOT PROVEN', [record('seen', 'valid', { extra: { expect: 'may-find' } })]],
    ['PLANTED BUGS CAUGHT', [record('a', 'valid', { bug: 'b', extra: caught })]],
    ['NOT PROVEN', [held, record('a', 'unknown', { bug: 'b', extra: survived })]],
  ] as const)('is %s', (title, records) => {
    expect(conclude(modelOf(...records)).title).toBe(title);
  });

  it('is not ready where power cuts could not be tried on every configuration', () => {
    const row = { system: 's', configuration: 'c', expect: 'keeps', seconds: 1 };
    const rows = ['as expected', 'unsupported'].map((outcome) => ({ ...row, outcome }));
    const cuts = { rows } as unknown as PowerCutRun;
    expect(conclude(reportModel(RUN, [held], [], [cuts])).title).toBe('NOT PROVEN');
  });

  it('names the faults that a target had to show', () => {
    const verdict = { validity: 'invalid' as const, reasons: ['x'], counts: {}, kinds: ['lost'] };
    const extra = { expect: { mustFind: ['lost'] }, verdict };
    const { title, sentences } = conclude(modelOf(record('hole', 'valid', { extra })));
    expect(title).toBe('READY FOR ci');
    expect(sentences.join(' ')).toContain('and did: lost (hole on t).');
  });

  it('is ready only where every cell passed', () => {
    const validity = fc.constantFrom<Validity>('valid', 'invalid', 'unknown', 'unsupported');
    fc.assert(
      fc.property(fc.array(validity, { maxLength: 6 }), (validities) => {
        const model = modelOf(...validities.map((one, i) => record(`s${i}`, one)));
        const ready = conclude(model).title.startsWith('READY');
        expect(ready).toBe(validities.length > 0 && validities.every((one) => one === 'valid'));
      }),
    );
  });
});

describe('failures by cause', () => {
  it('share a line where the same kind is violated, or the same sentence with other numbers', () => {
    const lost = (scenario: string, group: number) =>
      record(scenario, 'invalid', { reasons: [`group ${group} is lost`], kinds: ['lost'] });
    const slow = (scenario: string, at: string) =>
      record(scenario, 'unknown', { reasons: [`stopped after ${at} at "${scenario}"`] });
    const causes = causesOf([slow('a', '3.5 s'), lost('b', 1), slow('c', '17 s'), lost('d', 22)]);
    expect(causes.map(({ records }) => records.map(({ cell }) => cell.scenario))).toEqual([
      ['b', 'd'],
      ['a', 'c'],
    ]);
  });

  it('say of a planted bug that it was not found, and show at most five causes', () => {
    const bug = record('s', 'unknown', { bug: 'b', extra: survived });
    expect(causesOf([bug])[0]!.reason).toBe('no check found the planted bug');
    const many = 'abcdefg'.split('').map((x) => record(x, 'invalid', { reasons: [`it is ${x}`] }));
    const html = renderHtml(modelOf(...many));
    const section = /<section id="failures">.*?<\/section>/s.exec(html)![0];
    expect(section.match(/data-copy=/g)).toHaveLength(5);
    expect(section).toContain('2 more causes, 2 cells');
  });
});

describe('names of cells', () => {
  it('leave out the settings that most cells of a target share', () => {
    const usual = { cacheBytes: 65536, fanIn: 3 };
    const odd = record('c', 'valid', { settings: { fanIn: 2, isolation: 'serializable' } });
    const other = record('d', 'valid', { settings: { fanIn: 2 } });
    const cells = ['a', 'b'].map((name) => record(name, 'valid', { settings: usual }));
    const shared = sharedSettings([other, odd, ...cells]);
    expect(cellName(cells[0]!, shared)).toEqual({ short: 'a · t', chips: [] });
    expect(cellName(other, shared).chips).toEqual(['fanIn=2', 'cacheBytes as by default']);
    expect(cellName(odd, shared)).toEqual({ short: 'c · t serializable', chips: ['fanIn=2'] });
  });
});

describe('what was not verified', () => {
  it('names first what did not run and why, and gathers faults that made no difference', () => {
    const notVerified = ['not exercised: x never made a difference', 'the weather'];
    const skipped = record('a', 'unsupported', { reasons: ['needs etcd'] });
    const ran = record('b', 'valid', { extra: { notVerified } });
    expect(notVerifiedLines(modelOf(ran, skipped))).toEqual([
      'Not run: a. Needs etcd',
      'Faults that were injected but never made a difference: x',
      'The weather',
    ]);
  });
});

describe('the next row', () => {
  const row = (id: string, area: string) => ({ id, area, kind: 'engine' as const, claim: id });
  it('is one that fails; else of the area nearest to full; none where all are met', () => {
    const areas = [
      { area: 'far', level: 'none' as const, proven: 0, rows: 2 },
      { area: 'near', level: 'bronze' as const, proven: 1, rows: 2 },
    ];
    const judged = (far: 'open' | 'failed') => [
      { row: row('far.1', 'far'), status: far },
      { row: row('near.1', 'near'), status: 'proven' as const },
      { row: row('near.2', 'near'), status: 'bound' as const },
    ];
    expect(nextRow([{ system: 'x', areas, rows: judged('open') }])?.claim).toBe('near.2');
    expect(nextRow([{ system: 'x', areas, rows: judged('failed') }])?.claim).toBe('far.1');
    expect(nextRow([{ system: 'x', areas, rows: [] }])).toBeUndefined();
  });
});

describe('the filter', () => {
  const row = {
    words: '✗ failed kill-loops-set · engine fanin=2',
    keys: { s: 'failed', scenario: 'kill-loops-set', target: 'engine', fault: 'pause node' },
  };
  it.each([
    ['', true],
    ['s:failed', true],
    ['s:fail', false],
    ['S:FAILED target:eng fanin', true],
    ['fault:"pause node"', true],
    ['fault:cut', false],
    ['bug:', false],
    ['http:x', false],
    ['target:engine s:passed', false],
  ])('%j', (query, expected) => {
    expect(matchesFilter(parseFilter(query), row)).toBe(expected);
  });

  it('is in a script that parses, and is small', () => {
    expect(() => new Function(SCRIPT)).not.toThrow();
    expect(SCRIPT.length).toBeLessThan(20_000);
    expect(SCRIPT).not.toContain('</script');
  });
});

describe('the page', () => {
  it('leads from each count, cause and matrix cell to something that is there', () => {
    const html = renderHtml(
      modelOf(
        record('a', 'valid'),
        record('b', 'invalid', { reasons: ['x'] }),
        record('c', 'unsupported', { reasons: ['y'] }),
        record('a', 'valid', { bug: 'b', extra: caught }),
      ),
    );
    const ids = new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    const links = [...html.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(links.length).toBeGreaterThan(6);
    expect(links.filter((id) => !ids.has(id))).toEqual([]);
  });

  it('never says that a store which lost data survived', () => {
    const lost = record('a', 'invalid', { reasons: ['lost'], extra: { figures: { kills: 15 } } });
    expect(renderHtml(modelOf(lost))).not.toMatch(/surviv/);
  });
});
