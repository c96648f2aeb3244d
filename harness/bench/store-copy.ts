/**
 * Copies of loaded stores. A workload that changes a store gets its own copy, so it always starts from
 * the same state, and no figure depends on which workloads ran before.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, cpSync, fsyncSync, openSync, readdirSync, rmSync } from 'node:fs';

/** Copies a closed store's directory, keeping holes, and syncs it. Throws the system's error. */
export function copyStore(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  // `cpSync` would fill holes: LMDB's map is a sparse file of 64 GiB.
  const copied = spawnSync('cp', ['-a', '--reflink=auto', '--sparse=auto', from, to]);
  if (copied.status !== 0) cpSync(from, to, { recursive: true });
  // Written back now, so that it does not disturb a measurement.
  for (const { parentPath, name } of readdirSync(to, { withFileTypes: true, recursive: true })) {
    try {
      const descriptor = openSync(`${parentPath}/${name}`, 'r');
      fsyncSync(descriptor);
      closeSync(descriptor);
    } catch {
      // A socket or an unreadable file: no benchmark needs it.
    }
  }
}
