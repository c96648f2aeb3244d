/**
 * `assay init`: creates the files with which a project tests its own database: a config, a target, a
 * test, a matrix and a CI workflow. The generated target works, on a small store of its own. Existing
 * files are never changed: if one is in the way, nothing is written.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from '../matrix/registry.ts';
import { initFiles } from './init-files.ts';
import { CONFIG_NAMES } from './project.ts';

const NAME = /^[a-z][a-z0-9-]*$/;

export function init(folder: string, { name }: { readonly name: string }): number {
  if (!NAME.test(name)) {
    throw new UsageError(`--name wants small letters, digits and dashes, not "${name}".`);
  }
  const directory = resolve(folder);
  const files = initFiles(name, extensionIn(directory));
  const inTheWay = [...CONFIG_NAMES, ...files.keys()].filter((path) =>
    existsSync(join(directory, path)),
  );
  if (inTheWay.length > 0) {
    throw new UsageError(
      `${[...new Set(inTheWay)].join(', ')} in ${directory} would be overwritten. Move it away, or name another directory.`,
    );
  }
  for (const [path, text] of files) {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { flag: 'wx' });
    console.log(`wrote ${join(folder, path)}`);
  }
  const [config] = files.keys();
  const end = config!.slice(config!.lastIndexOf('.'));
  console.log(`
Next:
  node --test assay/target.test${end}   the conformance checks of the target; they pass
  npx assay run                     every scenario that applies to it, in about a minute
  npx assay run --matrix ${name.padEnd(11)} the matrix in assay/matrices, as in CI
Then put your store into assay/target${end} in the place of the small one.
TypeScript: npm install --save-dev typescript @types/node, and npx tsc -p assay`);
  return 0;
}

/** Files that are modules whatever the package says of its own. */
function extensionIn(directory: string): 'ts' | 'mts' {
  const path = join(directory, 'package.json');
  if (!existsSync(path)) return 'mts';
  const { type } = JSON.parse(readFileSync(path, 'utf8')) as { type?: string };
  return type === 'module' ? 'ts' : 'mts';
}
