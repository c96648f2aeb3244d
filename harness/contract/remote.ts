/**
 * RemoteTarget: a store behind its own server and its own client, in bytes, as users of the client see
 * it. For plans that try each call of the client.
 */
export interface RemoteChange {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly remove: boolean;
}

export interface RemoteRange {
  readonly from?: Uint8Array;
  readonly to?: Uint8Array;
  readonly prefix?: Uint8Array;
  readonly reverse?: boolean;
  readonly limit?: number;
}

export interface RemoteReader {
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  range(
    range?: RemoteRange,
  ): AsyncIterable<{ readonly key: Uint8Array; readonly value: Uint8Array }>;
}

export interface RemoteTransaction extends RemoteReader {
  put(key: Uint8Array, value: Uint8Array): Promise<void>;
  delete(key: Uint8Array): Promise<void>;
  commit(): Promise<{ readonly timestamp: number }>;
  rollback(): Promise<void>;
}

export interface RemoteStore extends RemoteReader {
  put(key: Uint8Array, value: Uint8Array): Promise<{ readonly timestamp: number }>;
  delete(key: Uint8Array): Promise<{ readonly timestamp: number }>;
  batch(changes: readonly RemoteChange[]): Promise<{ readonly timestamp: number }>;
  /** One after the other; `progress` hears how many are acknowledged. */
  ingest(
    batches: Iterable<readonly RemoteChange[]>,
    progress?: (acknowledged: number) => void,
  ): Promise<{ readonly batches: number }>;
  /** `deadlineMs`: when the server rolls it back. */
  begin(deadlineMs?: number): Promise<RemoteTransaction>;
  transact<T>(body: (transaction: RemoteTransaction) => Promise<T>): Promise<T>;
  checkpoint(): Promise<{ readonly timestamp: number }>;
  verify(): Promise<{ readonly problems: readonly unknown[]; readonly records: number }>;
  stats(): Promise<{ readonly logFailure: string; readonly maintenanceFailure: string }>;
  close(options?: { readonly deadlineMs?: number }): Promise<void>;
}

export interface RemoteOptions {
  readonly retry?: boolean;
  readonly deadlineMs?: number;
  readonly backoffMaxMs?: number;
  /** PEM text: connects by TLS, to a server whose certificate is of this authority. */
  readonly tls?: { readonly authority: string };
}

/** A server as a program of its own, for plans that must not share a process with it. */
export interface ServerProgram {
  /** Arguments of Node. */
  args(request: ProgramRequest): readonly string[];
  connect(address: string, options?: RemoteOptions): Promise<RemoteStore>;
}

export interface ProgramRequest {
  readonly directory: string;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly limits: Readonly<Record<string, number>>;
  readonly host: string;
  readonly port: number;
  readonly healthPort: number;
  /** Files in PEM; left out, the server speaks no TLS. */
  readonly tls?: { readonly key: string; readonly certificate: string };
}

export interface RemoteServer {
  connect(options?: RemoteOptions): RemoteStore;
  /** Closes the store, too. */
  stop(): Promise<void>;
}
