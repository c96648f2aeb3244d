/** Which machine and which commit a run is of. */
import { execFileSync } from 'node:child_process';
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
    const git = (...args: string[]) =>
      execFileSync('git', args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'] }).toString();
    const changes = git('status', '--porcelain').trim() === '' ? '' : '+';
    return `${git('rev-parse', '--short', 'HEAD').trim()}${changes}`;
  } catch {
    return 'unknown';
  }
}
