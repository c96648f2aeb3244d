/** The directory of a run: created, or empty, when the run starts. */
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { UsageError } from '../matrix/registry.ts';
import { OUT } from './places.ts';

/** Cells lie below it. */
export const CELLS = 'cells';

/** Creates the directory. Throws UsageError if that fails or the directory is not empty. */
export function newRunDirectory(out: string | undefined, prefix = ''): string {
  const name = `${prefix}${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  // Servers of a cell run in directories of their own.
  const directory = resolve(out ?? join(OUT, name));
  let entries: string[];
  try {
    mkdirSync(directory, { recursive: true });
    entries = readdirSync(directory);
    if (entries.length === 0) mkdirSync(join(directory, CELLS));
  } catch (error) {
    const why = whyNot(error as NodeJS.ErrnoException).replace(directory, 'it');
    throw new UsageError(
      `The run can't be written into ${directory}: ${why}. Name another directory with --out.`,
    );
  }
  if (entries.length > 0) {
    throw new UsageError(`${directory} is not empty; a run goes into a directory of its own.`);
  }
  return directory;
}

/** A readable reason, such as "the disk is full". */
export function whyNot({ code, path, message }: NodeJS.ErrnoException): string {
  if (code === 'EEXIST' || code === 'ENOTDIR')
    return `${path ?? 'a part of it'} is a file, not a directory`;
  if (code === 'EROFS') return 'the file system is read-only';
  if (code === 'EACCES' || code === 'EPERM') return `no permission to write ${path ?? 'there'}`;
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'the disk is full';
  return message;
}

/** Replaces a file as a whole: a process that is killed leaves the previous one or the new one. */
export function writeJson(path: string, value: unknown): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}

/** `latest` names the newest run in the default place; runs elsewhere do not change it. */
export function linkLatest(directory: string): void {
  if (dirname(directory) !== OUT) return;
  const link = join(OUT, 'latest');
  try {
    rmSync(link, { force: true });
    symlinkSync(relative(OUT, directory), link);
  } catch {
    // Best effort: some file systems have no symbolic links.
  }
}
