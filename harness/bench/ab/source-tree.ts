/**
 * A commit, or the working tree, checked out into a directory of its own so that its benchmark can run.
 *
 * Commits are extracted with `git archive`: unlike `git worktree`, it leaves nothing in the repository
 * if this process is killed. The working tree is copied, so edits during a run have no effect. If
 * package-lock.json is unchanged, node_modules is a symbolic link to the installed packages (the
 * directory may be on another device); otherwise `npm ci` installs them. Throws UsageError that says
 * what to do.
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
/** Stored reports are left out: they are large, and no program needs them. */
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

/** Writes the source tree into `directory`, unless it is already there. */
export function layOut(source: AbSource, repository: string, directory: string): void {
  const done = join(directory, '.laid-out');
  if (existsSync(done)) return;
  mkdirSync(directory, { recursive: true });
  if (source.asked === WORKING_TREE) copyWorkingTree(repository, directory);
  else extract(source.commit, repository, directory);
  installPackages(source, repository, directory);
  mkdirSync(done);
}

/** The workloads and options that this tree's benchmark supports. */
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
    // Files deleted in the working tree are still listed in the index.
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
