/**
 * SimFile: one file's bytes, twice: what a reader sees, and what the medium has.
 *
 * `durable` is pristine: it changes only when a sync completes. Between the two lies the list of
 * pending changes, in order. A crash keeps some of them, sector by sector.
 */
import type { Prng } from '../../random/prng.ts';
import { copyOf, zeros } from './small-memory.ts';

/** One thing that a sync would carry to the medium: a write or a piece of one, or a new size. */
export type Change =
  | { readonly kind: 'write'; readonly offset: number; readonly bytes: Uint8Array; lost: boolean }
  | { readonly kind: 'truncate'; readonly size: number; lost: boolean };

const PAGE_BYTES = 4096;

export class SimFile {
  #content: Uint8Array;
  #durable: Uint8Array;
  /** Others have these arrays too: they must not be written to. */
  #contentIsLent = true;
  #durableIsLent = true;
  #pending: Change[] = [];
  /** Changes that syncs have taken out of `#pending`. */
  #settled = 0;
  /** Whether readers see bytes that no sync will ever write. */
  #diverged = false;
  /** The pages that were read since the process began: the system has them in memory. */
  readonly #cachedPages = new Set<number>();
  size: number;

  constructor(durable: Uint8Array = new Uint8Array(0)) {
    this.#durable = durable;
    this.#content = durable;
    this.size = durable.length;
  }

  get hasPending(): boolean {
    return this.#pending.length > 0;
  }

  /** Changes made so far: what a sync that begins now will cover. */
  get changes(): number {
    return this.#settled + this.#pending.length;
  }

  read(target: Uint8Array, offset: number): number {
    const length = Math.max(0, Math.min(target.length, this.size - offset));
    target.set(this.#content.subarray(offset, offset + length));
    return length;
  }

  /** Whether a read of `bytes` at `offset` waits for the medium. The next one there does not. */
  waitsFor(offset: number, bytes: number): boolean {
    let waits = false;
    const last = Math.floor((offset + bytes - 1) / PAGE_BYTES);
    for (let page = Math.floor(offset / PAGE_BYTES); page <= last; page++) {
      waits ||= !this.#cachedPages.has(page);
      this.#cachedPages.add(page);
    }
    return waits;
  }

  /** Past the system's cache: bytes that no sync will ever write are not there. */
  readDirect(target: Uint8Array, offset: number): number {
    if (!this.#diverged && !this.#pending.some((change) => change.lost))
      return this.read(target, offset);
    const length = Math.max(0, Math.min(target.length, this.size - offset));
    const kept = this.#pending.filter((change) => !change.lost);
    const medium = kept.length === 0 ? this.#durable : applyChanges(this.#durable, kept);
    target.fill(0, 0, length);
    target.set(medium.subarray(offset, offset + length));
    return length;
  }

  write(bytes: Uint8Array, offset: number): void {
    if (bytes.length === 0) return; // as in POSIX, it does not grow the file
    const copy = copyOf(bytes);
    this.#pending.push({ kind: 'write', offset, bytes: copy, lost: false });
    const end = offset + copy.length;
    if (offset === 0 && end >= this.size) {
      this.#content = copy;
      this.#contentIsLent = true;
    } else {
      this.#ownContent(end);
      this.#content.set(copy, offset);
    }
    this.size = Math.max(this.size, end);
  }

  truncate(size: number): void {
    this.#pending.push({ kind: 'truncate', size, lost: false });
    this.#ownContent(size);
    this.#content.fill(0, size);
    this.size = size;
  }

  /** The changes up to number `changes` reached the medium, whatever other syncs did meanwhile. */
  completeSync(changes: number): void {
    const count = Math.max(0, changes - this.#settled);
    const done = this.#pending.slice(0, count);
    this.#pending = this.#pending.slice(count);
    this.#settled += done.length;
    const kept = done.filter((change) => !change.lost);
    if (kept.length < done.length) this.#diverged = true;
    if (kept.length === 0) return;
    if (this.#durableIsLent || !kept.every((change) => this.#fitsMedium(change))) {
      this.#durable = applyChanges(this.#durable, kept);
      // A single change may have become the medium itself, and is still a change to others.
      this.#durableIsLent = kept.length === 1;
    } else {
      for (const change of kept) applyWithin(this.#durable, change);
    }
  }

  #fitsMedium(change: Change): boolean {
    return change.kind === 'write' && end(change) <= this.#durable.length;
  }

  /**
   * A sync of the changes up to number `changes` failed. As on Linux the pages count as clean
   * afterwards: readers still see them, and no later sync writes them.
   */
  failSync(changes: number): void {
    const count = Math.max(0, changes - this.#settled);
    for (const change of this.#pending.slice(0, count)) change.lost = true;
  }

  /** Flips one bit of the medium and of what readers see. */
  flipBit(bit: number): void {
    this.#ownContent(this.size);
    const at = bit >> 3;
    this.#content[at]! ^= 1 << (bit & 7);
    this.#durable = this.#durable.slice();
    this.#durableIsLent = false;
    if (at < this.#durable.length) this.#durable[at]! ^= 1 << (bit & 7);
  }

  /** The same file in the hands of the next process: nothing was written back, nothing lost. */
  afterKill(): SimFile {
    const file = new SimFile(this.durable);
    if (this.#pending.length === 0 && !this.#diverged) return file;
    file.#pending = this.#pending.map((change) => ({ ...change }));
    file.#content = this.#content.slice(0, this.size);
    file.#contentIsLent = false;
    file.#diverged = this.#diverged;
    file.size = this.size;
    return file;
  }

  /**
   * What of the pending changes a power cut may keep or take, each on its own, in order: sectors of
   * writes, and truncations. A sector that would change nothing on the medium is left out.
   */
  pieces(sectorBytes: number): readonly Change[] {
    return this.#pending.length === 0
      ? []
      : splitChanges(this.#pending, sectorBytes, this.#durable);
  }

  /**
   * What the medium has after a power cut that kept these pieces of the pending changes. With
   * `garbage` the size came before the data, as file systems may write them: all that was to grow
   * has grown, and holds garbage where nothing was kept.
   */
  afterPowerCut(kept: readonly Change[], garbage?: Prng): SimFile {
    const grown = garbage === undefined ? undefined : this.#grownWith(garbage);
    if (grown !== undefined) {
      for (const change of kept) applyWithin(grown, change);
      return new SimFile(grown);
    }
    return new SimFile(kept.length === 0 ? this.durable : applyChanges(this.#durable, kept));
  }

  /** `undefined` where nothing is to grow, or something is to be cut. */
  #grownWith(garbage: Prng): Uint8Array | undefined {
    const { length } = this.#durable;
    let size = length;
    for (const change of this.#pending) {
      if (change.kind === 'truncate') return undefined;
      if (!change.lost) size = Math.max(size, end(change));
    }
    if (size === length) return undefined;
    const bytes = new Uint8Array(size);
    bytes.set(this.#durable);
    for (let at = length; at < size; at++) bytes[at] = garbage.nextUint32();
    return bytes;
  }

  /** The durable content. Never mutated: new content is a new array. */
  get durable(): Uint8Array {
    this.#durableIsLent = true;
    return this.#durable;
  }

  #ownContent(size: number): void {
    const lent = this.#contentIsLent;
    if (!lent && size <= this.#content.length) return;
    const wider = zeros(Math.max(size, this.size, lent ? 0 : 2 * this.#content.length));
    wider.set(this.#content.subarray(0, this.size));
    this.#content = wider;
    this.#contentIsLent = false;
  }
}

function applyChanges(base: Uint8Array, changes: readonly Change[]): Uint8Array {
  const [first] = changes;
  if (changes.length === 1 && first?.kind === 'write' && first.offset === 0) {
    if (first.bytes.length >= base.length) return first.bytes;
  }
  let size = base.length;
  let sizeMax = size;
  for (const change of changes) {
    size = change.kind === 'truncate' ? change.size : Math.max(size, end(change));
    sizeMax = Math.max(sizeMax, size);
  }
  const bytes = zeros(sizeMax);
  bytes.set(base);
  for (const change of changes) applyWithin(bytes, change);
  return bytes.subarray(0, size);
}

function applyWithin(bytes: Uint8Array, change: Change): void {
  if (change.kind === 'write') bytes.set(change.bytes, change.offset);
  else bytes.fill(0, change.size);
}

function end(change: { readonly offset: number; readonly bytes: Uint8Array }): number {
  return change.offset + change.bytes.length;
}

/** Splits writes at sector boundaries, and drops pieces equal to the durable content. */
function splitChanges(
  changes: readonly Change[],
  sectorBytes: number,
  durable: Uint8Array,
): Change[] {
  const pieces: Change[] = [];
  const touched = new Set<number>();
  let cut = false;
  for (const change of changes) {
    if (change.kind === 'truncate') {
      pieces.push(change);
      cut = true;
      continue;
    }
    for (let start = change.offset; start < end(change); ) {
      const next = Math.min(end(change), (Math.floor(start / sectorBytes) + 1) * sectorBytes);
      const bytes = change.bytes.subarray(start - change.offset, next - change.offset);
      const sector = Math.floor(start / sectorBytes);
      if (cut || touched.has(sector) || !holdsAt(durable, bytes, start)) {
        pieces.push({ kind: 'write', offset: start, bytes, lost: false });
        touched.add(sector);
      }
      start = next;
    }
  }
  return pieces;
}

function holdsAt(content: Uint8Array, bytes: Uint8Array, offset: number): boolean {
  if (offset + bytes.length > content.length) return false;
  for (let i = 0; i < bytes.length; i++) if (content[offset + i] !== bytes[i]) return false;
  return true;
}
