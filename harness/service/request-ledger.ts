/** RequestLedger: all responses that the clients of one run received, and the store contents they allow. */
import { WrittenKeys } from './written-keys.ts';

/** One stream of batches, each of which put a record of its own. */
export interface Stream {
  readonly prefix: string;
  /** Surely applied. */
  atLeast: number;
  /** Surely not applied beyond. */
  atMost: number;
}

export class RequestLedger {
  readonly keys = new WrittenKeys();
  readonly streams: Stream[] = [];
  /** Commits that raised the counter: those acknowledged, and those that may have. */
  commits = 0;
  commitsUnsure = 0;
  /** Something outside the clients failed. */
  failure: unknown;
  requests = 0;
  refused = 0;
  unsure = 0;
  reads = 0;

  fail(error: unknown): void {
    this.failure ??= error;
  }

  get figures(): Readonly<Record<string, number>> {
    const { requests, refused, unsure, reads, commits } = this;
    return { requests, refused, unsure, reads, commits, streams: this.streams.length };
  }
}
