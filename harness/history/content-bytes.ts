/**
 * Decodes a file to UTF-8 text: unpacks gzip and zstd, converts UTF-16, drops a byte order mark. All
 * detected by content, never by name.
 */
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { FormatError } from './format-error.ts';

const UTF8_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const PACKINGS = [
  { name: 'gzip', magic: Buffer.from([0x1f, 0x8b]), unpack: gunzipSync },
  { name: 'zstd', magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), unpack: zstdDecompressSync },
] as const;
const WIDE = [
  { name: 'utf-16le', mark: Buffer.from([0xff, 0xfe]) },
  { name: 'utf-16be', mark: Buffer.from([0xfe, 0xff]) },
] as const;
/** Compression may be nested. */
const PACKED_MAX = 3;
/** Leading bytes that identify the format of a file. */
export const MARK_BYTES = 4;

const beginsWith = (bytes: Buffer, mark: Buffer) => bytes.subarray(0, mark.length).equals(mark);

/** Length of the byte-order mark to skip if the bytes are plain text; otherwise `undefined`. */
export function plainFrom(head: Buffer): number | undefined {
  if (PACKINGS.some(({ magic }) => beginsWith(head, magic))) return undefined;
  if (WIDE.some(({ mark }) => beginsWith(head, mark))) return undefined;
  return beginsWith(head, UTF8_MARK) ? UTF8_MARK.length : 0;
}

/** Throws FormatError for corrupt compressed data. */
export function contentOf(packed: Buffer): Buffer {
  let bytes = packed;
  for (let depth = 0; depth < PACKED_MAX; depth++) {
    const packing = PACKINGS.find(({ magic }) => beginsWith(bytes, magic));
    if (packing === undefined) break;
    try {
      bytes = packing.unpack(bytes);
    } catch (error) {
      throw new FormatError(`byte 0: ${packing.name} that can't be unpacked: ${messageOf(error)}`);
    }
  }
  const wide = WIDE.find(({ mark }) => beginsWith(bytes, mark));
  if (wide !== undefined) bytes = Buffer.from(new TextDecoder(wide.name).decode(bytes));
  return beginsWith(bytes, UTF8_MARK) ? bytes.subarray(UTF8_MARK.length) : bytes;
}

const messageOf = (error: unknown) => (error as Error)?.message ?? String(error);
