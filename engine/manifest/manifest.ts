/**
 * Manifest: the store's state, switched atomically.
 *
 * A change writes the whole new state beside the old one, syncs it, renames it over the old one
 * and syncs the directory. A crash leaves the old state or the new one.
 *
 * Invariants:
 * 1. Changes are applied one after the other, each to the state the one before left.
 * 2. `state` is what is durable: it moves only after the directory sync.
 * 3. An error is definite if the new state surely never came in the place of the old one: what
 *    failed was a step before the rename. The caller that made files for a change removes them then, and
 *    only then.
 */
import type { Disk } from '../env/disk.ts';
import { hasEntry, storeErrorOf } from '../env/guarded-disk.ts';
import { isStoreError, StoreError } from '../errors.ts';
import {
  decodeManifest,
  encodeManifest,
  MANIFEST_NAME,
  MANIFEST_NEXT_NAME,
  type ManifestState,
} from './manifest-format.ts';
import { makeReserve, useReserve } from './reserve.ts';

export type ManifestEdit = (state: ManifestState) => Partial<ManifestState>;

export class Manifest {
  readonly #disk: Disk;
  readonly #directory: string;
  #state: ManifestState;
  #queue: Promise<void> = Promise.resolve();
  #failure: StoreError | undefined;

  constructor(disk: Disk, directory: string, state: ManifestState) {
    this.#disk = disk;
    this.#directory = directory;
    this.#state = state;
  }

  get state(): ManifestState {
    return this.#state;
  }

  /** Whether a crash may leave a state that is not `state`. */
  get isInDoubt(): boolean {
    return this.#failure !== undefined && !this.#failure.definite;
  }

  /**
   * Applies `edit` and makes the result durable. After a definite error `state` is what it was, and
   * a later change may succeed. After any other error it is unknown which of the two states a crash would
   * leave, so all later changes fail, definitely, until the store is reopened.
   */
  apply(edit: ManifestEdit): Promise<void> {
    const done = this.#queue.then(async () => {
      this.refuseIfFailed();
      const next = { ...this.#state, ...edit(this.#state) };
      try {
        await writeManifest(this.#disk, this.#directory, next);
      } catch (cause) {
        const error = storeErrorOf(cause, 'switch the manifest');
        if (!error.definite) this.#failure ??= error;
        throw error;
      }
      this.#state = next;
    });
    this.#queue = done.catch(() => undefined);
    return done;
  }

  /** Throws once no further change can be made. */
  refuseIfFailed(): void {
    const cause = this.#failure;
    if (cause === undefined) return;
    const message = `the store cannot switch its manifest until it is reopened: ${cause.message}`;
    throw new StoreError('store-failed', message, true, { cause });
  }
}

/**
 * Replaces the manifest; on a full disk, in the room of the reserve. Throws a StoreError that is
 * definite if the old one surely is still in its place; the new one is removed then.
 */
export async function writeManifest(
  disk: Disk,
  directory: string,
  state: ManifestState,
): Promise<void> {
  const bytes = encodeManifest(state);
  try {
    await switchManifest(disk, directory, bytes);
  } catch (error) {
    if (!isStoreError(error, 'disk-full') || !error.definite) throw error;
    if (!useReserve(disk, directory, bytes.length)) throw error;
    await switchManifest(disk, directory, bytes);
  }
}

async function switchManifest(disk: Disk, directory: string, bytes: Uint8Array): Promise<void> {
  const next = `${directory}/${MANIFEST_NEXT_NAME}`;
  let isRenaming = false;
  try {
    if (disk.list(directory).includes(MANIFEST_NEXT_NAME)) disk.remove(next);
    const file = disk.open(next, 'create');
    try {
      disk.writeAt(file, bytes, 0);
      await disk.sync(file);
    } finally {
      disk.close(file);
    }
    isRenaming = true;
    disk.rename(next, `${directory}/${MANIFEST_NAME}`);
  } catch (cause) {
    const isThere = hasEntry(disk, directory, MANIFEST_NEXT_NAME);
    if (isThere === true) disk.remove(next);
    throw switchError(cause, !isRenaming || isThere === true);
  }
  try {
    await makeReserve(disk, directory, bytes.length); // its entry becomes durable with the manifest's
    await disk.syncDirectory(directory);
  } catch (cause) {
    throw switchError(cause, false);
  }
}

function switchError(cause: unknown, definite: boolean): StoreError {
  const { code, message, details } = storeErrorOf(cause, 'write the manifest');
  return new StoreError(code, message, definite, { ...details, cause });
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
