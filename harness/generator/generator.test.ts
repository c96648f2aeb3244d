import { describe, expect, it } from 'vitest';
import type { Level } from '../consistency/graph/levels.ts';
import { checkHistory } from '../consistency/offline/check-history.ts';
import type { HistoryEvent } from '../contract/history.ts';
import { HistorySource } from '../history/source.ts';
import { writeEvent } from '../history/write-history.ts';
import { ANOMALY_SCRIPTS, playScript } from './anomaly-scripts.ts';
import { generateHistory, PEER_SETTINGS } from './generate-history.ts';
import { shrinkHistory } from './shrink.ts';
import { STORE_LEVELS, type StoreLevel } from './simulated-store.ts';

const LENGTH = 600;

function generated(workload: 'list-append' | 'rw-register', level: StoreLevel, seed: number) {
  const events: HistoryEvent[] = [];
  const options = { ...PEER_SETTINGS, workload, level, transactions: LENGTH, seed };
  generateHistory(options, (event) => events.push(event));
  return events;
}

const sourceOf = (events: readonly HistoryEvent[], format: 'jsonl' | 'edn' = 'jsonl') =>
  HistorySource.ofText(events.map((event) => writeEvent(event, format)).join(''));

describe('simulated stores', () => {
  it.each(STORE_LEVELS)('%s holds of registers', (level) => {
    for (const seed of [1, 2, 3]) {
      const { report } = checkHistory(sourceOf(generated('rw-register', level, seed)));
      expect(report!.levels.status.get(level as Level)).toBe('holds');
    }
  });

  it.each<[StoreLevel, Level]>([
    ['serializable', 'causal'],
    ['snapshot-isolation', 'serializable'],
    ['strong-session-snapshot-isolation', 'strong-snapshot-isolation'],
    ['parallel-snapshot-isolation', 'snapshot-isolation'],
    ['causal', 'parallel-snapshot-isolation'],
    ['read-atomic', 'causal'],
    ['read-committed', 'read-atomic'],
    ['read-uncommitted', 'read-committed'],
  ])('%s is seen not to be %s', (level, stronger) => {
    const { report } = checkHistory(sourceOf(generated('rw-register', level, 1)));
    expect(report!.levels.status.get(stronger)).toBe('violated');
  });

  it.each(['strict-serializable', 'serializable', 'snapshot-isolation'] as const)(
    '%s holds of lists',
    (level) => {
      const { report } = checkHistory(sourceOf(generated('list-append', level, 1)));
      expect(report!.levels.status.get(level)).toBe('holds');
    },
  );

  it('say the same twice, and the same in EDN', () => {
    const [one, two] = [1, 1].map((seed) => generated('list-append', 'snapshot-isolation', seed));
    expect(one).toEqual(two);
    const [json, edn] = (['jsonl', 'edn'] as const).map((format) => {
      const { report } = checkHistory(sourceOf(one!, format));
      return [...report!.anomalies].map(([name, { count }]) => [name, count]);
    });
    expect(edn).toEqual(json);
  });
});

describe('anomaly scripts', () => {
  it.each(ANOMALY_SCRIPTS.map((script) => [script.workload, script.name, script] as const))(
    '%s: %s is found, alone and in a long history, and shrinks back',
    (workload, name, script) => {
      const alone = [...playScript(script, 0, 0, (key) => key)];
      expect([...checkHistory(sourceOf(alone), { workload }).report!.anomalies.keys()]).toContain(
        name,
      );
      const events = generated(workload, 'strict-serializable', 1).slice();
      const process = Math.max(...events.map((event) => event.process)) + 1;
      events.push(...playScript(script, events.length, process, (key) => `${key}!`));
      const shrunk = shrinkHistory(events, { anomaly: name, check: { workload } });
      const left = shrunk.events.filter(({ type }) => type === 'invoke').length;
      expect(left).toBeLessThanOrEqual(script.transactions.length);
      expect([...shrunk.checked.report!.anomalies.keys()]).toContain(name);
    },
  );
});
