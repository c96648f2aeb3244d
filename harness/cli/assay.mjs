#!/usr/bin/env node
// The entry: plain JavaScript that an old Node can parse. Runs the CLI on a Node that is new
// enough: this one, or the one that comes with the package. There a signal to this process goes to
// the other one, this one ends after it, and the other one ends when this one is killed.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as module from 'node:module';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, 'main.ts');
const built = join(here, '..', '..', 'dist', 'harness', 'cli', 'main.js');
const main = existsSync(source) ? source : built;

/** Set for a process that another Node stands before. */
const BEHIND = 'ASSAY_BEHIND_OLD_NODE';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major > 22 || (major === 22 && minor >= 18)) {
  if (process.env[BEHIND] !== undefined) {
    delete process.env[BEHIND]; // what this process starts is not behind that one
    process.channel?.unref();
    process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  }
  cacheCompiledCode();
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
    const child = spawn(packaged, args, {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, [BEHIND]: '1' },
    });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) {
      process.on(signal, () => child.kill(signal));
    }
    child.on('exit', (code, signal) => {
      process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
    });
  }
}

/** For this process and its children: a run starts hundreds, and each would compile everything. */
function cacheCompiledCode() {
  process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'node-compile-cache');
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
}

function packagedNode(start) {
  for (let folder = start; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', 'node', 'bin', 'node');
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) return undefined;
  }
}
