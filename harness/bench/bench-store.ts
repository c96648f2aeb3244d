/**
 * BenchStore: the interface through which benchmarks drive a store, the engine and its peers alike.
 * Calls are synchronous wherever the store allows it; a promise is awaited only where one is returned,
 * so no store pays for another's calling style.
 */

/** One batch of records. The buffers are reused: a store must copy what it keeps. */
export interface RecordBatch {
  readonly keys: readonly Buffer[];
  readonly values: readonly Buffer[];
  readonly count: number;
}

export interface BenchOptions {
  readonly directory: string;
  /** Left out: the store's own defaults for cache size and all other settings. */
  readonly cacheBytes?: number;
  /** Whether the workload waits for durable writes: some stores open differently for them. */
  readonly durable: boolean;
}

export type Visit = (key: Uint8Array, value: Uint8Array) => void;
type Done = void | Promise<void>;

/** A transaction that can read; stores without transactions leave it out. */
export interface BenchTransaction {
  get(key: Uint8Array): Uint8Array | undefined;
  commit(): Promise<void>;
}

/** A transaction, retried after a conflict. */
export interface BenchTransfer {
  get(key: Uint8Array): Uint8Array | undefined;
  put(key: Uint8Array, value: Uint8Array): void;
}

export interface BenchEdge {
  readonly source: string;
  readonly target: string;
}

/** A graph layer over a store. */
export interface BenchGraph {
  addVertices(vertices: readonly string[]): Promise<void>;
  /** All in one transaction. */
  addEdges(edges: readonly BenchEdge[]): Promise<void>;
  /** The targets of one page of outgoing edges, in order. */
  neighbours(vertex: string, limit: number, after?: string): Promise<readonly string[]>;
  /** Outgoing edges. */
  degree(vertex: string): Promise<number>;
}

export interface BenchStore {
  /** One atomic batch; durable if asked, otherwise written to the page cache. */
  write(batch: RecordBatch, durable: boolean): Done;
  /** One record, written to the page cache. */
  put(key: Buffer, value: Buffer): Done;
  /** One record, durable on return. */
  putDurable(key: Buffer, value: Buffer): Done;
  /** Whether several `putDurable` calls may be in flight at once. */
  readonly concurrentWriters: boolean;
  /** A copy of the value, or `undefined`. */
  get(key: Buffer): Uint8Array | undefined;
  /** The value without a copy, valid until the next call; left out by stores without such a read. */
  readonly view?: (key: Buffer) => Uint8Array | undefined;
  getMany(keys: Buffer[]): (Uint8Array | undefined)[] | Promise<(Uint8Array | undefined)[]>;
  /** Visits up to `limit` records from `from` on (inclusive), in descending order if `reverse`. */
  scan(from: Buffer, limit: number, reverse: boolean, visit: Visit): Done;
  readonly begin?: (isolation: 'snapshot' | 'serializable') => BenchTransaction;
  /** Runs the body and commits, with the durability the store was opened with. */
  readonly transact?: (body: (transaction: BenchTransfer) => void) => Promise<void>;
  readonly graph?: () => BenchGraph;
  /** On return, everything written is durable. */
  sync(): Done;
  /** Waits until background work is done, so the store is in its idle state. */
  settle(): Promise<void>;
  /** Checkpoints: moves logged records into their final place, as the store does from time to time. */
  readonly checkpoint?: () => Promise<void>;
  readonly compact?: () => Promise<void>;
  close(): Promise<void>;
  /**
   * Bytes of block cache that the store reports. Left out by stores without one, or that cannot report
   * it.
   */
  readonly cacheCapacity?: () => number;
  /** The store's own counters, for the record. */
  figures(): Record<string, number>;
}

export interface BenchTarget {
  readonly name: string;
  /** The settings it was opened with, for the report. */
  readonly tuning: string;
  /** The largest block cache that the package can hold, in bytes; left out: any. */
  readonly cacheBytesMax?: number;
  /** Opens the store in the directory, and creates it if there is none. */
  open(options: BenchOptions): Promise<BenchStore>;
}
