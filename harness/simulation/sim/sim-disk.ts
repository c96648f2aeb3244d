/**
 * SimDisk: a disk that can lose power.
 *
 * Fault model:
 * - Bytes are durable once a sync that began after the write completes; entries once a sync of
 *   their directory does. Syncing a file does not make its entry durable.
 * - A power cut keeps, of what was not durable, any subset: sectors of 512 bytes and single entry
 *   changes, each on its own, or none, or all; a file that grew without its data holds zeros, or
 *   garbage (`CrashMode`).
 * - A kill keeps everything, but leaves it as undurable as it was.
 * - A failed sync leaves pages that look clean and are not on the medium; a direct read sees the
 *   medium. Of a directory it changes nothing: its entries wait for another sync.
 * - A call that makes, renames, removes, truncates or closes may fail: it has changed nothing, but a
 *   file is closed all the same.
 * - Garbage in a sector that was there and was being written is not modelled: it is old or new.
 *
 * A crash is a clone: the old disk goes on under the old process, which nobody listens to.
 */
import type { Disk, DiskFile, OpenMode } from '../../../engine/env/disk.ts';
import type { CrashMode } from '../../contract/fault.ts';
import type { Prng } from '../../random/prng.ts';
import { applyEntry, DirectoryEntries, type EntryChange } from './directory-entries.ts';
import { SimDirectories } from './sim-directories.ts';
import { type Change, SimFile } from './sim-file.ts';
import { zeros } from './small-memory.ts';
import { traceStep } from './trace-hash.ts';
import type { DiskErrorFactory, Trouble } from './trouble.ts';

const SECTOR_BYTES = 512;

export interface SimDiskOptions {
  readonly random: Prng;
  readonly error: DiskErrorFactory;
  /** Waits until a sync is done; left out, syncs are done at once. */
  readonly syncDelay?: () => Promise<void>;
  /** Called after each step that changes what a crash could leave. */
  readonly onStep?: (step: string) => void;
  readonly capacityBytes?: number;
  /** What goes wrong with reads, writes and syncs, if anything. */
  readonly trouble?: Trouble;
  /** What is written whole or not at all: 512 (the default) or 4,096 bytes. */
  readonly sectorBytes?: number;
}

/** What a power cut keeps or takes as a whole; `describePiece` says it in words. */
export type CrashPiece =
  | { readonly entry: EntryChange }
  | { readonly file: SimFile; readonly change: Change };

interface OpenFile extends DiskFile {
  readonly file: SimFile;
  /** Past the system's cache. */
  readonly isDirect: boolean;
  closed: boolean;
}

/** What a crash did to the disk before this one. */
export interface CrashEffect {
  /** Changes that were not durable: those that are now, and those that are gone. */
  readonly kept: number;
  readonly lost: number;
  /** Files that hold garbage where their data had not come. */
  readonly garbage: number;
}

export class SimDisk extends SimDirectories implements Disk {
  readonly #options: SimDiskOptions;
  #entries = new DirectoryEntries();
  readonly #locks = new Set<string>();
  #syncsUntilFailure = -1;
  #waited = false;
  capacityBytes: number;
  steps = 0;
  syncs = 0;
  failedSyncs = 0;
  /** The first call that no real disk allows; read by the judge of the run. */
  breach: string | undefined;
  /** The task that opens files now: its open files are closed when it ends. */
  opening: DiskFile[] | undefined;
  /** Files that are open now; bytes that were read so far. */
  openFiles = 0;
  bytesRead = 0;
  /** Writes that did not fit. */
  refusals = 0;
  /** Of the power cut that left this disk, where there was one. */
  effect: CrashEffect | undefined;

  constructor(options: SimDiskOptions) {
    super();
    this.#options = options;
    this.capacityBytes = options.capacityBytes ?? Number.MAX_SAFE_INTEGER;
  }

  /** The sync `count` from now fails once, of a file or a directory: 1 is the next. */
  failSyncIn(count: number): void {
    this.#syncsUntilFailure = count;
  }

  /** Whether a power cut could take anything. */
  get hasUnsynced(): boolean {
    if (this.#entries.pending().length > 0) return true;
    for (const file of this.#entries.reachable()) if (file.hasPending) return true;
    return false;
  }

  flipBit(path: string, bit: number): void {
    this.#find(path).flipBit(bit);
  }

  /** The disk as the next process finds it, with fresh options. This disk is not changed. */
  crashClone(mode: CrashMode, options: SimDiskOptions): SimDisk {
    if (mode === 'kill') return this.#killClone(options);
    const pieces = this.crashPieces();
    if (mode === 'all-kept') return this.cutKeeping(pieces, options, pieces.length);
    const kept = pieces.filter(() => mode !== 'none-kept' && options.random.chance(0.5));
    const garbage = mode === 'garbage' ? options.random : undefined;
    return this.cutKeeping(kept, options, pieces.length, garbage);
  }

  /**
   * Everything that a power cut right now may keep or take, each on its own, in the order it was
   * done: changes of directory entries first, then those of each file.
   */
  crashPieces(): readonly CrashPiece[] {
    const pieces: CrashPiece[] = this.#entries.pending().map((entry) => ({ entry }));
    const sector = this.#options.sectorBytes ?? SECTOR_BYTES;
    for (const file of this.#entries.reachable()) {
      if (!file.hasPending) continue;
      for (const change of file.pieces(sector)) pieces.push({ file, change });
    }
    return pieces;
  }

  /**
   * The disk after a power cut that kept just these of `all` pieces. Requires: in `crashPieces`'
   * order. With `garbage` files have grown, and hold that where the data has not come.
   */
  cutKeeping(
    kept: readonly CrashPiece[],
    options: SimDiskOptions,
    all = kept.length,
    garbage?: Prng,
  ): SimDisk {
    const clone = new SimDisk(options);
    let grown = 0;
    const durable = new Map(this.#entries.durable());
    const changes = new Map<SimFile, Change[]>();
    for (const piece of kept) {
      if ('entry' in piece) applyEntry(durable, piece.entry);
      else {
        const known = changes.get(piece.file);
        if (known === undefined) changes.set(piece.file, [piece.change]);
        else known.push(piece.change);
      }
    }
    const copies = new Map<SimFile, SimFile>();
    for (const [path, file] of durable) {
      let copy = copies.get(file);
      if (copy === undefined) {
        const own = changes.get(file) ?? [];
        copy = file.afterPowerCut(own, garbage);
        if (garbage !== undefined && copy.size > file.afterPowerCut(own).size) grown++;
        copies.set(file, copy);
      }
      durable.set(path, copy);
    }
    clone.#entries = DirectoryEntries.onMedium(durable);
    clone.effect = { kept: kept.length, lost: all - kept.length, garbage: grown };
    return clone;
  }

  /** What the medium has, file by file, in no order: for telling states apart. Equal content may be in different arrays. */
  medium(): readonly (readonly [path: string, durable: Uint8Array])[] {
    return Array.from(this.#entries.durable(), ([path, file]) => [path, file.durable] as const);
  }

  /** Paths and sizes of all files, for tests and reports. */
  files(): readonly (readonly [path: string, size: number])[] {
    return [...this.#entries.seen()].map(([path, file]) => [path, file.size] as const).sort();
  }

  /** Where a file can be found, if anywhere. */
  pathOf(file: SimFile): string | undefined {
    const places = [...this.#entries.seen(), ...this.#entries.durable()];
    return places.find(([, other]) => other === file)?.[0];
  }

  allocate(bytes: number): Uint8Array {
    return zeros(bytes);
  }

  open(path: string, mode: OpenMode): DiskFile {
    let file = this.#entries.get(path);
    if (mode === 'create' || mode === 'create-direct') {
      if (file !== undefined) throw this.#options.error('io', `${path} exists already`, path);
      this.#options.trouble?.change?.('create', path);
      file = new SimFile();
      this.#entries.make({ kind: 'link', path, file });
      this.#step(`create ${path}`);
    }
    if (file === undefined) throw this.#options.error('io', `${path} does not exist`, path);
    const isDirect = mode === 'read-direct' || mode === 'create-direct';
    const opened: OpenFile = { path, file, isDirect, closed: false };
    this.openFiles++;
    this.opening?.push(opened);
    return opened;
  }

  close(file: DiskFile): void {
    this.#fileOf(file);
    (file as OpenFile).closed = true;
    this.openFiles--;
    this.#options.trouble?.change?.('close', file.path);
  }

  /** Closes the files of a thread that ended, as the system does. */
  closeLeft(files: readonly DiskFile[]): void {
    for (const file of files as readonly OpenFile[]) {
      if (file.closed) continue;
      file.closed = true;
      this.openFiles--;
    }
  }

  size(file: DiskFile): number {
    return this.#fileOf(file).size;
  }

  readAt(file: DiskFile, target: Uint8Array, offset: number): number {
    const from = this.#fileOf(file);
    this.#options.trouble?.read(file.path);
    const { isDirect } = file as OpenFile;
    const got = isDirect ? from.readDirect(target, offset) : from.read(target, offset);
    this.#waited = isDirect || from.waitsFor(offset, got);
    this.bytesRead += got;
    return got;
  }

  waited(): boolean {
    return this.#waited;
  }

  writeAt(file: DiskFile, bytes: Uint8Array, offset: number): void {
    const target = this.#fileOf(file);
    const grows = offset + bytes.length - target.size;
    const lacks = grows > 0 ? this.usedBytes + grows - this.capacityBytes : 0;
    const fits = lacks > 0 ? Math.max(0, bytes.length - lacks) : bytes.length;
    const said = this.#options.trouble?.write(file.path, bytes.length) ?? fits;
    const { taken, code } = typeof said === 'number' ? { taken: said, code: 'io' as const } : said;
    const whole = Math.min(fits, taken);
    target.write(whole < bytes.length ? bytes.subarray(0, whole) : bytes, offset);
    this.#step(`write ${file.path}`, bytes, offset);
    if (lacks > 0) {
      this.refusals++;
      throw this.#options.error('disk-full', `no space left to write ${file.path}`, file.path);
    }
    if (whole < bytes.length) {
      throw this.#options.error(code, `write to ${file.path} failed half-way`, file.path);
    }
  }

  append(file: DiskFile, bytes: Uint8Array): number {
    const offset = this.size(file);
    this.writeAt(file, bytes, offset);
    return offset;
  }

  async sync(file: DiskFile): Promise<void> {
    const target = this.#fileOf(file);
    return this.#sync(file.path, target);
  }

  /** Covers changes made before this call, and none made while it is in flight. */
  async #sync(path: string, target: SimFile | DirectoryEntries): Promise<void> {
    const { changes } = target;
    await this.#options.syncDelay?.();
    const said = this.#options.trouble?.sync(path) ?? 'done';
    const outcome = typeof said === 'string' ? said : await said;
    this.syncs++;
    if (outcome === 'lies') return;
    const isFailed = outcome === 'fails' || (outcome === 'unsupported' && target !== this.#entries);
    if (--this.#syncsUntilFailure === 0 || isFailed || outcome === 'finds-full') {
      this.failedSyncs++;
      target.failSync(changes);
      const code = outcome === 'finds-full' ? 'disk-full' : 'io';
      throw this.#options.error(code, `sync of ${path} failed`, path);
    }
    target.completeSync(changes);
    this.#step(`sync ${path}`);
  }

  writeDurable(file: DiskFile, bytes: Uint8Array, offset: number): Promise<void> {
    try {
      if (this.#fileOf(file).hasPending) {
        throw this.#breach(`${file.path} has unsynced writes, and is written durably`);
      }
      this.writeAt(file, bytes, offset);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.sync(file);
  }

  truncate(file: DiskFile, size: number): void {
    const target = this.#fileOf(file);
    this.#options.trouble?.change?.('truncate', file.path);
    target.truncate(size);
    this.#step(`truncate ${file.path}`);
  }

  rename(from: string, to: string): void {
    const file = this.#find(from);
    this.#options.trouble?.change?.('rename', from);
    this.#entries.make({ kind: 'rename', from, to, file });
    this.#step(`rename ${from}`);
  }

  remove(path: string): void {
    this.#find(path);
    this.#options.trouble?.change?.('remove', path);
    this.#entries.make({ kind: 'unlink', path });
    this.#step(`remove ${path}`);
  }

  override createDirectory(directory: string): void {
    this.#options.trouble?.change?.('createDirectory', directory);
    super.createDirectory(directory);
  }

  list(directory: string): readonly string[] {
    return this.#entries.list(directory);
  }

  async syncDirectory(directory: string): Promise<void> {
    return this.#sync(directory, this.#entries);
  }

  lock(path: string): { release(): void } {
    if (this.#locks.has(path)) {
      throw this.#options.error('store-locked', `${path} is locked`, path);
    }
    this.#locks.add(path);
    return { release: () => this.#locks.delete(path) };
  }

  #killClone(options: SimDiskOptions): SimDisk {
    const clone = new SimDisk(options);
    const copies = new Map<SimFile, SimFile>();
    const copyOf = (file: SimFile): SimFile => {
      const copy = copies.get(file) ?? file.afterKill();
      copies.set(file, copy);
      return copy;
    };
    clone.#entries = this.#entries.copy(copyOf);
    return clone;
  }

  #find(path: string): SimFile {
    const file = this.#entries.get(path);
    if (file === undefined) throw this.#options.error('io', `${path} does not exist`, path);
    return file;
  }

  /** A misuse by the program, not a disk error. */
  #breach(what: string): Error {
    this.breach ??= what;
    return new Error(what);
  }

  #fileOf(file: DiskFile): SimFile {
    const { closed, file: target, path } = file as OpenFile;
    if (closed) throw this.#breach(`${path} is used after it was closed`);
    return target;
  }

  /** Bytes of all files together. */
  get usedBytes(): number {
    let used = 0;
    for (const file of this.#entries.seen().values()) used += file.size;
    return used;
  }

  #step(what: string, bytes?: Uint8Array, offset = 0): void {
    this.steps++;
    traceStep(what, offset, bytes);
    this.#options.onStep?.(what);
  }
}
