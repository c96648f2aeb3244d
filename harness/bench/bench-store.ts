/**
 * BenchStore: what a benchmark asks of a store, the engine's and its peers' alike. Calls are
 * synchronous wherever the store can; a promise is awaited only where one comes back, so that no
 * store pays for another's style.
 */

/** Records that go in together. The buffers are reused: a store copies what it keeps. */
export interface RecordBatch {
  readonly keys: readonly Buffer[];
  readonly values: readonly Buffer[];
  readonly count: number;
}

export interface BenchOptions {
  readonly directory: string;
  /** Left out: the store's own defaults, for its cache and all else. */
  readonly cacheBytes?: number;
  /** Whether the workload waits for durable writes: some stores open differently for them. */
  readonly durable: boolean;
}

export type Visit = (key: Uint8Array, value: Uint8Array) => void;
type Done = void | Promise<void>;

/** A transaction that reads; what a store without transactions leaves out. */
export interface BenchTransaction {
  get(key: Uint8Array): Uint8Array | undefined;
  commit(): Promise<void>;
}

/** A transaction that is run again after a conflict. */
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
  /** The other ends of a page of outgoing edges, in order. */
  neighbours(vertex: string, limit: number, after?: string): Promise<readonly string[]>;
  /** Outgoing edges. */
  degree(vertex: string): Promise<number>;
}

export interface BenchStore {
  /** One atomic batch; durable when asked, else handed to the system. */
  write(batch: RecordBatch, durable: boolean): Done;
  /** One record, handed to the system. */
  put(key: Buffer, value: Buffer): Done;
  /** One record, durable when this ends. */
  putDurable(key: Buffer, value: Buffer): Done;
  /** Whether `putDurable` may run for several writers at once. */
  readonly concurrentWriters: boolean;
  /** A value of its own, or `undefined`. */
  get(key: Buffer): Uint8Array | undefined;
  /** The value without a copy, valid until the next call; stores without such a read leave it out. */
  readonly view?: (key: Buffer) => Uint8Array | undefined;
  getMany(keys: Buffer[]): (Uint8Array | undefined)[] | Promise<(Uint8Array | undefined)[]>;
  /** Visits up to `limit` records at or beyond `from`, downwards when `reverse`. */
  scan(from: Buffer, limit: number, reverse: boolean, visit: Visit): Done;
  readonly begin?: (isolation: 'snapshot' | 'serializable') => BenchTransaction;
  /** Runs the body and commits, durable as the store was opened. */
  readonly transact?: (body: (transaction: BenchTransfer) => void) => Promise<void>;
  readonly graph?: () => BenchGraph;
  /** Everything written is durable after it. */
  sync(): Done;
  /** Background work is done: the state in which a store that rests would be. */
  settle(): Promise<void>;
  /** Moves what is logged into place, as the store would from time to time. */
  readonly checkpoint?: () => Promise<void>;
  readonly compact?: () => Promise<void>;
  close(): Promise<void>;
  /** Bytes of block cache that the store says it has. Left out by stores that have none, or can't tell. */
  readonly cacheCapacity?: () => number;
  /** The store's own counters, for the record. */
  figures(): Record<string, number>;
}

export interface BenchTarget {
  readonly name: string;
  /** How it was set up, for the report. */
  readonly tuning: string;
  /** The largest block cache that the package can hold, in bytes; left out: any. */
  readonly cacheBytesMax?: number;
  /** Opens the store in the directory, making it when there is none. */
  open(options: BenchOptions): Promise<BenchStore>;
}
