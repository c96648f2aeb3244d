/**
 * Finds the project that the working directory belongs to, by the nearest `assay.config.*` in it or
 * above it, and makes what it says the default of the commands. Flags of a command line win, but for
 * plug-ins, which are added to those of the project.
 */
import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { z } from 'zod';
import { UsageError } from '../matrix/registry.ts';
import { useProject } from './places.ts';

export const CONFIG_NAMES = ['ts', 'mts', 'js', 'mjs'].map((end) => `assay.config.${end}`);

/** Commands whose target a project chooses. */
const WITH_TARGET: readonly string[] = ['run', 'plan', 'power-loss', 'soak', 'verify'];

const schema = z.strictObject({
  plugins: z.array(z.string()).optional(),
  target: z.string().optional(),
  matrices: z.string().optional(),
  checklists: z.string().optional(),
  out: z.string().optional(),
});

export interface OpenProject {
  readonly plugins: readonly string[];
  readonly target: string | undefined;
}

export const NO_PROJECT: OpenProject = { plugins: [], target: undefined };

/** Throws UsageError, with file and key, for an invalid project. */
export async function openProject(folder: string): Promise<OpenProject> {
  const path = configAbove(folder);
  if (path === undefined) return NO_PROJECT;
  const parsed = schema.safeParse(await importConfig(path));
  if (!parsed.success) {
    const { path: keys, message } = parsed.error.issues[0]!;
    throw new UsageError(`${path}: ${keys.join('.') || 'the default export'}: ${message}`);
  }
  const { plugins = [], target, ...places } = parsed.data;
  const at = (key: string, named: string) => {
    const found = resolve(dirname(path), named);
    if (existsSync(found)) return found;
    throw new UsageError(`${path}: ${key}: there is no ${found}.`);
  };
  const folderAt = (key: string, named: string) => {
    const found = at(key, named);
    if (statSync(found).isDirectory()) return found;
    throw new UsageError(`${path}: ${key}: ${found} is a file, not a directory.`);
  };
  const { matrices, checklists, out } = places;
  useProject({
    ...(matrices !== undefined && { matrices: folderAt('matrices', matrices) }),
    ...(checklists !== undefined && { checklists: folderAt('checklists', checklists) }),
    ...(out !== undefined && { out: resolve(dirname(path), out) }),
  });
  return { plugins: plugins.map((named) => at('plugins', named)), target };
}

/**
 * Makes the project's plug-ins and target the defaults of a command that is about to run. Paths of
 * plug-ins become absolute: commands that are printed work from any folder.
 */
export function applyProject(command: Command, { plugins, target }: OpenProject): void {
  const given = command.opts();
  if (Array.isArray(given.plugin)) {
    const all = [...plugins, ...given.plugin.map((path: string) => resolve(path))];
    command.setOptionValue('plugin', [...new Set(all)]);
  }
  const source = command.getOptionValueSource('target') ?? 'default';
  if (target === undefined || source !== 'default' || !WITH_TARGET.includes(command.name())) return;
  command.setOptionValue('target', target);
}

function configAbove(folder: string): string | undefined {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const found = CONFIG_NAMES.map((name) => join(at, name)).find((path) => existsSync(path));
    if (found !== undefined || at === dirname(at)) return found;
  }
}

async function importConfig(path: string): Promise<unknown> {
  try {
    return ((await import(pathToFileURL(path).href)) as { default?: unknown }).default;
  } catch (error) {
    throw new UsageError(`${path} can not be loaded: ${(error as Error).message}`);
  }
}
