/** `assay verify`: runs a target's own verification of a store's files, and its repair. */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadRegistry, lookUp, UsageError } from '../matrix/registry.ts';

export interface VerifyOptions {
  readonly target: string;
  readonly repair: boolean;
  readonly plugin: readonly string[];
}

export async function verify(path: string, options: VerifyOptions): Promise<number> {
  const directory = resolve(path);
  if (!existsSync(directory)) throw new UsageError(`There is no directory ${directory}.`);
  if (!statSync(directory).isDirectory()) {
    throw new UsageError(`${directory} is a file, not the directory of a store.`);
  }
  const registry = await loadRegistry(options.plugin);
  const { target } = lookUp(registry.targets, 'target', options.target);
  if (target.kind !== 'embedded' || target.verify === undefined) {
    throw new UsageError(`${target.name} has no way to verify files.`);
  }
  if (options.repair) {
    if (target.repair === undefined) throw new UsageError(`${target.name} has no repair.`);
    const { problems, givenUp } = await target.repair(directory);
    for (const problem of problems) console.log(`found: ${problem}`);
    for (const loss of givenUp) console.log(`given up: ${loss}`);
    console.log(problems.length === 0 ? 'nothing to repair' : 'repaired; verify it once more');
    return 0;
  }
  const problems = await target.verify(directory);
  console.log(
    problems.length === 0
      ? `valid: no damage in ${directory}`
      : `invalid: ${problems.length} damaged places in ${directory}`,
  );
  for (const problem of problems) console.log(`  ${problem}`);
  return problems.length === 0 ? 0 : 1;
}
