/**
 * Content: a file's bytes in pages of 4 KiB, sparse. Two versions of a file share the pages in which
 * they agree; a page is copied before its first change.
 *
 * Invariants: bytes behind the size read as zeros when the file grows; a page is in `#pages` when it
 * was written, in `#unwritten` when it was only allocated.
 */
export const PAGE_BYTES = 4096;
export const SECTOR_BYTES = 512;

export class Content {
  readonly #pages: Map<number, Buffer>;
  readonly #unwritten: Set<number>;
  /** Pages not shared with another version: they may be changed in place. */
  readonly #owned = new Set<number>();
  size: number;

  constructor(other?: Content) {
    this.#pages = new Map(other === undefined ? [] : other.#pages);
    this.#unwritten = new Set(other === undefined ? [] : other.#unwritten);
    this.size = other?.size ?? 0;
    if (other !== undefined) other.#owned.clear();
  }

  get allocatedPages(): number {
    return this.#pages.size + this.#unwritten.size;
  }

  /** Written pages in ascending order. Requires: the caller does not change them. */
  get pages(): readonly (readonly [page: number, bytes: Buffer])[] {
    return [...this.#pages].sort(([a], [b]) => a - b);
  }

  hasWritten(page: number): boolean {
    return this.#pages.has(page);
  }

  /** Returns the number of bytes read: fewer than requested only at the end of the file. */
  read(target: Buffer, offset: number): number {
    const length = Math.max(0, Math.min(target.length, this.size - offset));
    for (const { page, within, at, bytes } of piecesOf(offset, length)) {
      const from = this.#pages.get(page);
      if (from === undefined) target.fill(0, at, at + bytes);
      else from.copy(target, at, within, within + bytes);
    }
    return length;
  }

  /** All bytes, or those of one page up to the file's end. */
  readAll(): Buffer {
    const bytes = Buffer.alloc(this.size);
    this.read(bytes, 0);
    return bytes;
  }

  /** Requires: `bytes` is not changed afterwards, because whole pages of it become pages of the file. */
  write(bytes: Buffer, offset: number): void {
    for (const { page, within, at, bytes: length } of piecesOf(offset, bytes.length)) {
      if (length === PAGE_BYTES) {
        this.#pages.set(page, bytes.subarray(at, at + length));
        this.#owned.delete(page);
      } else bytes.copy(this.#own(page), within, at, at + length);
      this.#unwritten.delete(page);
    }
    this.size = Math.max(this.size, offset + bytes.length);
  }

  /** Overwrites bytes within the file; the size does not change. */
  patch(bytes: Buffer, offset: number): void {
    const { size } = this;
    this.write(bytes, offset);
    this.size = size;
  }

  truncate(size: number): void {
    if (size < this.size) this.#clearBehind(size);
    this.size = size;
  }

  /** Zeroes the last page beyond the end of the file. */
  trim(): void {
    this.#clearBehind(this.size);
  }

  /** Punches a hole at `offset`: whole pages are freed. */
  punch(offset: number, length: number): void {
    for (const { page, within, bytes } of piecesOf(offset, length)) {
      if (bytes === PAGE_BYTES) this.#forget(page);
      else if (this.#pages.has(page)) this.#own(page).fill(0, within, within + bytes);
    }
  }

  allocate(offset: number, length: number, size: number): void {
    for (const { page } of piecesOf(offset, length)) {
      if (!this.#pages.has(page)) this.#unwritten.add(page);
    }
    this.size = Math.max(this.size, size);
  }

  /**
   * Start of data, or of a hole, at or after `offset` (SEEK_DATA, SEEK_HOLE); `undefined` behind the
   * last data.
   */
  seek(offset: number, what: 'data' | 'hole'): number | undefined {
    if (offset >= this.size) return undefined;
    const end = Math.ceil(this.size / PAGE_BYTES);
    const first = Math.floor(offset / PAGE_BYTES);
    const at = (page: number) => Math.max(offset, page * PAGE_BYTES);
    if (what === 'hole') {
      let page = first;
      while (page < end && this.#pages.has(page)) page++;
      return page >= end ? this.size : at(page);
    }
    let nearest = Number.POSITIVE_INFINITY;
    if (this.#pages.has(first)) nearest = first;
    else {
      for (const page of this.#pages.keys()) if (page > first && page < nearest) nearest = page;
    }
    return nearest < end ? at(nearest) : undefined;
  }

  #clearBehind(size: number): void {
    const last = Math.floor(size / PAGE_BYTES);
    const within = size % PAGE_BYTES;
    for (const page of [...this.#pages.keys(), ...this.#unwritten]) {
      if (page > last || (page === last && within === 0)) this.#forget(page);
    }
    if (within > 0 && this.#pages.has(last)) this.#own(last).fill(0, within);
  }

  #forget(page: number): void {
    this.#pages.delete(page);
    this.#unwritten.delete(page);
    this.#owned.delete(page);
  }

  #own(number: number): Buffer {
    const page = this.#pages.get(number);
    if (page !== undefined && this.#owned.has(number)) return page;
    const own = page === undefined ? Buffer.alloc(PAGE_BYTES) : Buffer.from(page);
    this.#pages.set(number, own);
    this.#owned.add(number);
    return own;
  }
}

export interface Piece {
  readonly page: number;
  /** Where in the page it begins, and where in the range. */
  readonly within: number;
  readonly at: number;
  readonly bytes: number;
}

/** The parts of a range of bytes, page by page. */
export function* piecesOf(offset: number, length: number): Generator<Piece> {
  for (let at = 0; at < length; ) {
    const within = (offset + at) % PAGE_BYTES;
    const bytes = Math.min(PAGE_BYTES - within, length - at);
    yield { page: Math.floor((offset + at) / PAGE_BYTES), within, at, bytes };
    at += bytes;
  }
}
