/**
 * A typed client of the server. Reads and writes are tried again until the deadline when the way to
 * the server breaks; a write carries its session and sequence, so that it is never applied twice.
 *
 *     const client = connect('127.0.0.1:7373');
 *     await client.put(key, value);
 *     await client.transact(async (t) => t.put(key, next(await t.get(key))));
 *     await client.close();
 *
 * Every error is a ClientError: `definite` says that the operation surely did not happen. Arguments
 * are copied before a call returns: see client-arguments.ts.
 */
import type { RangeOptions } from '../mvcc/range-options.ts';
import type { KeyValue } from '../mvcc/range-read.ts';
import {
  type CallOptions,
  type Channel,
  ClientError,
  type ClientOptions,
  openChannel,
} from './channel.ts';
import {
  ownBytes,
  ownCallOptions,
  ownChanges,
  ownClientOptions,
  ownDeadline,
  ownRange,
  refuseNonAddress,
  refuseNonCallable,
  refuseNonIterable,
} from './client-arguments.ts';
import { type IngestProgress, ingestBatches } from './ingest-client.ts';
import { ClientTransaction } from './transaction-client.ts';
import type { Calls, Change, Committed, Once } from './wire.ts';

export { ClientError, type ClientOptions } from './channel.ts';
export type { ClientTransaction } from './transaction-client.ts';

/** Sessions in which one write is tried. */
const SESSIONS_MAX = 3;
/** Conflicts of one transaction before it is given up. */
const CONFLICTS_MAX = 100;

export class StoreClient {
  readonly #channel: Channel;
  #session: Promise<Uint8Array> | undefined;
  /** What `#session` resolved to last. */
  #sessionId: Uint8Array | undefined;
  #nextSequence = 1;
  readonly #unanswered = new Set<number>();

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    const own = ownBytes(key, 'key');
    const { found, value } = await this.#channel.call('Get', { key: own, transaction: '' });
    return found ? value : undefined;
  }

  /** Records in key order, of one snapshot. A broken stream is an error, not an end. */
  range(options: RangeOptions = {}): AsyncGenerator<KeyValue, void, void> {
    return this.#channel.range({ ...ownRange(options), transaction: '' });
  }

  async put(key: Uint8Array, value: Uint8Array): Promise<Committed> {
    const own = { key: ownBytes(key, 'key'), value: ownBytes(value, 'value') };
    return this.once((once) => this.#channel.call('Put', { ...own, transaction: '', once }));
  }

  async delete(key: Uint8Array): Promise<Committed> {
    const own = { key: ownBytes(key, 'key') };
    return this.once((once) => this.#channel.call('Delete', { ...own, transaction: '', once }));
  }

  /** All or nothing. */
  async batch(changes: readonly Change[]): Promise<Committed> {
    const own = { changes: ownChanges(changes) };
    return this.once((once) => this.#channel.call('Batch', { ...own, transaction: '', once }));
  }

  /** Sends batches as fast as the server takes them; answers when all are acknowledged. */
  async ingest(
    batches: AsyncIterable<readonly Change[]> | Iterable<readonly Change[]>,
    progress?: IngestProgress,
  ): Promise<{ readonly batches: number }> {
    refuseNonIterable(batches);
    if (progress !== undefined) refuseNonCallable(progress, 'progress');
    const sequences = {
      next: async () => this.#nextOnce(await this.#openSession()),
      answered: ({ sequence }: Once) => void this.#unanswered.delete(sequence),
      renew: ({ session, sequence }: Once) => {
        this.#unanswered.delete(sequence);
        this.#forgetSession(session);
      },
    };
    return ingestBatches(this.#channel, batches, sequences, progress);
  }

  /** `deadlineMs`: when the server rolls it back; default its own limit. */
  async begin(deadlineMs = 0): Promise<ClientTransaction> {
    const own = ownDeadline(deadlineMs);
    const { id } = await this.#channel.call('Begin', { deadlineMs: own });
    return new ClientTransaction(this.#channel, id, (commit) => this.once(commit));
  }

  /** Runs `body` and commits; again after a conflict, up to 100 times. */
  async transact<T>(body: (transaction: ClientTransaction) => Promise<T>): Promise<T> {
    refuseNonCallable(body, 'body');
    for (let conflicts = 0; ; conflicts++) {
      const transaction = await this.begin();
      try {
        const result = await body(transaction);
        await transaction.commit();
        return result;
      } catch (error) {
        await transaction.rollback();
        const isConflict = error instanceof ClientError && error.code === 'conflict';
        if (!isConflict || conflicts === CONFLICTS_MAX) throw error;
      }
    }
  }

  async checkpoint(): Promise<Committed> {
    return this.#channel.call('Checkpoint', {});
  }

  async verify(): Promise<Calls['Verify']['reply']> {
    return this.#channel.call('Verify', {});
  }

  async stats(): Promise<Calls['Stats']['reply']> {
    return this.#channel.call('Stats', {});
  }

  /** Ends the session, if the server can be reached, and the connection. */
  async close(options: CallOptions = { deadlineMs: 1000 }): Promise<void> {
    const own = ownCallOptions(options);
    const session = await this.#session?.catch(() => undefined);
    if (session !== undefined) {
      await this.#channel.call('CloseSession', { id: session }, own).catch(() => undefined);
    }
    this.#channel.close();
  }

  /**
   * Runs a write under a sequence of its own, the same one in every try. In another session, when
   * the server has forgotten this one and the write surely was not applied.
   */
  async once<T>(write: (once: Once) => Promise<T>): Promise<T> {
    refuseNonCallable(write, 'write');
    for (let sessions = 1; ; sessions++) {
      const once = this.#nextOnce(await this.#openSession());
      try {
        return await write(once);
      } catch (error) {
        const isGone = error instanceof ClientError && error.code === 'session-unknown';
        if (isGone) this.#forgetSession(once.session); // the next write opens another
        if (!isGone || !error.definite || sessions === SESSIONS_MAX) throw error;
      } finally {
        this.#unanswered.delete(once.sequence);
      }
    }
  }

  #forgetSession(session: Uint8Array): void {
    if (this.#sessionId === session) this.#session = undefined;
  }

  #nextOnce(session: Uint8Array): Once {
    const sequence = this.#nextSequence++;
    this.#unanswered.add(sequence);
    const [oldest = sequence] = this.#unanswered;
    return { session, sequence, answeredBelow: oldest };
  }

  #openSession(): Promise<Uint8Array> {
    this.#session ??= this.#channel
      .call('OpenSession', {})
      .then(({ id }) => {
        this.#sessionId = id;
        return id;
      })
      .catch((error: unknown) => {
        this.#session = undefined;
        // Whatever was to be written was not sent.
        const { code, message } = error as ClientError;
        throw new ClientError({ code, message, definite: true, isTransient: false });
      });
    return this.#session;
  }
}

/** Does not wait for the server: the first operation does. */
export function connect(address: string, options: ClientOptions = {}): StoreClient {
  refuseNonAddress(address);
  return new StoreClient(openChannel(address, ownClientOptions(options)));
}
