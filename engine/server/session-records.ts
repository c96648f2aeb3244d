/**
 * Session records: what the store holds of sessions, for the next process.
 *
 * `\0assay/session/ID` holds the sequence below which all is answered; `\0assay/result/ID SEQ` is
 * there when that write was committed. Clients neither see nor write these keys.
 *
 * Results are removed in pages, each a commit of its own, so no removal outgrows a segment.
 */
import type { Database } from '../database.ts';
import { utf8 } from '../format/bytes.ts';
import { WriteBatch } from '../wal/write-batch.ts';

/** All keys of the server's own lie from here, inclusive, */
export const SYSTEM_FROM = utf8.encode('\0assay/');
/** to here, exclusive. */
export const SYSTEM_TO = utf8.encode('\0assay0');
const SESSIONS = utf8.encode('\0assay/session/');
const RESULTS = utf8.encode('\0assay/result/');
export const ID_BYTES = 16;
const SEQUENCE_BYTES = 8;
/** Of one page: half of what the smallest segment of a test takes. */
const PAGE_RESULTS = 256;
const SMALL_SEGMENT_BYTES = 64 * 1024;
const SMALL_PAGE_RESULTS = 16;

export class SessionRecords {
  readonly #store: Database;
  readonly #pageResults: number;

  constructor(store: Database) {
    this.#store = store;
    const isSmall = store.settings.segmentBytes < SMALL_SEGMENT_BYTES;
    this.#pageResults = isSmall ? SMALL_PAGE_RESULTS : PAGE_RESULTS;
  }

  /** Every session, and below which sequence all of its writes are answered. */
  *sessions(): Generator<{ readonly id: Uint8Array; readonly answeredBelow: number }, void, void> {
    for (const { key, value } of this.#store.range({ prefix: SESSIONS })) {
      const answeredBelow = Number(Buffer.from(value).readBigUInt64BE());
      yield { id: key.slice(SESSIONS.length), answeredBelow };
    }
  }

  /** Durable when it resolves. */
  async open(id: Uint8Array): Promise<void> {
    await this.#store.put(sessionKey(id), uint64(1), { durability: 'sync' });
  }

  hasResult(id: Uint8Array, sequence: number): boolean {
    return this.#store.get(resultKey(id, sequence)) !== undefined;
  }

  /** Records first that all below is answered, so a late duplicate is refused whatever comes. */
  async prune(id: Uint8Array, from: number, below: number): Promise<void> {
    await this.#store.put(sessionKey(id), uint64(below));
    await this.#removeResults(resultKey(id, from), resultKey(id, below));
  }

  /**
   * The session goes before its results: a crash in between leaves results that nobody asks for,
   * never a session that has forgotten some of them.
   */
  async remove(id: Uint8Array): Promise<void> {
    await this.#store.delete(sessionKey(id));
    await this.#removeResults(resultKey(id), resultKey(id, Number.MAX_SAFE_INTEGER));
  }

  /** Removes the results of sessions that are gone: what a crash within `remove` left. */
  async removeOrphans(isKnown: (id: Uint8Array) => boolean): Promise<void> {
    for (let from: Uint8Array = RESULTS; ; ) {
      const [first] = [...this.#store.range({ from, to: SYSTEM_TO, limit: 1 })];
      if (first === undefined || !startsWith(first.key, RESULTS)) return;
      const id = first.key.slice(RESULTS.length, RESULTS.length + ID_BYTES);
      const end = resultKey(id, Number.MAX_SAFE_INTEGER);
      if (!isKnown(id)) await this.#removeResults(resultKey(id), end);
      from = end;
    }
  }

  /** From, inclusive, to, exclusive. */
  async #removeResults(from: Uint8Array, to: Uint8Array): Promise<void> {
    for (let removed = this.#pageResults; removed === this.#pageResults; ) {
      const batch = new WriteBatch();
      removed = 0;
      for (const { key } of this.#store.range({ from, to, limit: this.#pageResults })) {
        batch.delete(key);
        removed++;
      }
      await this.#store.write(batch);
    }
  }
}

/** Keys of the server's own. */
export function isSystemKey(key: Uint8Array): boolean {
  return startsWith(key, SYSTEM_FROM);
}

/** Its presence says that the write was committed. */
export function resultKey(id: Uint8Array, sequence?: number): Uint8Array {
  return Buffer.concat([RESULTS, id, ...(sequence === undefined ? [] : [uint64(sequence)])]);
}

function sessionKey(id: Uint8Array): Uint8Array {
  return Buffer.concat([SESSIONS, id]);
}

function startsWith(key: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.every((byte, i) => key[i] === byte);
}

function uint64(value: number): Uint8Array {
  const bytes = Buffer.alloc(SEQUENCE_BYTES);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
