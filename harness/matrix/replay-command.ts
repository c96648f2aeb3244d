/**
 * The command that runs a cell again: works when pasted from any folder, on a machine whose own
 * Node is old. Carries a hash of the scenario, so that a changed one is noticed.
 */
import { fileURLToPath } from 'node:url';
import type { Cell } from '../contract/run-record.ts';
import type { Scenario } from '../contract/scenario.ts';

/** Repeats of a replay in the real world, where a crash never comes at the same instant twice. */
const REAL_REPEATS = 3;
const REAL_PLANS: ReadonlySet<string> = new Set(['kill-loops', 'network', 'power-cuts']);

export function replayCommand(
  cell: Cell,
  scenario: Scenario,
  plugins: readonly string[] = [],
): string {
  const words = ['run', cell.scenario, '--target', cell.target];
  for (const [name, value] of Object.entries(cell.settings))
    words.push('--set', `${name}=${value}`);
  for (const [name, value] of Object.entries(cell.plan ?? {}))
    words.push('--plan', `${name}=${value}`);
  if (cell.mutant !== undefined) words.push('--mutant', cell.mutant);
  words.push(...pluginWords(plugins));
  words.push('--seed', String(cell.seed), '--config', configHash(cell, scenario));
  if (REAL_PLANS.has(scenario.plan.kind)) words.push('--repeat', String(REAL_REPEATS));
  return assayCommand(...words);
}

/** Requires: absolute paths. */
export const pluginWords = (paths: readonly string[]): string[] =>
  paths.flatMap((path) => ['--plugin', path]);

/** A command line that works from any folder. */
export function assayCommand(...words: readonly string[]): string {
  const assay = fileURLToPath(new URL('../cli/assay.mjs', import.meta.url)).replace('/dist/', '/');
  return ['node', assay, ...words].map(quote).join(' ');
}

/** A short hash of all that a cell does, but its seed. */
export function configHash(cell: Cell, scenario: Scenario): string {
  const { why: _, ...meaning } = scenario;
  const text = JSON.stringify([meaning, cell.target, cell.settings, cell.plan ?? {}]);
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

function quote(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
