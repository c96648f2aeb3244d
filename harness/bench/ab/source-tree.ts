/**
 * A commit, or the working tree, laid out in a directory of its own so that its benchmark can run.
 *
 * Commits come by `git archive`, which leaves nothing behind in the repository when this process is
 * killed, as `git worktree` does. The working tree is copied: edits during a run change nothing.
 * Packages are those installed here when package-lock.json is the same (a link: the directory may be
 * on another device), else `npm ci` installs them. Throws UsageError with what to do.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { AbSource } from '../../contract/ab-record.ts';
import { UsageError } from '../../matrix/registry.ts';

export const WORKING_TREE = '.';
/** Stored reports: large, and no part of any program. */
const LEFT_OUT = 'reports/published';
const OUTPUT_MAX_BYTES = 1 << 28;

export interface KnownWorkload {
  readonly name: string;
  readonly onRequest?: boolean;
  readonly only?: string;
}

export function resolveSource(asked: string, repository: string): AbSource {
  const short = (commit: string) => git(repository, 'rev-parse', '--short', commit).trim();
  if (!existsSync(join(repository, '.git'))) {
    throw new UsageError(`${repository} is no git checkout: comparing commits needs one.`);
  }
  if (asked === WORKING_TREE) {
    const commit = git(repository, 'rev-parse', 'HEAD').trim();
    const isChanged = git(repository, 'status', '--porcelain').trim() !== '';
    return { asked, commit, label: `${short(commit)}${isChanged ? '+' : ''}` };
  }
  try {
    const commit = git(repository, 'rev-parse', '--verify', '--quiet', `${asked}^{commit}`).trim();
    return { asked, commit, label: short(commit) };
  } catch {
    throw new UsageError(
      `There is no commit ${asked} in ${repository}: fetch it, or name another commit, branch or tag, or . for the working tree.`,
    );
  }
}

/** Lays the source out in `directory`, unless that was done before. */
export function layOut(source: AbSource, repository: string, directory: string): void {
  const done = join(directory, '.laid-out');
  if (existsSync(done)) return;
  mkdirSync(directory, { recursive: true });
  if (source.asked === WORKING_TREE) copyWorkingTree(repository, directory);
  else extract(source.commit, repository, directory);
  installPackages(source, repository, directory);
  mkdirSync(done);
}

/** What the benchmark of a tree that was laid out can run. */
export function knownWorkloads(source: AbSource, directory: string): KnownWorkload[] {
  const catalogue = join(directory, 'harness/bench/catalogue.ts');
  const refused = `${source.label} has no benchmark that could be run`;
  if (!existsSync(catalogue) || !existsSync(childOf(directory))) {
    throw new UsageError(`${refused}: it has no harness/bench/catalogue.ts and child.ts.`);
  }
  const program = `const { WORKLOADS } = await import(${JSON.stringify(catalogue)});
    console.log(JSON.stringify(WORKLOADS.map(({ name, only, onRequest }) => ({ name, only, onRequest }))));`;
  const words = ['--input-type=module', '--eval', program];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  if (status === 0) return JSON.parse(stdout) as KnownWorkload[];
  throw new UsageError(`${refused}: ${stderr.trim().split('\n').slice(-8).join('\n')}`);
}

export const childOf = (directory: string) => join(directory, 'harness/bench/child.ts');

function extract(commit: string, repository: string, directory: string): void {
  const archive = execFileSync('git', ['archive', commit, '.', `:(exclude)${LEFT_OUT}`], {
    cwd: repository,
    maxBuffer: OUTPUT_MAX_BYTES,
  });
  execFileSync('tar', ['-x', '-C', directory], { input: archive });
}

function copyWorkingTree(repository: string, directory: string): void {
  const names = git(repository, 'ls-files', '-z', '--cached', '--others', '--exclude-standard');
  for (const name of names.split('\0')) {
    const from = join(repository, name);
    // What was removed from the working tree is still in the index.
    if (name === '' || name.startsWith(`${LEFT_OUT}/`) || !existsSync(from)) continue;
    const to = join(directory, name);
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(from, to);
  }
}

function installPackages(source: AbSource, repository: string, directory: string): void {
  const lock = (root: string) => {
    const path = join(root, 'package-lock.json');
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  };
  const installed = join(repository, 'node_modules');
  if (lock(directory) === lock(repository) && existsSync(installed)) {
    symlinkSync(realpathSync(installed), join(directory, 'node_modules'));
    return;
  }
  const words = ['ci', '--no-audit', '--no-fund'];
  const { status, stderr, error } = spawnSync('npm', words, { cwd: directory, encoding: 'utf8' });
  if (status === 0) return;
  const why = error?.message ?? stderr.trim().split('\n').slice(-5).join('\n');
  throw new UsageError(
    `npm ci failed for ${source.label}, whose package-lock.json is another than here: ${why}`,
  );
}

function git(repository: string, ...words: string[]): string {
  return execFileSync('git', words, {
    cwd: repository,
    encoding: 'utf8',
    maxBuffer: OUTPUT_MAX_BYTES,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}
