/**
 * Audit: whether just acknowledged bytes are on the medium, in a file that a durable name leads to.
 * Needs no cut.
 */
import { PAGE_BYTES, piecesOf, SECTOR_BYTES } from './content.ts';
import type { Inode } from './inode.ts';

/** Maximum gap between two parts of a value that is split by a block header or trailer, in bytes. */
const HEADER_BYTES_MAX = 64;
const TRAILER_BYTES_MAX = 8;

export class Audit {
  readonly #touched = new Map<Inode, Set<number>>();
  #isOn = false;

  /** Starts recording writes. */
  begin(): void {
    this.#isOn = true;
    this.#touched.clear();
  }

  touch(inode: Inode, offset: number, length: number): void {
    if (!this.#isOn) return;
    const pages = this.#touched.get(inode) ?? new Set();
    for (const { page } of piecesOf(offset, length)) pages.add(page);
    this.#touched.set(inode, pages);
  }

  /** Whether the medium has the bytes, in a page written since the audit began. */
  isDurable(bytes: Buffer, root: Inode): boolean {
    const reachable = reachableFrom(root);
    for (const [inode, pages] of this.#touched) {
      if (!reachable.has(inode)) continue;
      for (const page of pages) if (hasAround(inode, page, bytes)) return true;
    }
    return false;
  }
}

function reachableFrom(root: Inode): ReadonlySet<Inode> {
  const seen = new Set<Inode>();
  const walk = (inode: Inode) => {
    if (seen.has(inode)) return;
    seen.add(inode);
    for (const child of inode.medium.children.values()) walk(child);
  };
  walk(root);
  return seen;
}

function hasAround({ medium: { content } }: Inode, page: number, bytes: Buffer): boolean {
  const from = Math.max(0, (page - 1) * PAGE_BYTES);
  const area = Buffer.alloc(3 * PAGE_BYTES);
  const text = area.subarray(0, content.read(area, from));
  if (text.includes(bytes)) return true;
  for (let boundary = SECTOR_BYTES; boundary < text.length; boundary += SECTOR_BYTES)
    if (isSplitAt(text, boundary, bytes)) return true;
  return false;
}

function isSplitAt(text: Buffer, boundary: number, bytes: Buffer): boolean {
  for (let first = 1; first < bytes.length; first++) {
    const head = bytes.subarray(0, first);
    const tail = bytes.subarray(first);
    const before = text.subarray(Math.max(0, boundary - TRAILER_BYTES_MAX - first), boundary);
    const after = text.subarray(boundary, boundary + HEADER_BYTES_MAX + tail.length);
    if (before.includes(head) && after.includes(tail)) return true;
  }
  return false;
}
