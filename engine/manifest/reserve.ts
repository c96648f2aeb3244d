/**
 * Reserve: a small file that holds room for manifests, so that a store on a full disk can still
 * switch its manifest.
 *
 * 1. It is cut when there is no room for a manifest, by what that takes, and grows again once that has
 *    been switched: then the room of the old manifest is free.
 * 2. Its content means nothing. Where it is missing, a full disk refuses the switch, definitely.
 */
import type { Disk, DiskFile } from '../env/disk.ts';
import { hasEntry } from '../env/guarded-disk.ts';
import { alignUp } from '../format/bytes.ts';

export const RESERVE_NAME = 'RESERVE';
const PAGE_BYTES = 4096;
/** Room for some manifests: a crash within a switch may leave the room of one to others. */
const STEP_BYTES = 4 * PAGE_BYTES;

/**
 * Makes the reserve large enough for manifests of `manifestBytes`, or as large as there is room for.
 * Never throws. Its entry is durable with the next sync of the directory.
 */
export async function makeReserve(
  disk: Disk,
  directory: string,
  manifestBytes: number,
): Promise<void> {
  const path = `${directory}/${RESERVE_NAME}`;
  try {
    const isThere = disk.list(directory).includes(RESERVE_NAME);
    const file = disk.open(path, isThere ? 'write' : 'create');
    try {
      await grow(disk, file, alignUp(2 * manifestBytes, STEP_BYTES));
    } finally {
      disk.close(file);
    }
  } catch {
    // The next switch tries again.
  }
}

/** A partial write on a full disk keeps what was written. */
async function grow(disk: Disk, file: DiskFile, bytes: number): Promise<void> {
  const size = disk.size(file);
  if (size >= bytes) return;
  try {
    disk.writeAt(file, new Uint8Array(bytes - size), size);
  } finally {
    await disk.sync(file); // some systems have room for it only now
  }
}

/** Shrinks the reserve by what `bytes` take. Returns whether there was any. */
export function useReserve(disk: Disk, directory: string, bytes: number): boolean {
  if (hasEntry(disk, directory, RESERVE_NAME) !== true) return false;
  const file = disk.open(`${directory}/${RESERVE_NAME}`, 'write');
  try {
    const size = disk.size(file);
    if (size > 0) disk.truncate(file, Math.max(0, size - alignUp(bytes, PAGE_BYTES)));
    return size > 0;
  } finally {
    disk.close(file);
  }
}
