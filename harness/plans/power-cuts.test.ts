import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { headlineOf, reportModel } from '../../reports/model.ts';
import { conclude } from '../../reports/page/conclusion.ts';
import honest from '../cli/fixtures/own-stores/honest.ts';
import neverSyncs from '../cli/fixtures/own-stores/never-syncs.ts';
import { RECORD_FORMAT, type RunRecord } from '../contract/run-record.ts';
import type { EmbeddedTarget } from '../contract/target.ts';
import { ABILITIES } from '../real/abilities.ts';
import { runPowerCuts } from './power-cuts.ts';

const canMount = ABILITIES.get('fuse')!.available();
const STORES = fileURLToPath(new URL('../cli/fixtures/own-stores/', import.meta.url));
const plan = { kind: 'power-cuts', cycles: 2, records: 20 } as const;

const cut = (target: EmbeddedTarget, more: { readonly fault?: string } = {}) =>
  runPowerCuts({
    target,
    targetUrl: pathToFileURL(resolve(STORES, `${target.name}.ts`)).href,
    settings: {},
    plan: { ...plan, ...more },
    seed: 1,
    progress: () => true,
  });

afterEach(() => vi.unstubAllEnvs());

describe('power cuts under a target of a plug-in', () => {
  it.skipIf(!canMount)(
    'finds nothing lost by a store that syncs before it acknowledges',
    async () => {
      const { verdict, figures } = await cut(honest);
      expect(verdict).toMatchObject({ validity: 'valid', counts: { lost: 0, broken: 0 } });
      expect(figures).toMatchObject({ powerCuts: 2, acknowledgedEarly: 0 });
      expect(figures.audited).toBeGreaterThan(0);
    },
  );

  it.skipIf(!canMount)('catches a store that never syncs, and says so', async () => {
    const { verdict, figures } = await cut(neverSyncs);
    expect(verdict.validity).toBe('invalid');
    expect(verdict.reasons[0]).toMatch(/^LOSES \d+ of \d+ acknowledged .* never called fsync$/);
    expect(figures.acknowledgedEarly).toBe(figures.audited);
  });

  it.skipIf(!canMount)('proves nothing where a fault never strikes', async () => {
    expect((await cut(honest, { fault: 'sync-eio' })).verdict.validity).toBe('valid');
    const { verdict } = await cut(neverSyncs, { fault: 'sync-eio' });
    expect(verdict.validity).not.toBe('valid');
  });

  it('says on the first screen that power loss is not tested where there is no such disk', async () => {
    vi.stubEnv('ASSAY_WITHOUT', 'fuse');
    const { verdict } = await cut(honest);
    expect(verdict.validity).toBe('unsupported');
    const words = 'power loss: not tested: needs fuse';
    expect(verdict.reasons[0]).toContain(words);
    const records = [recordWith(verdict)];
    expect(headlineOf(records)).toContain(`unsupported: 1 not run · 0 passed; ${words}`);
    const info = { ...INFO, name: 'mine', doc: '', command: '' };
    const { sentences } = conclude(reportModel(info, records, []));
    expect(sentences.join(' ')).toContain('Power loss: not tested: needs fuse');
  });
});

const INFO = {
  ...{ seed: 1, startedAt: '2026-01-01T00:00:00.000Z', durationMs: 1, commit: 'none' },
  ...{ tree: 'none', machine: 'none', node: 'none' },
};

function recordWith(verdict: RunRecord['verdict']): RunRecord {
  return {
    format: RECORD_FORMAT,
    cell: { id: 'c', scenario: 'power-cuts', target: 'honest', settings: {}, seed: 1 },
    validity: verdict.validity,
    expect: 'holds',
    verdict,
    ...{ startedAt: INFO.startedAt, durationMs: 1, figures: {}, artefacts: [], replay: '' },
    notVerified: verdict.reasons,
  };
}
