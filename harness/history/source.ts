/**
 * HistorySource: the text of a history from a file, a pipe or memory, read once from start to end in
 * pieces, so that a file may exceed the maximum length of a string. Compressed files, other encodings
 * and pipes are held in memory. Lines end with LF, CR LF, or CR if there is no LF.
 */
import { isUtf8 } from 'node:buffer';
import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { contentOf, MARK_BYTES, plainFrom } from './content-bytes.ts';
import { FormatError } from './format-error.ts';

const PIECE_BYTES = 8 << 20;
const HEAD_BYTES = 64 << 10;
const NEWLINE = 10;
const RETURN = 13;
const STANDARD_INPUT = 0;

/** Bytes read so far, and in total. */
export type ReadProgress = (done: number, total: number) => void;

export interface LineOfBytes {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly number: number;
}

export class HistorySource {
  readonly name: string;
  /** The whole content, if it was read already. */
  #bytes: Buffer | undefined;
  /** Offset in a file at which the text begins. */
  #from = 0;
  readonly #progress: ReadProgress;
  readonly #pieceBytes: number;

  private constructor(
    name: string,
    bytes: Buffer | undefined,
    progress: ReadProgress,
    pieceBytes = PIECE_BYTES,
  ) {
    this.name = name;
    this.#bytes = bytes === undefined ? undefined : withLineFeeds(contentOf(bytes));
    this.#progress = progress;
    this.#pieceBytes = pieceBytes;
  }

  /** `-` is the standard input. A file that can be read only once (a pipe) is read completely here. */
  static ofFile(path: string, progress: ReadProgress = () => {}): HistorySource {
    if (path === '-') return HistorySource.#whole(path, readFileSync(STANDARD_INPUT), progress);
    const kind = statSync(path);
    if (kind.isDirectory()) return new HistorySource(path, undefined, progress);
    if (!kind.isFile()) return HistorySource.#whole(path, readFileSync(path), progress);
    const source = new HistorySource(path, undefined, progress);
    const head = source.#read(0, HEAD_BYTES);
    const from = plainFrom(head.subarray(0, MARK_BYTES));
    const isPlain = from !== undefined && (head.includes(NEWLINE) || !head.includes(RETURN));
    if (!isPlain) return HistorySource.#whole(path, readFileSync(path), progress);
    source.#from = from;
    return source;
  }

  static ofText(text: string): HistorySource {
    return new HistorySource('text', Buffer.from(text), () => {});
  }

  static ofBytes(bytes: Uint8Array, pieceBytes?: number): HistorySource {
    return new HistorySource('bytes', Buffer.from(bytes), () => {}, pieceBytes);
  }

  static #whole(name: string, bytes: Buffer, progress: ReadProgress): HistorySource {
    return new HistorySource(name, bytes, progress);
  }

  /** The first bytes, for format detection. */
  head(): Buffer {
    return this.#bytes?.subarray(0, HEAD_BYTES) ?? this.#read(this.#from, HEAD_BYTES);
  }

  #read(from: number, size: number): Buffer {
    const file = openSync(this.name, 'r');
    try {
      const head = Buffer.alloc(Math.min(size, fstatSync(file).size));
      return head.subarray(0, readSync(file, head, 0, head.length, from));
    } finally {
      closeSync(file);
    }
  }

  isDirectory(): boolean {
    return this.#bytes === undefined && statSync(this.name).isDirectory();
  }

  size(): number {
    return this.#bytes?.length ?? statSync(this.name).size - this.#from;
  }

  /** The whole content. */
  bytes(): Buffer {
    this.#bytes ??= readFileSync(this.name).subarray(this.#from);
    return this.#bytes;
  }

  /** Throws FormatError with the position of invalid UTF-8. */
  text(): string {
    const bytes = this.bytes();
    requireUtf8(bytes, 1);
    return bytes.toString('utf8');
  }

  /** Visits the non-empty lines, without line ends; numbered from 1. */
  eachLine(visit: (line: string, number: number) => void): void {
    let number = 0;
    for (const block of this.#blocks()) {
      requireUtf8(block, number + 1);
      const text = block.toString('utf8');
      for (let start = 0; start < text.length; ) {
        const found = text.indexOf('\n', start);
        const next = found < 0 ? text.length : found;
        number++;
        const end = next > start && text.charCodeAt(next - 1) === RETURN ? next - 1 : next;
        if (end > start) visit(text.slice(start, end), number);
        start = next + 1;
      }
    }
  }

  /** Likewise, each line as a range of a buffer that is reused for the next lines. */
  eachLineOfBytes(visit: (line: LineOfBytes) => void): void {
    const line: { -readonly [Name in keyof LineOfBytes]: LineOfBytes[Name] } = {
      bytes: Buffer.alloc(0),
      start: 0,
      end: 0,
      number: 0,
    };
    for (const block of this.#blocks()) {
      requireUtf8(block, line.number + 1);
      line.bytes = block;
      for (let start = 0; start < block.length; ) {
        const found = block.indexOf(NEWLINE, start);
        const next = found < 0 ? block.length : found;
        line.number++;
        line.start = start;
        line.end = next > start && block[next - 1] === RETURN ? next - 1 : next;
        if (line.end > start) visit(line);
        start = next + 1;
      }
    }
  }

  /** Pieces of whole lines. */
  *#blocks(): Generator<Buffer> {
    let rest: Buffer = Buffer.alloc(0);
    for (const piece of this.#pieces()) {
      const first = piece.indexOf(NEWLINE) + 1;
      if (first === 0) {
        rest = Buffer.concat([rest, piece]);
        continue;
      }
      const last = piece.lastIndexOf(NEWLINE) + 1;
      const from = rest.length === 0 ? 0 : first;
      if (from > 0) yield Buffer.concat([rest, piece.subarray(0, first)]);
      if (last > from) yield piece.subarray(from, last);
      rest = Buffer.from(piece.subarray(last));
    }
    yield rest;
  }

  /**
   * One buffer is reused for all pieces, because the first touch of fresh memory is slow. A piece must
   * be consumed before the next is requested.
   */
  *#pieces(): Generator<Buffer> {
    if (this.#bytes !== undefined) {
      for (let at = 0; at < this.#bytes.length; at += this.#pieceBytes) {
        yield this.#bytes.subarray(at, at + this.#pieceBytes);
      }
      return;
    }
    const file = openSync(this.name, 'r');
    try {
      const total = fstatSync(file).size;
      const piece = Buffer.allocUnsafe(this.#pieceBytes);
      for (let done = this.#from; ; ) {
        const size = readSync(file, piece, 0, piece.length, done);
        if (size === 0) return;
        done += size;
        this.#progress(done, total);
        yield piece.subarray(0, size);
      }
    } finally {
      closeSync(file);
    }
  }
}

/** For lines that end with CR alone; a zero byte means that the data is binary. */
function withLineFeeds(bytes: Buffer): Buffer {
  if (!bytes.includes(RETURN) || bytes.includes(NEWLINE) || bytes.includes(0)) return bytes;
  const changed = Buffer.from(bytes);
  for (let at = changed.indexOf(RETURN); at >= 0; at = changed.indexOf(RETURN, at + 1)) {
    changed[at] = NEWLINE;
  }
  return changed;
}

/** `line`: line number of the first byte. */
function requireUtf8(bytes: Buffer, line: number): void {
  if (isUtf8(bytes)) return;
  let [start, at] = [0, line];
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    if (!isUtf8(bytes.subarray(start, end))) break;
    start = end + 1;
    at++;
  }
  throw new FormatError(`line ${at}: the text is no UTF-8`);
}
