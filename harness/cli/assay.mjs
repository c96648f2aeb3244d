#!/usr/bin/env node
// The entry: plain JavaScript that an old Node can parse. Runs the CLI on a Node that is new
// enough: this one, or the one that comes with the package.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, 'main.ts');
const built = join(here, '..', '..', 'dist', 'harness', 'cli', 'main.js');
const main = existsSync(source) ? source : built;

const [major, minor] = process.versions.node.split('.').map(Number);
if (major > 22 || (major === 22 && minor >= 18)) {
  const { runCli } = await import(main);
  process.exitCode = await runCli(process.argv.slice(2));
} else {
  const packaged = packagedNode(here);
  if (packaged === undefined) {
    console.error(
      `assay needs Node 22.18 or newer; this is ${process.version}. Run npm ci, or install a newer Node.`,
    );
    process.exitCode = 254;
  } else {
    const args = [fileURLToPath(import.meta.url), ...process.argv.slice(2)];
    const done = spawnSync(packaged, args, { stdio: 'inherit' });
    process.exitCode = done.status === null ? 255 : done.status;
  }
}

function packagedNode(start) {
  for (let folder = start; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', 'node', 'bin', 'node');
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) return undefined;
  }
}
