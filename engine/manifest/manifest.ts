/**
 * Manifest: the store's state, switched atomically.
 *
 * A change writes the whole new state beside the old one, syncs it, renames it over the old one
 * and syncs the directory. A crash leaves the old state or the new one.
 *
 * Invariants:
 * 1. Changes are applied one after the other, each to the state the one before left.
 * 2. `state` is what is durable: it moves only after the directory sync.
 */
import type { Disk } from '../env/disk.ts';
import { isStoreError } from '../errors.ts';
import {
  decodeManifest,
  encodeManifest,
  MANIFEST_NAME,
  MANIFEST_NEXT_NAME,
  type ManifestState,
} from './manifest-format.ts';

export type ManifestEdit = (state: ManifestState) => Partial<ManifestState>;

export class Manifest {
  readonly #disk: Disk;
  readonly #directory: string;
  #state: ManifestState;
  #queue: Promise<void> = Promise.resolve();
  #failure: unknown;

  constructor(disk: Disk, directory: string, state: ManifestState) {
    this.#disk = disk;
    this.#directory = directory;
    this.#state = state;
  }

  get state(): ManifestState {
    return this.#state;
  }

  /**
   * Applies `edit` and makes the result durable. A full disk leaves `state` as it was, and a later
   * change may succeed. After any other failure nobody knows which state a crash would leave, so
   * all later changes fail too.
   */
  apply(edit: ManifestEdit): Promise<void> {
    const done = this.#queue.then(async () => {
      if (this.#failure !== undefined) throw this.#failure;
      const next = { ...this.#state, ...edit(this.#state) };
      try {
        await writeManifest(this.#disk, this.#directory, next);
      } catch (cause) {
        if (!isStoreError(cause, 'disk-full')) this.#failure = cause;
        throw cause;
      }
      this.#state = next;
    });
    this.#queue = done.catch(() => undefined);
    return done;
  }
}

export async function writeManifest(
  disk: Disk,
  directory: string,
  state: ManifestState,
): Promise<void> {
  const next = `${directory}/${MANIFEST_NEXT_NAME}`;
  if (disk.list(directory).includes(MANIFEST_NEXT_NAME)) disk.remove(next);
  const file = disk.open(next, 'create');
  try {
    disk.writeAt(file, encodeManifest(state), 0);
    await disk.sync(file);
  } finally {
    disk.close(file);
  }
  disk.rename(next, `${directory}/${MANIFEST_NAME}`);
  await disk.syncDirectory(directory);
}

/** The manifest of `directory`, or `undefined` where there is none. */
export function readManifest(disk: Disk, directory: string): ManifestState | undefined {
  if (!disk.list(directory).includes(MANIFEST_NAME)) return undefined;
  const path = `${directory}/${MANIFEST_NAME}`;
  return decodeManifest(readWhole(disk, path), path);
}

export function readWhole(disk: Disk, path: string): Uint8Array {
  const file = disk.open(path, 'read');
  try {
    const bytes = new Uint8Array(disk.size(file));
    const got = disk.readAt(file, bytes, 0);
    return bytes.subarray(0, got);
  } finally {
    disk.close(file);
  }
}
