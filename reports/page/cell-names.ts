/**
 * Short names of cells. Settings that most cells of a target share are told once, for the target;
 * a cell shows what differs from them. A cell's id stays its name in commands.
 */
import type { Cell, RunRecord } from '../../harness/contract/run-record.ts';
import { SHOWN, targetOf } from '../model.ts';

export interface CellName {
  /** The scenario and the target. */
  readonly short: string;
  /** What differs from the shared settings, and the planted bug. */
  readonly chips: readonly string[];
}

/** By target: the settings that are left out of the names of its cells. */
export type SharedSettings = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Of every target with several cells: the settings that more of them have than any others. */
export function sharedSettings(records: readonly RunRecord[]): SharedSettings {
  const shared = new Map<string, ReadonlyMap<string, string>>();
  for (const [target, own] of Map.groupBy(records, targetOf)) {
    const groups = [...Map.groupBy(own, ({ cell }) => JSON.stringify([...hidden(cell)])).values()];
    const largest = groups.reduce((best, group) => (group.length > best.length ? group : best));
    const settings = hidden(largest[0]!.cell);
    if (largest.length > 1 && settings.size > 0) shared.set(target, settings);
  }
  return shared;
}

export function cellName(record: RunRecord, shared: SharedSettings): CellName {
  const { cell } = record;
  const target = targetOf(record);
  const usual = shared.get(target) ?? new Map<string, string>();
  const own = hidden(cell);
  const chips = [...own]
    .filter(([name, value]) => usual.get(name) !== value)
    .map(([name, value]) => `${name}=${value}`);
  for (const name of usual.keys()) if (!own.has(name)) chips.push(`${name} as by default`);
  if (/\/control \d/.test(cell.id)) chips.push(`same run without a planted bug, seed ${cell.seed}`);
  if (cell.mutant !== undefined) chips.push(`planted bug ${cell.mutant}`);
  return { short: `${cell.scenario} · ${target}`, chips };
}

/** The settings that are no part of the target's shown name. */
function hidden({ settings }: Cell): Map<string, string> {
  const others = Object.entries(settings).filter(([name]) => !SHOWN.includes(name));
  return new Map(others.map(([name, value]) => [name, String(value)]));
}
