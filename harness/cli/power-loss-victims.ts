/** The databases under `assay power-loss`: those of this machine, and embedded targets of plug-ins. */

import { loadRegistry, UsageError } from '../matrix/registry.ts';
import type { Victim } from '../real/power-loss/victim.ts';
import { victimOf } from '../real/power-loss/victims/target.ts';
import { VICTIMS } from '../real/power-loss/victims.ts';
import { pairs, parseSetting } from './words.ts';

export interface VictimChoice {
  readonly target?: string;
  readonly plugin: readonly string[];
  /** `name=value`, of the plug-ins' targets. */
  readonly set: readonly string[];
}

/** Without a target those of the plug-ins; without these all of the machine. */
export async function chooseVictims({
  target,
  plugin,
  set,
}: VictimChoice): Promise<readonly Victim[]> {
  if (set.length > 0 && plugin.length === 0) {
    throw new UsageError(
      '--set goes with --plugin: the other systems have configurations by name.',
    );
  }
  const own = plugin.length === 0 ? [] : await pluginVictims(plugin, set);
  if (target === undefined) return own.length > 0 ? own : VICTIMS;
  if (target === 'all') return [...own, ...VICTIMS];
  const all = [...own, ...VICTIMS];
  const systems = new Set(all.map(({ system }) => system));
  const names = target.split(',').map((name) => name.trim());
  for (const name of names) {
    if (!systems.has(name)) {
      throw new UsageError(`There is no ${name}; there are ${[...systems].join(', ')}.`);
    }
  }
  return all.filter(({ system }) => names.includes(system));
}

async function pluginVictims(paths: readonly string[], set: readonly string[]): Promise<Victim[]> {
  const settings = pairs('--set', set, parseSetting);
  const { targets } = await loadRegistry(paths, new Set());
  const found = [...targets.values()].filter(({ isPlugin }) => isPlugin);
  const victims = found.flatMap(({ target, url }) => {
    if (target.kind !== 'embedded' || !target.capabilities.durable) return [];
    target.checkSettings?.(settings);
    return [victimOf(target, url, settings)];
  });
  if (victims.length > 0) return victims;
  throw new UsageError(
    `Power is cut under embedded targets that are durable; ${paths.join(', ')} has none.`,
  );
}
