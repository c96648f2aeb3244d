/** What a server allows, and how long it waits. Everything here has a bound. */
export interface Limits {
  /** Of one request or reply. Default 4 MiB. */
  readonly messageBytes: number;
  /** Requests that run at a time. Default 64. */
  readonly concurrency: number;
  /** Requests that wait for that; beyond it `RESOURCE_EXHAUSTED`. Default 1,024. */
  readonly queue: number;
  /** Default 10,000. */
  readonly sessions: number;
  /** Milliseconds without a request after which a session ends. Default 5 minutes. */
  readonly sessionIdleMs: number;
  /** Transactions held open. Default 1,000. */
  readonly transactions: number;
  /** Longest life of a transaction. Default 30 s. */
  readonly transactionMs: number;
  /** Longest time of a request whose client set no deadline. Default 60 s. */
  readonly requestMs: number;
  /** Batches of one ingest stream that wait for their acknowledgement. Default 16. */
  readonly ingestQueue: number;
  /** How long a shutdown waits for requests that run. Default 10 s. */
  readonly shutdownMs: number;
}

export const DEFAULT_LIMITS: Limits = {
  messageBytes: 4 * 2 ** 20,
  concurrency: 64,
  queue: 1024,
  sessions: 10_000,
  sessionIdleMs: 300_000,
  transactions: 1000,
  transactionMs: 30_000,
  requestMs: 60_000,
  ingestQueue: 16,
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
