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

  private constructor(name: string, bytes: Buffer | undefined, progress: ReadProgress) {
    this.name = name;
    this.#bytes = bytes;
    this.#progress = progress;
  }

  static ofFile(path: string, progress: ReadProgress = () => {}): HistorySource {
    return new HistorySource(path, undefined, progress);
  }

  static ofText(text: string): HistorySource {
    return new HistorySource('text', Buffer.from(text), () => {});
  }

  static ofBytes(bytes: Uint8Array): HistorySource {
    return new HistorySource('bytes', Buffer.from(bytes), () => {});
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
    const take = (bytes: Buffer, from: number, to: number) => {
      number++;
      const end = to > from && bytes[to - 1] === RETURN ? to - 1 : to;
      if (end > from) visit(bytes.toString('utf8', from, end), number);
    };
    for (const piece of this.#pieces()) {
      const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
      let start = 0;
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
        take(bytes, start, end);
        start = end + 1;
      }
      rest = Buffer.from(bytes.subarray(start));
    }
    if (rest.length > 0) take(rest, 0, rest.length);
  }

  *#pieces(): Generator<Buffer> {
    if (this.#bytes !== undefined) {
      yield this.#bytes;
      return;
    }
    const file = openSync(this.name, 'r');
    try {
      const total = fstatSync(file).size;
      for (let done = 0; ; ) {
        const piece = Buffer.allocUnsafe(PIECE_BYTES);
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
