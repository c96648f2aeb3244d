/**
 * PagedFile: a file's bytes in pages of 4 KiB, as they are and as the medium has them. A page that
 * was written since the last sync remembers what it was; a power cut may give that back, sector by
 * sector. What a page held in between is forgotten, as the page cache forgets it.
 */
export const PAGE_BYTES = 4096;
const SECTOR_BYTES = 512;

/** Decides for each thing that is not durable whether a power cut keeps it. */
export type Keeps = () => boolean;

export class PagedFile {
  readonly #pages = new Map<number, Buffer>();
  /** What the medium has of pages that were written since: `undefined` where it has none. */
  readonly #before = new Map<number, Buffer | undefined>();
  #durableSize = 0;
  /** Pages written since an audit began. */
  readonly touched = new Set<number>();
  size = 0;

  get isDirty(): boolean {
    return this.#before.size > 0 || this.#durableSize !== this.size;
  }

  /** Answers how many bytes were read: fewer only at the file's end. */
  read(target: Buffer, offset: number): number {
    const length = Math.max(0, Math.min(target.length, this.size - offset));
    for (let done = 0; done < length; ) {
      const at = offset + done;
      const within = at % PAGE_BYTES;
      const piece = Math.min(PAGE_BYTES - within, length - done);
      const page = this.#pages.get(Math.floor(at / PAGE_BYTES));
      if (page === undefined) target.fill(0, done, done + piece);
      else page.copy(target, done, within, within + piece);
      done += piece;
    }
    return length;
  }

  write(bytes: Buffer, offset: number): void {
    for (let done = 0; done < bytes.length; ) {
      const at = offset + done;
      const number = Math.floor(at / PAGE_BYTES);
      const within = at % PAGE_BYTES;
      const piece = Math.min(PAGE_BYTES - within, bytes.length - done);
      bytes.copy(this.#own(number), within, done, done + piece);
      done += piece;
    }
    this.size = Math.max(this.size, offset + bytes.length);
  }

  truncate(size: number): void {
    if (size < this.size) {
      const last = Math.floor(size / PAGE_BYTES);
      for (const number of [...this.#pages.keys()]) {
        if (number < last || (number === last && size % PAGE_BYTES > 0)) continue;
        this.#remember(number);
        this.#pages.delete(number);
      }
      if (size % PAGE_BYTES > 0 && this.#pages.has(last))
        this.#own(last).fill(0, size % PAGE_BYTES);
    }
    this.size = size;
  }

  sync(): void {
    this.#before.clear();
    this.#durableSize = this.size;
  }

  /** The file is afterwards what the medium has after a power cut. */
  cut(keeps: Keeps): void {
    for (const [number, before] of this.#before) {
      const page = this.#pages.get(number) ?? Buffer.alloc(PAGE_BYTES);
      const old = before ?? Buffer.alloc(PAGE_BYTES);
      for (let at = 0; at < PAGE_BYTES; at += SECTOR_BYTES) {
        if (!keeps()) old.copy(page, at, at, at + SECTOR_BYTES);
      }
      this.#pages.set(number, page);
    }
    // What was kept of pages behind the end is not there: when the file grows again, it has zeros.
    if (this.#durableSize !== this.size && !keeps()) this.truncate(this.#durableSize);
    this.sync();
  }

  /** Whether the medium has these bytes, in a page that was written since the audit began. */
  hasDurably(bytes: Buffer): boolean {
    for (const number of this.touched) {
      const before = this.#durablePage(number - 1);
      const pages = [before, this.#durablePage(number), this.#durablePage(number + 1)];
      if (Buffer.concat(pages).includes(bytes)) return true;
    }
    return false;
  }

  #durablePage(number: number): Buffer {
    const page = this.#before.has(number) ? this.#before.get(number) : this.#pages.get(number);
    return page ?? Buffer.alloc(PAGE_BYTES);
  }

  #own(number: number): Buffer {
    this.#remember(number);
    this.touched.add(number);
    let page = this.#pages.get(number);
    if (page === undefined) {
      page = Buffer.alloc(PAGE_BYTES);
      this.#pages.set(number, page);
    }
    return page;
  }

  #remember(number: number): void {
    if (this.#before.has(number)) return;
    const page = this.#pages.get(number);
    this.#before.set(number, page === undefined ? undefined : Buffer.from(page));
  }
}
