/**
 * Copies of loaded stores: a workload that changes a store gets one of its own, so that it starts
 * from the same state whatever ran before it, and which workloads were chosen changes no figure.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, cpSync, fsyncSync, openSync, readdirSync, rmSync } from 'node:fs';

/** Copies a closed store's directory, holes as holes, and syncs it. Throws what the system says. */
export function copyStore(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  // `cpSync` would fill holes: LMDB's map is a file of 64 GiB with next to nothing in it.
  const copied = spawnSync('cp', ['-a', '--reflink=auto', '--sparse=auto', from, to]);
  if (copied.status !== 0) cpSync(from, to, { recursive: true });
  // Written now, not while something is measured.
  for (const { parentPath, name } of readdirSync(to, { withFileTypes: true, recursive: true })) {
    try {
      const descriptor = openSync(`${parentPath}/${name}`, 'r');
      fsyncSync(descriptor);
      closeSync(descriptor);
    } catch {
      // A socket, or a file that is not ours to read: nothing a benchmark waits for.
    }
  }
}
