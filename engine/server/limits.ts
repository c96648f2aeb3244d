/**
 * Limits of a server. Every resource that a request can hold has a size, a deadline, and an error
 * for requests beyond it; engine/README.md lists them together.
 */
export interface Limits {
  /** Of one request or reply. Default 4 MiB. */
  readonly messageBytes: number;
  /** Concurrent reads, and concurrent writes. Default 64 of each. */
  readonly concurrency: number;
  /** Reads, and writes, that wait for that; beyond it `RESOURCE_EXHAUSTED`. Default 1,024. */
  readonly queue: number;
  /** Bytes that waiting reads, and waiting writes, hold. Default 128 MiB. */
  readonly queueBytes: number;
  /** Connections held open; beyond it the one that has been idle longest is closed. Default 2,048. */
  readonly connections: number;
  /** Milliseconds without a request after which a connection is closed. Default 5 minutes. */
  readonly connectionIdleMs: number;
  /** Streams of one connection at a time. Default 256. */
  readonly streamsPerConnection: number;
  /** Requests whose bytes are still arriving. Default 256. */
  readonly receiving: number;
  /** Longest time from a request's header to its last byte. Default 20 s. */
  readonly receiveMs: number;
  /** Replies that wait for their clients to read them. Default 512. */
  readonly unread: number;
  /** Default 10,000. */
  readonly sessions: number;
  /** Milliseconds without a request after which a session ends. Default 5 minutes. */
  readonly sessionIdleMs: number;
  /** Results of one session that its client has not acknowledged. Default 1,000,000. */
  readonly sessionResults: number;
  /** Answered results of a session are removed in groups of this size. Default 64. */
  readonly sessionPruneAt: number;
  /** Transactions held open. Default 1,000. */
  readonly transactions: number;
  /** Longest life of a transaction. Default 30 s. */
  readonly transactionMs: number;
  /** What one transaction may hold; never more than two segments. Default 128 MiB. */
  readonly transactionBytes: number;
  /** What all open transactions may hold. Default 256 MiB. */
  readonly transactionsBytes: number;
  /** Range streams held open. Default 1,000. */
  readonly ranges: number;
  /** Ingest streams held open. Default 64. */
  readonly ingests: number;
  /** Longest time in which a client reads nothing that was sent to it. Default 10 s. */
  readonly stallMs: number;
  /** Longest time of a request whose client set no deadline, and between two batches of an ingest. Default 60 s. */
  readonly requestMs: number;
  /** Batches of one ingest stream that wait to be applied. Default 16. */
  readonly ingestQueue: number;
  /** Bytes that those hold; one more may be on its way. Default 4 MiB. */
  readonly ingestQueueBytes: number;
  /** How long a shutdown waits for requests that run. Default 10 s. */
  readonly shutdownMs: number;
}

export const DEFAULT_LIMITS: Limits = {
  messageBytes: 4 * 2 ** 20,
  concurrency: 64,
  queue: 1024,
  queueBytes: 128 * 2 ** 20,
  connections: 2048,
  connectionIdleMs: 300_000,
  streamsPerConnection: 256,
  receiving: 256,
  receiveMs: 20_000,
  unread: 512,
  sessions: 10_000,
  sessionIdleMs: 300_000,
  sessionResults: 1_000_000,
  sessionPruneAt: 64,
  transactions: 1000,
  transactionMs: 30_000,
  transactionBytes: 128 * 2 ** 20,
  transactionsBytes: 256 * 2 ** 20,
  ranges: 1000,
  ingests: 64,
  stallMs: 10_000,
  requestMs: 60_000,
  ingestQueue: 16,
  ingestQueueBytes: 4 * 2 ** 20,
  shutdownMs: 10_000,
};

/** Throws an Error for a limit that is no positive number. */
export function limitsFrom(wanted: Partial<Limits> = {}): Limits {
  for (const [name, value] of Object.entries(wanted)) {
    if (!(name in DEFAULT_LIMITS)) throw new Error(`there is no limit ${name}`);
    if (!Number.isFinite(value) || value <= 0) throw new Error(`${name} is ${value}, not above 0`);
  }
  return { ...DEFAULT_LIMITS, ...wanted };
}
