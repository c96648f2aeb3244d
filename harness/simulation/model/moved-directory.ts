/**
 * Moves the directory of an open store away and puts another in its place. The store must not touch the other
 * directory, must report an error, and every acknowledged write must be in the moved one.
 */
import { isOperationError } from '../../contract/target.ts';
import { DIRECTORY } from '../explore/record-run.ts';
import type { SimDisk } from '../sim/sim-disk.ts';

const ELSEWHERE = 'elsewhere';
const WRITES_MAX = 5;

export interface OpenStore {
  /** Some commit; noted when it is acknowledged. */
  write(): Promise<void>;
  checkpoint(): Promise<void>;
  close(): Promise<void>;
}

/** The directory is in its place again when it resolves. Throws what is wrong. */
export async function moveUnder(store: OpenStore, disk: SimDisk): Promise<void> {
  disk.moveDirectory(DIRECTORY, ELSEWHERE);
  disk.createDirectory(DIRECTORY);
  let isRefused = false;
  for (let i = 0; i < WRITES_MAX && !isRefused; i++) isRefused = await refuses(store.write());
  isRefused ||= await refuses(store.checkpoint());
  await store.close();
  const [file] = disk.list(DIRECTORY);
  if (file !== undefined) throw new Error(`it made ${file} in another directory`);
  if (!isRefused) throw new Error('nothing said that the directory was moved');
  disk.moveDirectory(ELSEWHERE, DIRECTORY);
}

/** Throws what leaves a commit in doubt. */
async function refuses(done: Promise<void>): Promise<boolean> {
  try {
    await done;
    return false;
  } catch (error) {
    if (!isOperationError(error) || !error.definite) throw error;
    return true;
  }
}
