import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { PowerCutRow, PowerCutRun } from '../contract/power-cut-record.ts';
import { PowerCutFile } from './power-cut-file.ts';

const row = (system: string, outcome: PowerCutRow['outcome']): PowerCutRow => ({
  ...{ system, configuration: 'c', expect: 'keeps', outcome, seconds: 0 },
  ...(outcome === 'failed' ? { reason: 'not run: stopped' } : {}),
});

it('has a whole record after each configuration, and says what was not run', () => {
  const out = mkdtempSync(join(tmpdir(), 'assay-cuts-'));
  try {
    const rows = [row('a', 'failed'), row('b', 'failed')];
    const run: PowerCutRun = {
      ...{ cycles: 1, records: 10, seed: 1, lyingDisk: false, startedAt: '', commit: '' },
      ...{ machine: '', node: '', command: '', rows },
    };
    const circumstances = { fs: 'xfs', clients: '1', every: true, nested: false };
    const file = new PowerCutFile(out, circumstances);
    rows[0] = row('a', 'as expected');
    file.write(run);
    expect(readdirSync(out)).toEqual(['power-loss-xfs-every.json']);
    const saved = readFileSync(join(out, 'power-loss-xfs-every.json'), 'utf8');
    expect((JSON.parse(saved) as PowerCutRun).rows).toEqual(rows);
    expect(existsSync(join(out, 'report.md'))).toBe(false);
    file.writeReports(run);
    const report = readFileSync(join(out, 'report.md'), 'utf8');
    expect(report).toContain('1 of 2 configurations did as expected');
    expect(report).toContain('1 could not be run');
    expect(report).toContain('not run: stopped');
  } finally {
    rmSync(out, { recursive: true });
  }
});
