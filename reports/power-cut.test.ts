import { describe, expect, it } from 'vitest';
import type { PowerCutRun } from '../harness/contract/power-cut-record.ts';
import { renderHtml } from './html.ts';
import { renderMarkdown } from './markdown.ts';
import { reportModel } from './model.ts';
import { powerCutHtml, powerCutMarkdown } from './power-cut-report.ts';

const figures = {
  acknowledged: 100,
  lost: 0,
  early: 0,
  audited: 20,
  syncs: 7,
  struck: 0,
  refused: 0,
  broken: [],
};
const run: PowerCutRun = {
  cycles: 2,
  records: 80,
  seed: 1,
  lyingDisk: false,
  fault: 'one sync fails',
  startedAt: '2026-01-01T00:00:00.000Z',
  commit: 'abc',
  machine: 'a machine',
  node: 'v26',
  command: 'assay power-loss',
  rows: [
    {
      system: 'a',
      configuration: 'x|<y>',
      expect: 'keeps',
      outcome: 'as expected',
      seconds: 1,
      figures,
    },
    {
      system: 'b',
      configuration: 'no sync',
      expect: 'loses',
      outcome: 'as expected',
      seconds: 1,
      figures: {
        ...figures,
        lost: 9,
        struck: 3,
        refused: 1,
        broken: ['malformed'],
        unopened: ['new'],
      },
    },
    {
      system: 'c',
      configuration: '',
      expect: 'keeps',
      outcome: 'unsupported',
      seconds: 0,
      reason: 'needs c',
    },
  ],
};

describe('the report of power cuts', () => {
  it('has a row for each configuration, and says what was found and how to do it again', () => {
    const html = powerCutHtml(run);
    const markdown = powerCutMarkdown(run);
    for (const page of [html, markdown]) {
      expect(page).toContain('2 of 3 configurations did as expected');
      expect(page).toContain('1 kept everything, 1 were caught losing');
      expect(page).toContain(
        'LOSES: 100 acknowledged, 9 lost; 1 × broken: malformed; 1 × not opened, none acknowledged yet: new',
      );
      expect(page).toContain('needs c');
      expect(page).toContain('one sync fails');
      expect(page).toContain('assay power-loss');
    }
    expect(html).toContain('x|&lt;y&gt;');
    expect(html).toContain('<header class="valid">');
    expect(markdown).toContain('x\\|<y>');
  });

  it('is red when one did not do as expected', () => {
    const [first] = run.rows;
    const bad = { ...run, rows: [{ ...first!, outcome: 'not as expected' as const }] };
    expect(powerCutHtml(bad)).toContain('<header class="invalid">');
    expect(powerCutHtml(bad)).toContain('1 did not');
  });

  it('is a part of the readiness report where it is a part of the run', () => {
    const info = { ...run, name: 'commit', doc: 'd', durationMs: 1 };
    const good = reportModel(info, [], [], [run]);
    expect(good.validity).toBe('valid');
    expect(good.headline).toContain('power cuts: 2 of 3 configurations did as expected');
    for (const page of [renderHtml(good), renderMarkdown(good)]) {
      expect(page).toContain('LOSES: 100 acknowledged, 9 lost');
      expect(page).toContain('one sync fails');
    }
    const [first] = run.rows;
    const outcomes = { 'not as expected': 'invalid', failed: 'unknown' } as const;
    for (const [outcome, validity] of Object.entries(outcomes)) {
      const rows = [...run.rows, { ...first!, outcome: outcome as keyof typeof outcomes }];
      expect(reportModel(info, [], [], [{ ...run, rows }]).validity).toBe(validity);
    }
    const nowhere = { ...run, rows: run.rows.filter((row) => row.outcome === 'unsupported') };
    expect(reportModel(info, [], [], [nowhere]).validity).toBe('unsupported');
  });
});
