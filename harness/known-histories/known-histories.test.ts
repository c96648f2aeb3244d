/** The known histories: right by definition, a pair for everything, and one event apart. */
import { describe, expect, it } from 'vitest';
import { ANOMALIES } from '../consistency/graph/anomaly.ts';
import { LEVELS, type Level } from '../consistency/graph/levels.ts';
import { MODELS } from '../consistency/linearizability/model.ts';
import { collectionCheckers } from '../consistency/offline/workloads.ts';
import { detectFormat, HistorySource, readHistory } from '../history/read-history.ts';
import { loadRegistry, lookUp } from '../matrix/registry.ts';
import { knownHistories } from '../plans/known-histories.ts';
import { compareWithDefinition } from '../witness/differential.ts';
import { type Kind, Recording } from '../witness/recorded.ts';
import { judgeKnown, LEVEL_CHECKERS } from './judge-known.ts';

const all = knownHistories();
const { checkers } = await loadRegistry();
const inFolder = (folder: string) => all.filter(({ name }) => name.startsWith(`${folder}/`));

describe('known histories', () => {
  it.each(all.map((one) => [one.name, one] as const))('%s', (_, known) => {
    expect(judgeKnown(known, (name) => lookUp(checkers, 'checker', name))).toBeUndefined();
  });

  it.each(all.map((one) => [one.name, one] as const))('%s: one event apart', (_, known) => {
    if (known.name.startsWith('timekiller/')) return; // by transactions, not by events
    const [bad, near] = [known.bad.trimEnd().split('\n'), known.near.trimEnd().split('\n')];
    expect(near.length).toBe(bad.length);
    expect(bad.filter((line, i) => line !== near[i])).toHaveLength(1);
  });

  it.each(ANOMALIES)('there is one with %s', (anomaly) => {
    expect(all.some(({ expected }) => (expected.anomalies?.[anomaly] ?? 0) > 0)).toBe(true);
  });

  it.each(['ww', 'wr', 'rw', 'process', 'realtime', 'visible'])(
    'there is a cycle with an edge %s',
    (edge) => {
      expect(all.some(({ expected }) => expected.edges?.includes(edge))).toBe(true);
    },
  );

  /** Of these a weaker level is violated, or a stronger one holds, in every small history tried. */
  const BETWEEN: readonly Level[] = [
    'cursor-stability',
    'pram',
    'strong-session-read-atomic',
    'forward-consistent-view',
    'parallel-snapshot-isolation',
    'strong-session-snapshot-isolation',
  ];
  it.each(LEVELS.filter((level) => !BETWEEN.includes(level)))('%s is violated first', (level) => {
    expect(all.some(({ expected }) => expected.violated?.includes(level))).toBe(true);
  });

  /** Judged under the names of their checkers. */
  const OWN = [
    'durable-set',
    'lock-set',
    'graph-churn',
    'seats',
    'watch',
    'own-bank',
    'own-register',
  ];
  const judging = [
    ...[...collectionCheckers({})].filter(([name]) => !OWN.includes(name)),
    ...[...checkers].filter(([name]) => !(LEVEL_CHECKERS as readonly string[]).includes(name)),
  ];
  it.each(judging)('every kind of fault that %s tells apart', (name, { kinds = [name] }) => {
    const found = inFolder(name).flatMap(({ expected }) => expected.kinds ?? []);
    if (name === 'linearizable-registers') expect(inFolder(name).length).toBeGreaterThan(0);
    else expect([...new Set(found)].sort()).toEqual([...kinds].sort());
  });

  it.each([...MODELS.keys()])('there is one of the model %s', (model) => {
    expect(inFolder(model).length).toBeGreaterThan(0);
  });
});

describe('the levels of known histories', () => {
  // What is read and was never written, or only later, no level of ours allows; definitions are silent.
  const transactional = all.filter(
    ({ name, expected }) => expected.holds !== undefined && !/garbage|future-read/.test(name),
  );
  it.each(transactional.map((one) => [one.name, one] as const))('%s', (_, known) => {
    const recording = new Recording();
    const source = HistorySource.ofText(known.bad);
    const traits = readHistory(source, detectFormat(source), (event) => recording.add(event));
    const kind = known.workload as Kind;
    const recorded = recording.finish(kind, traits.hasRealTime, traits.initialValue);
    expect(compareWithDefinition(recorded, new Map())).toEqual([]);
  });
});
