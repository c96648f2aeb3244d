/**
 * HistorySource: the bytes of a history, from a file or from memory, read once from front to back
 * in pieces, so that a file larger than the longest string is no matter.
 */
import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs';

const PIECE_BYTES = 8 << 20;
const HEAD_BYTES = 64 << 10;
const NEWLINE = 10;
const RETURN = 13;

/** Bytes read so far, and all in all. */
export type ReadProgress = (done: number, total: number) => void;

export class HistorySource {
  readonly name: string;
  readonly #bytes: Buffer | undefined;
  readonly #progress: ReadProgress;
  readonly #pieceBytes: number;

  private constructor(
    name: string,
    bytes: Buffer | undefined,
    progress: ReadProgress,
    pieceBytes = PIECE_BYTES,
  ) {
    this.name = name;
    this.#bytes = bytes;
    this.#progress = progress;
    this.#pieceBytes = pieceBytes;
  }

  static ofFile(path: string, progress: ReadProgress = () => {}): HistorySource {
    return new HistorySource(path, undefined, progress);
  }

  static ofText(text: string): HistorySource {
    return new HistorySource('text', Buffer.from(text), () => {});
  }

  static ofBytes(bytes: Uint8Array, pieceBytes?: number): HistorySource {
    return new HistorySource('bytes', Buffer.from(bytes), () => {}, pieceBytes);
  }

  /** The first bytes, to find out the format. */
  head(): Buffer {
    if (this.#bytes !== undefined) return this.#bytes.subarray(0, HEAD_BYTES);
    const file = openSync(this.name, 'r');
    try {
      const head = Buffer.alloc(Math.min(HEAD_BYTES, fstatSync(file).size));
      return head.subarray(0, readSync(file, head, 0, head.length, 0));
    } finally {
      closeSync(file);
    }
  }

  isDirectory(): boolean {
    return this.#bytes === undefined && statSync(this.name).isDirectory();
  }

  size(): number {
    return this.#bytes?.length ?? statSync(this.name).size;
  }

  /** Everything at once. */
  bytes(): Buffer {
    return this.#bytes ?? readFileSync(this.name);
  }

  text(): string {
    return this.bytes().toString('utf8');
  }

  /** Visits the lines that are not empty, without their ends; numbers from 1. */
  eachLine(visit: (line: string, number: number) => void): void {
    let number = 0;
    let rest: Buffer = Buffer.alloc(0);
    const take = (text: string) => {
      for (let start = 0; start < text.length; ) {
        const found = text.indexOf('\n', start);
        const next = found < 0 ? text.length : found;
        number++;
        const end = next > start && text.charCodeAt(next - 1) === RETURN ? next - 1 : next;
        if (end > start) visit(text.slice(start, end), number);
        start = next + 1;
      }
    };
    for (const piece of this.#pieces()) {
      const last = piece.lastIndexOf(NEWLINE) + 1;
      const whole =
        rest.length === 0
          ? piece.subarray(0, last)
          : Buffer.concat([rest, piece.subarray(0, last)]);
      rest = last === 0 ? Buffer.concat([rest, piece]) : Buffer.from(piece.subarray(last));
      if (last > 0) take(whole.toString('utf8'));
    }
    take(rest.toString('utf8'));
  }

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
      for (let done = 0; ; ) {
        const piece = Buffer.allocUnsafe(this.#pieceBytes);
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
