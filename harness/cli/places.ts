/** Where things lie in the repository, or in the installed package. */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lookUp } from '../runner/registry.ts';

function findRoot(): string {
  let folder = fileURLToPath(new URL('.', import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = resolve(folder, '..');
  return folder;
}

export const ROOT = findRoot();
export const MATRICES = join(ROOT, 'matrices');
export const CHECKLISTS = join(MATRICES, 'checklists');
/** Runs that were kept; the installed package has none. */
export const PUBLISHED = join(ROOT, 'reports', 'published');
/** Storms that failed once. */
export const REGRESSIONS = join(ROOT, 'scenarios', 'regressions');
/** Runs go into the repository, or below the working directory of who installed the package. */
export const OUT = ROOT.includes('/node_modules/')
  ? join(process.cwd(), 'assay-reports')
  : join(ROOT, 'reports', 'out');

/** A matrix by name or path. Throws UsageError with the nearest name. */
export function matrixPath(name: string): string {
  if (name.includes('/') || name.endsWith('.yaml')) return resolve(name);
  return lookUp(matrices(), 'matrix', name);
}

export function matrices(): Map<string, string> {
  const names = readdirSync(MATRICES).filter((name) => name.endsWith('.yaml'));
  return new Map(names.map((name) => [name.replace('.yaml', ''), join(MATRICES, name)] as const));
}
