/** Identifies the machine and commit of a run. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpus, totalmem } from 'node:os';
import { ROOT } from './places.ts';

export function describeMachine(): string {
  const cores = cpus();
  const model = cores[0]?.model.trim() ?? 'unknown processor';
  return `${cores.length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}`;
}

/** The commit in short, with `+` when the tree has changes; `unknown` outside a checkout. */
export function commitOf(): string {
  try {
    const changes = git('status', '--porcelain').trim() === '' ? '' : '+';
    return `${git('rev-parse', '--short', 'HEAD').trim()}${changes}`;
  } catch {
    return 'unknown';
  }
}

/** A digest of what the tree has changed since its commit; `undefined` when that is nothing. */
export function changesDigest(): string | undefined {
  try {
    if (git('status', '--porcelain').trim() === '') return undefined;
    const added = git('ls-files', '-z', '--others', '--exclude-standard').split('\0');
    const hash = createHash('sha256').update(git('diff', '--binary', 'HEAD'));
    for (const name of added.filter((one) => one !== '')) {
      hash.update(`${name} ${git('hash-object', '--', name)}`);
    }
    return hash.digest('hex').slice(0, 12);
  } catch {
    return undefined;
  }
}

function git(...args: string[]): string {
  return execFileSync('git', args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 28,
  }).toString();
}
