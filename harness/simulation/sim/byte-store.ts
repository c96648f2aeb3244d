/**
 * ByteStore: a simulated store as its own callers see it, in bytes: for runs that misuse the memory
 * that they hand over and are given. Everything but commits is done in the caller's turn.
 */
export interface ByteRecord {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export interface ByteRange {
  readonly from?: Uint8Array;
  readonly to?: Uint8Array;
  readonly prefix?: Uint8Array;
  readonly reverse?: boolean;
  readonly limit?: number;
}

export interface ByteReader {
  get(key: Uint8Array): Uint8Array | undefined;
  range(range?: ByteRange): Generator<ByteRecord, void, void>;
}

export interface ByteSnapshot extends ByteReader {
  close(): void;
}

export interface ByteTransaction extends ByteReader {
  put(key: Uint8Array, value: Uint8Array): void;
  delete(key: Uint8Array): void;
  commit(): Promise<unknown>;
  rollback(): void;
}

export interface ByteBatch {
  put(key: Uint8Array, value: Uint8Array): void;
  delete(key: Uint8Array): void;
  clear(): void;
}

export interface ByteStore extends ByteReader {
  getMany(keys: readonly Uint8Array[]): readonly (Uint8Array | undefined)[];
  getView<T>(key: Uint8Array, use: (value: Uint8Array) => T): T | undefined;
  put(key: Uint8Array, value: Uint8Array): Promise<unknown>;
  delete(key: Uint8Array): Promise<unknown>;
  write(batch: ByteBatch): Promise<unknown>;
  /** Returns 0 if there is no room right now. */
  writeNow(batch: ByteBatch): number;
  snapshot(): ByteSnapshot;
  begin(isolation?: 'snapshot' | 'serializable'): ByteTransaction;
  compact(): Promise<void>;
  close(): Promise<void>;
}

export interface OpenedBytes {
  readonly store: ByteStore;
  newBatch(): ByteBatch;
}
