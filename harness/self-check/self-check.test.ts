/** No crash fault and no checker without a store that is known to be wrong in its way. */
import { describe, expect, it } from 'vitest';
import { loadRegistry } from '../matrix/registry.ts';
import { accusersIn } from '../plans/run-plan.ts';
import { FAULTY_STORES } from '../simulation/sim/small/faulty-stores.ts';
import { tryControls } from './control-trials.ts';
import { tryCuts } from './cut-trials.ts';
import { tryLimits } from './limit-trials.ts';
import { tryLinks } from './link-trials.ts';
import { ACTS_OF_FAULTS } from './network-trials.ts';
import { tryVerdicts } from './verdict-trials.ts';

const registry = await loadRegistry();
const crashFaults = [...registry.faults.values()].filter(({ kind }) => kind === 'crash');

describe('self-check', () => {
  it.each(crashFaults.map(({ name }) => name))(
    '%s exposes a faulty store, and is tried',
    (name) => {
      expect(Object.values(FAULTY_STORES).some(({ exposedBy }) => exposedBy.includes(name))).toBe(
        true,
      );
      expect(registry.scenarios.get('self-check')!.faults).toContain(name);
    },
  );

  it('knows what every network fault does, and no fault that is none', () => {
    const names = [...registry.faults.values()].filter(({ kind }) => kind === 'network');
    expect(Object.keys(ACTS_OF_FAULTS).sort()).toEqual(names.map(({ name }) => name).sort());
    for (const acts of Object.values(ACTS_OF_FAULTS)) expect(acts).not.toEqual([]);
  });

  it('no faulty store names a fault that is none', () => {
    const names = new Set(crashFaults.map(({ name }) => name));
    for (const { exposedBy } of Object.values(FAULTY_STORES)) {
      expect(exposedBy.filter((name) => !names.has(name))).toEqual([]);
    }
  });

  it('tries every checker whose workload needs transactions only', () => {
    const tried = accusersIn(registry).map(({ checker }) => checker.name);
    const others = [...registry.checkers.keys()].filter((name) => !tried.includes(name));
    expect(others).toEqual(['graph-invariant', 'watch-order']);
  });

  it('finds that links of the proxy keep their bounds and their cuts', async () => {
    expect(await tryLinks()).toBeUndefined();
  });

  it('finds memory counted, and power cuts as they were asked for', async () => {
    expect(await tryLimits()).toBeUndefined();
    expect(await tryCuts()).toBeUndefined();
  });

  it('finds the rules of verdicts and of planted bugs kept', async () => {
    expect(tryVerdicts()).toBeUndefined();
    expect(await tryControls()).toBeUndefined();
  });
});
