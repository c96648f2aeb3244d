/**
 * Target: a database under test, as ordered keys and transactions.
 *
 * A new embedded database is one file: `defineTarget({ kind: 'embedded', name, doc, capabilities,
 * open })`. The harness opens it in a child process, which it kills for real.
 */
import type { ApiSurface } from './api.ts';
import type { RemoteServer, ServerProgram } from './remote.ts';

export interface Capabilities {
  /** Isolation level of concurrent transactions. */
  readonly isolation: 'read-committed' | 'snapshot' | 'serializable';
  /** Whether data survives the process. */
  readonly durable: boolean;
  /** Whether sessions offer `graph`. */
  readonly graph: boolean;
  /** Whether sessions offer `locks`. */
  readonly locks?: boolean;
  /** Whether sessions offer `watches`. */
  readonly watches?: boolean;
}

/** Abilities beyond transactions that a workload may need. */
export type Need = 'graph' | 'locks' | 'watches';

/** Settings of a cell, from a matrix: the differences between configurations of one target. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

/**
 * The error of a failed operation. `definite`: it had no effect, now or later.
 * Any other error, and a lost connection, is indeterminate.
 */
export interface OperationError {
  readonly code: string;
  readonly definite: boolean;
  readonly message: string;
}

export interface RangeQuery {
  readonly prefix: string;
  readonly limit?: number;
  readonly reverse?: boolean;
}

export interface Transaction {
  get(key: string): Promise<string | undefined>;
  put(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
  /** Records whose key begins with `prefix`, in key order (bytes of UTF-8). */
  range(query: RangeQuery): Promise<readonly (readonly [key: string, value: string])[]>;
  commit(): Promise<void>;
  /** Safe to call when the transaction is finished. */
  rollback(): Promise<void>;
}

export interface GraphEdge {
  readonly source: string;
  readonly label: string;
  readonly target: string;
}

/** All stored records of a graph, to check that they agree. */
export interface GraphDump {
  readonly vertices: readonly string[];
  readonly outgoing: readonly GraphEdge[];
  readonly incoming: readonly GraphEdge[];
  readonly degrees: readonly (readonly [vertex: string, out: number, incoming: number])[];
}

export type GraphProperties = Readonly<Record<string, string>>;

export interface NeighbourQuery {
  readonly direction: 'out' | 'in';
  readonly label?: string;
  readonly limit?: number;
  /** The last edge of the previous page. */
  readonly after?: GraphEdge;
}

export interface GraphSession {
  addVertex(vertex: string, properties?: GraphProperties): Promise<void>;
  /** Replaces its properties. */
  setVertex(vertex: string, properties: GraphProperties): Promise<void>;
  removeVertex(vertex: string, cascade: boolean): Promise<void>;
  addEdge(edge: GraphEdge, properties?: GraphProperties): Promise<void>;
  setEdge(edge: GraphEdge, properties: GraphProperties): Promise<void>;
  removeEdge(edge: GraphEdge): Promise<void>;
  vertex(vertex: string): Promise<GraphProperties | undefined>;
  edge(edge: GraphEdge): Promise<GraphProperties | undefined>;
  degrees(vertex: string): Promise<{ readonly out: number; readonly in: number } | undefined>;
  /** A page of edges, ordered by label and then by the other end. */
  neighbours(vertex: string, query: NeighbourQuery): Promise<readonly GraphEdge[]>;
  dump(): Promise<GraphDump>;
}

/** A lock that ends with its holder's lease, whether the holder knows it or not. */
export interface HeldLock {
  /** Writes a key even if the lock has expired: the unsafe write, without a fencing token. */
  put(key: string, value: string): Promise<void>;
  /** Writes a key only while the lock is held. Throws a definite `lock-lost` otherwise. */
  putFenced(key: string, value: string): Promise<void>;
  release(): Promise<void>;
}

export interface LockSession {
  /** Waits for the lock and keeps its lease alive until the release. */
  acquire(name: string): Promise<HeldLock>;
  get(key: string): Promise<string | undefined>;
}

/** An event of a watch: a write with the store's revision number. */
export interface WatchEvent {
  readonly revision: number;
  readonly key: string;
  readonly value: string;
}

export interface WatchSession {
  /** Events of keys below `prefix` from a revision on, in order, up to the first that is `last`. */
  collect(
    prefix: string,
    from: number,
    last: (event: WatchEvent) => boolean,
  ): Promise<readonly WatchEvent[]>;
}

/** One client's connection. Runs one transaction at a time. */
export interface Session {
  begin(): Promise<Transaction>;
  readonly graph?: GraphSession;
  readonly locks?: LockSession;
  readonly watches?: WatchSession;
  close(): Promise<void>;
}

export interface Store {
  connect(): Promise<Session>;
  close(): Promise<void>;
}

/** A store's report of its own recovery. */
export interface Recovered {
  readonly cleanShutdown: boolean;
  /** Commits replayed from the log. */
  readonly replayedCommits: number;
}

/** A store for bulk loading: bytes and batches, no transactions. For benchmarks. */
export interface BulkStore {
  /** Commits the batch. Durable only as the settings say. */
  write(keys: readonly Uint8Array[], values: readonly Uint8Array[]): Promise<void>;
  get(key: Uint8Array): Uint8Array | undefined;
  /** Durable after: everything written so far. */
  makeDurable(): Promise<void>;
  close(): Promise<void>;
  recovered?(): Recovered;
}

export type StartRemote = (directory: string, settings: Settings) => Promise<RemoteServer>;

export interface EmbeddedTarget {
  readonly kind: 'embedded';
  readonly name: string;
  readonly doc: string;
  readonly capabilities: Capabilities;
  /** Its own interface; a matrix may require that checkers judge every part of it. */
  api?(): Promise<ApiSurface>;
  /** Throws an Error that says what is wrong with the settings of a cell. */
  checkSettings?(settings: Settings): void;
  /** Opens the store in `directory`, recovering what a crash left. */
  open(directory: string, settings: Settings): Promise<Store>;
  /** Verifies the files of a closed store; returns the problems. */
  verify?(directory: string): Promise<readonly string[]>;
  /** Repairs a damaged store; returns the problems and what was lost. */
  repair?(directory: string): Promise<{
    readonly problems: readonly string[];
    readonly givenUp: readonly string[];
  }>;
  /** With `recovered` the target fits the plan growth, too; then `reportsRecovery` is true. */
  readonly reportsRecovery?: boolean;
  openBulk?(directory: string, settings: Settings): Promise<BulkStore>;
  /** Starts it behind its own server and client, if it has them. */
  startRemote?: StartRemote;
  /** That server as a program; `/health/live`, `/health/ready` and `/metrics` are on its health port. */
  serverProgram?: ServerProgram;
}

/** Declares an embedded target; the one call a new database needs. */
export function defineTarget(target: EmbeddedTarget): EmbeddedTarget {
  return target;
}

export function isOperationError(error: unknown): error is OperationError {
  const { code, definite } = (error ?? {}) as { code?: unknown; definite?: unknown };
  return typeof code === 'string' && typeof definite === 'boolean';
}

/** Runs `body` in a transaction and commits it; rolls back what did not commit. */
export async function inTransaction<T>(
  session: Session,
  body: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const transaction = await session.begin();
  try {
    const result = await body(transaction);
    await transaction.commit();
    return result;
  } catch (error) {
    await transaction.rollback().catch(() => undefined);
    throw error;
  }
}
