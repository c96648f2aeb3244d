import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../harness/contract/run-record.ts';
import type { Validity } from '../harness/contract/verdict.ts';
import type { Checklist } from './checklist.ts';
import { renderHtml } from './html.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import { headlineOf, reportModel } from './model.ts';

function record(scenario: string, validity: Validity, extra: Partial<RunRecord> = {}): RunRecord {
  return {
    format: 1,
    cell: { id: `${scenario}/t`, scenario, target: 't', settings: {}, seed: 7 },
    validity,
    expect: 'holds',
    verdict: { validity, reasons: validity === 'valid' ? [] : [`<${scenario}> & why`], counts: {} },
    startedAt: '2026-01-01T00:00:00Z',
    durationMs: 1500,
    figures: { kills: 3 },
    artefacts: [],
    replay: `replay ${scenario}`,
    notVerified: ['the weather'],
    ...extra,
  };
}

const planted = (name: string, outcome: 'caught' | 'survived'): RunRecord => {
  const base = record('s', outcome === 'caught' ? 'valid' : 'unknown');
  const cell = { ...base.cell, id: `s/t/bug:${name}`, mutant: name };
  return { ...base, cell, mutant: { name, outcome } };
};

const run = {
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

const checklist: Checklist = {
  system: 'x',
  rows: [
    {
      id: 'x.a',
      area: 'a',
      kind: 'engine',
      claim: 'it holds',
      proof: { scenarios: ['s'], bugs: ['b'], why: 'Without it, s would find a lost record.' },
    },
    { id: 'x.b', area: 'a', kind: 'ops', claim: 'it is written' },
  ],
};

describe('the first line', () => {
  it('names the worst verdict and what was not run', () => {
    expect(headlineOf([record('a', 'valid'), record('b', 'unsupported')])).toBe(
      'valid: 1 not run · 1 passed; not run: <b> & why',
    );
    expect(headlineOf([record('a', 'unknown'), record('b', 'invalid')])).toMatch(
      /^invalid: 1 failed · 1 unknown · 0 passed/,
    );
    expect(headlineOf([])).toMatch(/^unknown: 0 passed/);
  });
});

describe('the pages', () => {
  const records = [record('s', 'valid'), record('bad', 'invalid'), planted('b', 'caught')];
  const model = reportModel(run, records, [checklist]);

  it('say first whether it is ready, what fails and how to replay it', () => {
    const html = renderHtml(model);
    expect(html).toContain('NOT READY');
    expect(html.indexOf('replay bad')).toBeLessThan(html.indexOf('Scenario × target'));
    expect(html).toContain('&lt;bad&gt; &amp; why');
    expect(html).not.toMatch(/https?:\/\//);
    expect(html).toContain('Planted bugs caught: 1 of 1');
  });

  it('show a hole that was found as expected as such', () => {
    const base = record('hole', 'invalid');
    const expected = { mustFind: ['lost'] };
    const verdict = { ...base.verdict, kinds: ['lost', 'made-up'] };
    const found = { ...base, validity: 'valid' as const, expect: expected, verdict };
    expect(renderHtml(reportModel(run, [found], []))).toContain('✓ found, as expected: lost');
  });

  it('claim nothing of what was only seen', () => {
    const base = record('seen', 'invalid');
    const seen = { ...base, validity: 'valid' as const, expect: 'may-find' as const };
    const html = renderHtml(reportModel(run, [seen], []));
    expect(html).toContain('no claim; seen: a violation');
    expect(html).not.toContain('as expected');
  });

  it('agree in Markdown and JUnit', () => {
    const markdown = renderMarkdown(model);
    expect(markdown).toContain('**invalid: 1 failed · 2 passed**');
    expect(markdown).toContain('replay bad');
    const junit = renderJunit(model);
    expect(junit).toContain('tests="3" failures="1" errors="0" skipped="0"');
    expect(junit).toContain('<failure message="&lt;bad&gt; &amp; why">');
  });
});

describe('clusters in a report', () => {
  const percentiles = { p50: 1.25, p95: 20, p99: 300, max: 400, count: 9 };
  const cluster = record('partition-x', 'valid', {
    figures: { faults: 2, operationsPerSecondQuiet: 100, operationsPerSecondInFaults: 40 },
    latency: { quiet: percentiles, faults: percentiles },
    recovery: percentiles,
    timeline: {
      stepMs: 500,
      ok: [5, 0, 7],
      failed: [0, 2, 0],
      indefinite: [0, 1, 0],
      p50: [1, null, 2],
      p95: [20, null, 30],
      p99: [200, null, 3000],
      faults: [{ name: 'cut <all>', fromMs: 400, toMs: 1100 }],
    },
  });

  it('have a row of figures and a picture with the faults as bands', () => {
    const html = renderHtml(reportModel(run, [cluster, record('other', 'valid')], []));
    expect(html).toContain('Clusters under faults');
    expect(html).toContain('1.3 / 20.0 / 300.0');
    expect(html).toContain('<svg class="timeline"');
    expect(html.match(/class="band"/g)).toHaveLength(1);
    expect(html).toContain('cut &lt;all&gt;');
    // Nothing was answered in the middle: the line breaks there.
    expect(/class="line p50" d="(M[^L"]+M[^L"]+)"/.exec(html)).not.toBeNull();
    const markdown = renderMarkdown(reportModel(run, [cluster], []));
    expect(markdown).toContain('| partition-x/t | valid | 2 | 100 | 40 |');
  });

  it('say of a hole that had to be found that it was', () => {
    const kinds = ['lost'];
    const verdict = { validity: 'invalid' as const, reasons: ['lost'], counts: {}, kinds };
    const found = { ...cluster, expect: { mustFind: kinds }, verdict };
    const html = renderHtml(reportModel(run, [found], []));
    expect(html).toContain('✓ found, as expected: lost</span></td>');
  });
});
