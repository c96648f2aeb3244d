/**
 * Faulty stores: the small store with one thing made wrong, and for each the crash faults that
 * expose it. Under every other fault it is correct. So each fault has to do what it says, and no
 * more: a disk that keeps what was written while a sync was in flight, or a second power cut that
 * never comes, lets a faulty store pass.
 */
import type { DiskFile } from '../../../../engine/env/disk.ts';
import { type Change, frameAt, SECTOR, SmallStore } from './small-store.ts';

export interface FaultyStore {
  readonly doc: string;
  readonly store: typeof SmallStore;
  /** Crash faults that expose it; all others of the registry do not. */
  readonly exposedBy: readonly string[];
}

/** Enough copies that a cut that keeps each sector at random never keeps or drops all. */
const MANY = 24;

/** Never syncs, and writes each commit so often that only a cut that takes everything takes it. */
class ManyCopies extends SmallStore {
  protected override append(changes: readonly Change[]): void {
    const frame = this.frameOf(changes);
    this.disk.append(this.log, joined(Array.from({ length: MANY }, () => frame)));
  }

  protected override async makeDurable(): Promise<void> {}

  protected override framesIn(bytes: Uint8Array) {
    const frames: (readonly Change[])[] = [];
    for (let at = 0; at < bytes.length; ) {
      const frame = frameAt(bytes, at);
      if (frame === undefined) {
        if (at === 0) break;
        at += SECTOR;
      } else {
        frames.push(frame.changes);
        at = frame.end;
      }
    }
    return frames;
  }
}

/** Takes each change of a commit by itself. */
class CommitsInPart extends SmallStore {
  protected override append(changes: readonly Change[]): void {
    this.disk.append(this.log, joined(changes.map((change) => this.frameOf([change]))));
  }
}

/** Takes whatever stands behind its last frame for damage, unless it is zeros. */
class NoGarbage extends SmallStore {
  protected override framesIn(bytes: Uint8Array) {
    const frames = super.framesIn(bytes);
    let end = 0;
    for (let at = 0; at < bytes.length; at = end) {
      const frame = frameAt(bytes, at);
      if (frame === undefined) break;
      end = frame.end;
    }
    const next = bytes.subarray(end, end + SECTOR);
    if (end > 0 && next.some((byte) => byte !== 0)) throw new Error(`${this.directory} is damaged`);
    return frames;
  }
}

/** Notes, and never syncs, that a commit is under way; all it wrote is undone when that note is whole. */
class StaleIntents extends SmallStore {
  #intents: DiskFile | undefined;
  #commits = 0;

  protected override append(changes: readonly Change[]): void {
    super.append(changes);
    const sector = new Uint8Array(SECTOR);
    new DataView(sector.buffer).setUint32(0, ++this.#commits);
    this.disk.writeAt(this.#file(), joined(Array.from({ length: MANY }, () => sector)), 0);
  }

  protected override framesIn(bytes: Uint8Array) {
    const frames = super.framesIn(bytes);
    const file = this.#file();
    const intents = new Uint8Array(MANY * SECTOR);
    this.disk.readAt(file, intents, 0);
    const view = new DataView(intents.buffer);
    const commit = view.getUint32(0);
    const all = Array.from({ length: MANY }, (_, at) => view.getUint32(at * SECTOR));
    return commit > 0 && all.every((one) => one === commit) ? frames.slice(0, 1) : frames;
  }

  #file(): DiskFile {
    const path = `${this.directory}/intents`;
    const isThere = this.disk.list(this.directory).includes('intents');
    this.#intents ??= this.disk.open(path, isThere ? 'write' : 'create');
    return this.#intents;
  }
}

/** Serves what it read of the log, durable or not. */
class ServesUnsynced extends SmallStore {
  protected override async keepWhatWasRead(newest: number): Promise<void> {
    this.log = this.disk.open(this.pathOf(newest), 'write');
  }
}

/** Ignores that the sync of a new log failed, and takes a log that looks fresh for a durable one. */
class IgnoresFailedRecovery extends SmallStore {
  protected override async syncNewLog(): Promise<void> {
    await this.disk.sync(this.log).catch(() => undefined);
    await this.disk.syncDirectory(this.directory).catch(() => undefined);
  }

  protected override async keepWhatWasRead(newest: number, frames: number): Promise<void> {
    if (frames > 1) return super.keepWhatWasRead(newest, frames);
    this.log = this.disk.open(this.pathOf(newest), 'write');
  }
}

/** Acknowledges a commit when a sync ends that may have begun before it was written. */
class JoinsSyncInFlight extends SmallStore {
  #inFlight: Promise<void> | undefined;

  protected override async makeDurable(): Promise<void> {
    this.#inFlight ??= super.makeDurable().finally(() => {
      this.#inFlight = undefined;
    });
    await this.#inFlight;
  }
}

/** Tries a sync again when it failed, and believes the second. */
class RetriesFailedSync extends SmallStore {
  protected override async makeDurable(): Promise<void> {
    await super.makeDurable().catch(() => super.makeDurable());
  }
}

/** Never makes the entry of its log durable. */
class ForgetsEntry extends SmallStore {
  protected override async syncNewLog(): Promise<void> {
    await this.disk.sync(this.log);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const TAKING = ['power-loss-clean', 'power-loss-torn', 'power-loss-garbage'];
const CUT_AGAIN = ['kill-then-power-loss', 'failed-sync-then-power-loss'];

export const FAULTY_STORES: Readonly<Record<string, FaultyStore>> = {
  'never syncs, in many copies': {
    doc: 'loses what it acknowledged when nothing unsynced remains',
    store: ManyCopies,
    exposedBy: ['power-loss-clean'],
  },
  'commits in part': {
    doc: 'shows a part of a commit when some of its sectors remain',
    store: CommitsInPart,
    exposedBy: ['power-loss-torn', 'power-loss-garbage'],
  },
  'takes garbage for damage': {
    doc: 'does not open when a file has grown without its data',
    store: NoGarbage,
    exposedBy: ['power-loss-garbage'],
  },
  'believes what it never synced': {
    doc: 'undoes its commits when everything unsynced remains',
    store: StaleIntents,
    exposedBy: ['power-loss-late', ...CUT_AGAIN],
  },
  'serves what is not durable': {
    doc: 'takes back what was read when power is cut after a kill',
    store: ServesUnsynced,
    exposedBy: CUT_AGAIN,
  },
  'ignores a failed sync of recovery': {
    doc: 'takes back what was read when power is cut after a recovery whose sync failed',
    store: IgnoresFailedRecovery,
    exposedBy: ['failed-sync-then-power-loss'],
  },
  'joins a sync in flight': {
    doc: 'loses what was written while a sync was in flight',
    store: JoinsSyncInFlight,
    exposedBy: TAKING,
  },
  'tries a failed sync again': {
    doc: 'loses what a failed sync left in the cache',
    store: RetriesFailedSync,
    exposedBy: [...TAKING, 'power-loss-late'],
  },
  'forgets the entry of its log': {
    doc: 'loses its log with the directory entry',
    store: ForgetsEntry,
    exposedBy: ['power-loss-clean', 'power-loss-torn', ...CUT_AGAIN],
  },
};
