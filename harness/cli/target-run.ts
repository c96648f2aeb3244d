/**
 * `assay run --target NAME` without a scenario: every scenario that applies to the target, and why the
 * others do not. Plans of embedded targets are shortened: all of them end within a minute or so, and a
 * matrix of one's own runs them longer.
 */
import type { Plan, Scenario } from '../contract/scenario.ts';
import { whyUnfit } from '../matrix/applicability.ts';
import { cellOf } from '../matrix/matrix.ts';
import { lookUp, type Registry, type Target, UsageError } from '../matrix/registry.ts';
import { assayCommand, pluginWords } from '../matrix/replay-command.ts';
import type { PlanChoice } from './plan-choice.ts';
import type { Planned } from './run-manifest.ts';
import { described, pairs, parseSetting } from './words.ts';

const SHORTER: Readonly<Partial<Record<Plan['kind'], Readonly<Record<string, number>>>>> = {
  'kill-loops': { loops: 20 },
  soak: { seconds: 15, lifeSeconds: 5, keys: 2000 },
};

/** Ordered by how much each finds. */
const FIRST: readonly string[] = ['power-cuts', 'kill-loops-set', 'power-cuts-failed-syncs'];

const INDENT = 4;

export function planOfTarget(registry: Registry, options: PlanChoice, seed: number): Planned {
  const { target: name, plugin } = options;
  if (name === undefined) {
    throw new UsageError(
      'What to run? Give a scenario (assay list scenarios), --matrix ci, or --target for all scenarios that apply to it.',
    );
  }
  refuseScenarioOptions(options);
  const { target } = lookUp(registry.targets, 'target', name);
  const settings = pairs('--set', options.set, parseSetting);
  const { fitting, unfit } = divide(registry, target);
  const cells = fitting.map((scenario) => {
    const plan = target.kind === 'embedded' ? SHORTER[scenario.plan.kind] : undefined;
    return cellOf(registry, seed, { scenario: scenario.name, target: name, settings, plan });
  });
  if (cells.length === 0) throw new UsageError(`No scenario applies to ${name}.`);
  for (const [why, names] of unfit) {
    console.error(`not for ${name}: ${why}`);
    console.error(described('', names.join(', '), INDENT));
  }
  const left = [...unfit].map(([why, names]) => `${names.length} ${why}`).join('; ');
  const words = ['run', '--target', name, '--seed', String(seed)];
  for (const setting of options.set) words.push('--set', setting);
  words.push(...pluginWords(plugin));
  return {
    name,
    doc: `every scenario that applies to ${name}. Not run: ${left || 'none'}`,
    ...{ seed, cells, command: assayCommand(...words) },
  };
}

/** They belong to one scenario, and would be ignored. */
function refuseScenarioOptions({ plan, mutant, repeat, config }: PlanChoice): void {
  const flags = [
    ...(plan.length > 0 ? ['--plan'] : []),
    ...(mutant === undefined ? [] : ['--mutant']),
    ...(repeat === '1' ? [] : ['--repeat']),
    ...(config === undefined ? [] : ['--config']),
  ];
  if (flags.length > 0) throw new UsageError(`${flags.join(', ')}: name the scenario.`);
}

function divide(registry: Registry, target: Target) {
  const fitting: Scenario[] = [];
  const unfit = new Map<string, string[]>();
  for (const scenario of registry.scenarios.values()) {
    const why = whyNotRun(registry, scenario, target);
    if (why === undefined) fitting.push(scenario);
    else unfit.set(why, [...(unfit.get(why) ?? []), scenario.name]);
  }
  const rank = ({ name }: Scenario) =>
    (FIRST.indexOf(name) + FIRST.length + 1) % (FIRST.length + 1);
  return { fitting: fitting.sort((a, b) => rank(a) - rank(b)), unfit };
}

function whyNotRun(registry: Registry, scenario: Scenario, target: Target): string | undefined {
  if (scenario.plan.kind === 'disk' && target.kind === 'embedded') {
    return 'measures the disk, whatever the target';
  }
  const wants = scenario.checkers.includes('strict-serializable');
  if (target.kind === 'embedded' && wants && target.capabilities.isolation !== 'serializable') {
    return `needs serializable transactions; ${target.name} promises ${target.capabilities.isolation}`;
  }
  return whyUnfit(registry, scenario, target);
}
