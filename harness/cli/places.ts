/** Paths in the repository, or in the installed package. */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lookUp } from '../matrix/registry.ts';

/** Absolute paths. */
export interface ProjectPlaces {
  readonly out?: string;
  readonly checklists?: string;
  readonly matrices?: string;
}

function findRoot(): string {
  let folder = fileURLToPath(new URL('.', import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = resolve(folder, '..');
  return folder;
}

export const ROOT = findRoot();
export const MATRICES = join(ROOT, 'matrices');
/** A project's folders replace the built-in ones: see `useProject`. */
export let CHECKLISTS = join(MATRICES, 'checklists');
/** Published runs; the installed package has none. */
export const PUBLISHED = join(ROOT, 'reports', 'published');
/** Kept regressions: storms that failed once. */
export const REGRESSIONS = join(ROOT, 'scenarios', 'regressions');
/**
 * Output directory of runs: in the repository, or below the working directory for the installed
 * package.
 */
export let OUT = ROOT.includes('/node_modules/')
  ? join(process.cwd(), 'assay-reports')
  : join(ROOT, 'reports', 'out');

let projectMatrices: string | undefined;

/** Switches to the folders that a project names. */
export function useProject({ out, checklists, matrices: folder }: ProjectPlaces): void {
  OUT = out ?? OUT;
  CHECKLISTS = checklists ?? CHECKLISTS;
  projectMatrices = folder;
}

/** A matrix by name or path. Throws UsageError with the nearest name. */
export function matrixPath(name: string): string {
  if (name.includes('/') || name.endsWith('.yaml')) return resolve(name);
  return lookUp(matrices(), 'matrix', name);
}

export function matrices(): Map<string, string> {
  const folders = [MATRICES, ...(projectMatrices === undefined ? [] : [projectMatrices])];
  return new Map(
    folders.flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.yaml'))
        .map((name) => [name.replace('.yaml', ''), join(folder, name)] as const),
    ),
  );
}
