import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ANOMALY_SCRIPTS } from '../../generator/anomaly-scripts.ts';
import { FORMATS } from '../../history/read-history.ts';
import { PLUME_NAMES } from '../graph/anomaly.ts';
import { LEVELS } from '../graph/levels.ts';
import { WORKLOADS } from './workloads.ts';

const docs = readFileSync(new URL('../../../docs/consistency.md', import.meta.url), 'utf8');

describe('docs/consistency.md', () => {
  it.each([
    ...LEVELS,
    ...ANOMALY_SCRIPTS.map(({ name }) => name.replace(/-(process|realtime)$/, '')),
    ...PLUME_NAMES.values(),
    ...[...FORMATS.values()].map(({ name }) => name.replace(/^(elle|polysi|porcupine-kv).*/, '')),
    ...WORKLOADS,
  ])('tells of %s', (name) => {
    expect(docs).toContain(name);
  });
});
