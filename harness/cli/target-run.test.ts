import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { whyUnfit } from '../matrix/applicability.ts';
import { loadRegistry, type Registry, UsageError } from '../matrix/registry.ts';
import type { PlanChoice } from './plan-choice.ts';
import { planOf } from './run.ts';

const HONEST = fileURLToPath(new URL('./fixtures/own-stores/honest.ts', import.meta.url));
const choice: PlanChoice = {
  plugin: [HONEST],
  target: 'honest',
  ...{ set: [], plan: [], repeat: '1', seed: '7' },
};

let registry: Registry;
beforeAll(async () => {
  registry = await loadRegistry([HONEST]);
});
afterEach(() => vi.restoreAllMocks());

describe('a target without a scenario', () => {
  it('gets every scenario that applies, and hears why each other does not', () => {
    const said = vi.spyOn(console, 'error').mockReturnValue();
    const { cells, seed, command } = planOf(registry, undefined, choice);
    const { target } = registry.targets.get('honest')!;
    const all = [...registry.scenarios.values()];
    const fitting = all.filter((one) => whyUnfit(registry, one, target) === undefined);
    const names = cells.map(({ scenario }) => scenario);
    expect(names.toSorted()).toEqual(
      fitting
        .filter(({ plan }) => plan.kind !== 'disk')
        .filter(({ checkers }) => !checkers.includes('strict-serializable'))
        .map(({ name }) => name)
        .toSorted(),
    );
    expect(names.slice(0, 2)).toEqual(['power-cuts', 'kill-loops-set']);
    const words = said.mock.calls.flat().join(' ').replaceAll(/\s+/g, ' ');
    for (const { name } of all) {
      if (!names.includes(name))
        expect(words).toMatch(new RegExp(`not for honest: .*\\b${name}\\b`));
    }
    expect(seed).toBe(7);
    expect(command).toContain(`--target honest --seed 7 --plugin ${HONEST}`);
  });

  it('refuses options that belong to one scenario', () => {
    const refused = () => planOf(registry, undefined, { ...choice, plan: ['loops=3'] });
    expect(refused).toThrow(UsageError);
    const { target: _, ...nothing } = choice;
    expect(() => planOf(registry, undefined, nothing)).toThrow('What to run?');
  });
});
