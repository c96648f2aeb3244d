import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from './main.ts';
import { provenanceHere, refuseOtherOrigin } from './provenance.ts';

const here = { commit: 'abc1234', node: 'v26.0.0', machine: '2 × made up' };

describe('the origin of a benchmark that goes on', () => {
  it('has to be this commit, Node and machine, or it is forced', () => {
    for (const name of ['commit', 'node', 'machine'] as const) {
      const other = { ...here, [name]: 'another' };
      expect(() => refuseOtherOrigin(other, here, 'out', false)).toThrow(`${name} another`);
      expect(() => refuseOtherOrigin(other, here, 'out', true)).not.toThrow();
    }
    const changed = { ...here, commit: 'abc1234+', changes: 'a' };
    const further = { ...changed, changes: 'b' }; // edited since, on the same commit
    expect(() => refuseOtherOrigin(changed, further, 'out', false)).toThrow(
      'changes a and is now b',
    );
    expect(() => refuseOtherOrigin(changed, changed, 'out', false)).not.toThrow();
    expect(() => refuseOtherOrigin(here, here, 'out', false)).not.toThrow();
    expect(() => refuseOtherOrigin(undefined, here, 'out', false)).not.toThrow();
  });

  it('is asked for by assay bench --resume before anything runs', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'assay-provenance-test-'));
    try {
      const provenance = { ...provenanceHere(), commit: 'another' };
      writeFileSync(join(directory, 'plan.json'), JSON.stringify({ plan: {}, provenance }));
      expect(await runCli(['bench', '--resume', directory])).toBe(254);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
