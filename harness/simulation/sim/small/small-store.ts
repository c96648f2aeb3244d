/**
 * SmallStore: the smallest correct store on a simulated disk; tests of the harness break it on purpose.
 * A log of commits in memory and on disk; faulty stores are it with one method made wrong.
 *
 * - A commit is one frame: length, checksum and changes, padded to sectors. It is acknowledged and
 *   visible when a sync that began after it was written has ended, and all frames before it are.
 * - A failed sync ends all writes of the process; nothing is tried again.
 * - Recovery takes the newest log that begins with a whole snapshot, reads frames up to the first
 *   that does not check, and writes what it read into a new log, synced with its entry, before
 *   anything is served. Only then older logs are removed.
 *
 * It has no isolation: transactions read what is committed, and their own writes.
 */
import type { Disk, DiskFile } from '../../../../engine/env/disk.ts';
import type { Session, Store, Transaction } from '../../../contract/target.ts';

export type Change = readonly [key: string, value: string | null];

export const SECTOR = 512;
const HEADER = 8;

export class SmallStoreError extends Error {
  readonly code = 'store-failed';
  readonly definite: boolean;

  constructor(definite: boolean) {
    super('the store has failed');
    this.definite = definite;
  }
}

interface Waiting {
  readonly changes: readonly Change[];
  readonly frame: number;
}

export class SmallStore {
  protected readonly disk: Disk;
  protected readonly directory: string;
  protected readonly records = new Map<string, string>();
  protected log!: DiskFile;
  protected number = 0;
  #frames = 0;
  #waiting: Waiting[] = [];
  #failed = false;

  constructor(disk: Disk, directory: string) {
    this.disk = disk;
    this.directory = directory;
  }

  async recover(): Promise<void> {
    const { disk, directory } = this;
    disk.createDirectory(directory);
    const numbers = disk
      .list(directory)
      .filter((name) => name.startsWith('log.'))
      .map((name) => Number(name.slice(4)))
      .sort((a, b) => b - a);
    this.number = numbers[0] ?? 0;
    for (const number of numbers) {
      const file = disk.open(this.pathOf(number), 'read');
      const bytes = new Uint8Array(disk.size(file));
      disk.readAt(file, bytes, 0);
      disk.close(file);
      const frames = this.framesIn(bytes);
      if (frames.length === 0) continue; // its snapshot is not whole
      for (const changes of frames) this.apply(changes);
      await this.keepWhatWasRead(number, frames.length);
      return;
    }
    await this.begin();
  }

  protected pathOf(number: number): string {
    return `${this.directory}/log.${number}`;
  }

  /** Makes durable what is about to be served. */
  protected async keepWhatWasRead(_newest: number, _frames: number): Promise<void> {
    await this.begin();
  }

  /** A new log with all that there is, and then no other. */
  protected async begin(): Promise<void> {
    const { disk, directory } = this;
    this.log = disk.open(this.pathOf(++this.number), 'create');
    disk.append(this.log, this.frameOf([...this.records]));
    await this.syncNewLog();
    for (const name of disk.list(directory)) {
      if (name.startsWith('log.') && name !== `log.${this.number}`) {
        disk.remove(`${directory}/${name}`);
      }
    }
  }

  protected async syncNewLog(): Promise<void> {
    await this.disk.sync(this.log);
    await this.disk.syncDirectory(this.directory);
  }

  async write(changes: readonly Change[]): Promise<void> {
    if (this.#failed) throw new SmallStoreError(true);
    const frame = ++this.#frames;
    this.#waiting.push({ changes, frame });
    try {
      this.append(changes);
      await this.makeDurable();
    } catch {
      this.#failed = true;
    }
    if (this.#failed) throw new SmallStoreError(false);
    while (this.#waiting[0] !== undefined && this.#waiting[0].frame <= frame) {
      this.apply(this.#waiting.shift()!.changes);
    }
  }

  protected append(changes: readonly Change[]): void {
    this.disk.append(this.log, this.frameOf(changes));
  }

  protected async makeDurable(): Promise<void> {
    await this.disk.sync(this.log);
  }

  protected apply(changes: readonly Change[]): void {
    for (const [key, value] of changes) {
      if (value === null) this.records.delete(key);
      else this.records.set(key, value);
    }
  }

  protected frameOf(changes: readonly Change[]): Uint8Array {
    const payload = new TextEncoder().encode(JSON.stringify(changes));
    const size = Math.ceil((HEADER + payload.length) / SECTOR) * SECTOR;
    const bytes = new Uint8Array(size);
    bytes.set(payload, HEADER);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, payload.length);
    view.setUint32(4, checksumOf(payload));
    return bytes;
  }

  /** The frames of a log in order, up to the first that does not check. */
  protected framesIn(bytes: Uint8Array): (readonly Change[])[] {
    const frames: (readonly Change[])[] = [];
    for (let at = 0; at < bytes.length; ) {
      const frame = frameAt(bytes, at);
      if (frame === undefined) break;
      frames.push(frame.changes);
      at = frame.end;
    }
    return frames;
  }

  store(pause: () => Promise<void>): Store {
    const session: Session = { begin: async () => this.#begin(pause), close: async () => {} };
    return { connect: async () => session, close: async () => {} };
  }

  #begin(pause: () => Promise<void>): Transaction {
    const own = new Map<string, string | null>();
    const seen = () => {
      const view = new Map<string, string | null>([...this.records, ...own]);
      const there = [...view].filter((one): one is [string, string] => one[1] !== null);
      return there.sort(([a], [b]) => (a < b ? -1 : 1));
    };
    return {
      get: async (key) => {
        await pause();
        return own.has(key) ? (own.get(key) ?? undefined) : this.records.get(key);
      },
      put: async (key, value) => void own.set(key, value),
      delete: async (key) => void own.set(key, null),
      range: async ({ prefix, limit = Number.POSITIVE_INFINITY, reverse = false }) => {
        await pause();
        const found = seen().filter(([key]) => key.startsWith(prefix));
        return (reverse ? found.reverse() : found).slice(0, limit);
      },
      commit: async () => {
        if (own.size > 0) await this.write([...own]);
      },
      rollback: async () => {},
    };
  }
}

/** `undefined` where no whole frame begins. */
export function frameAt(bytes: Uint8Array, at: number) {
  if (at + SECTOR > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length = view.getUint32(at);
  const end = at + Math.ceil((HEADER + length) / SECTOR) * SECTOR;
  if (length === 0 || end > bytes.length) return undefined;
  const payload = bytes.subarray(at + HEADER, at + HEADER + length);
  if (view.getUint32(at + 4) !== checksumOf(payload)) return undefined;
  const changes = JSON.parse(new TextDecoder().decode(payload)) as readonly Change[];
  return { changes, end };
}

/** FNV-1a. */
function checksumOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
