/**
 * Sessions on NATS JetStream: a stream that keeps the last message of each subject is a map of keys.
 * A transaction reads keys and writes one at most, if that is still as it was read.
 *
 * | answer | outcome |
 * |---|---|
 * | an error of the JetStream API (wrong last sequence, no stream, …), nobody to respond | definite |
 * | no answer in time, connection closed | indeterminate |
 */
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { RangeQuery, Session } from '../../contract/target.ts';
import { driver } from '../client/driver.ts';
import { DatabaseError, DISCONNECTED } from '../client/errors.ts';
import { type OptimisticStore, optimisticTransaction } from '../client/optimistic.ts';

export const STREAM = 'ASSAY';
export const SUBJECTS = 'assay.>';
const TIMEOUT_MS = 1500;
/** "wrong last sequence" */
const WRONG_LAST_SEQUENCE = 10071;
const PARALLEL_READS = 64;

const subjectOf = (key: string) => `assay.${key}`;

/** `address`: `host:port`. Throws when it can't be reached. */
export async function openNats(address: string): Promise<NatsConnection> {
  const { connect } = await driver(
    '@nats-io/transport-node',
    () => import('@nats-io/transport-node'),
  );
  return connect({
    servers: address,
    reconnect: false,
    ignoreClusterUpdates: true,
    timeout: 1000,
    maxPingOut: 2,
  });
}

export async function openJetStream(connection: NatsConnection) {
  const { jetstream, jetstreamManager } = await driver(
    '@nats-io/jetstream',
    () => import('@nats-io/jetstream'),
  );
  const options = { timeout: TIMEOUT_MS };
  const manager = await jetstreamManager(connection, { ...options, checkAPI: false });
  return { client: jetstream(connection, options), manager };
}

export async function natsSession(address: string): Promise<Session> {
  const connection = await openNats(address);
  const { client, manager } = await openJetStream(connection);
  return {
    begin: async () => optimisticTransaction(new NatsTransaction(connection, client, manager)),
    close: () => connection.close(),
  };
}

class NatsTransaction implements OptimisticStore {
  readonly #connection: NatsConnection;
  readonly #client: JetStreamClient;
  readonly #manager: JetStreamManager;
  /** By key that was read: the sequence of its last message; 0 for none. */
  readonly #read = new Map<string, number>();

  constructor(connection: NatsConnection, client: JetStreamClient, manager: JetStreamManager) {
    this.#connection = connection;
    this.#client = client;
    this.#manager = manager;
  }

  async get(key: string): Promise<string | undefined> {
    const message = await this.#asked(
      this.#manager.streams.getMessage(STREAM, { last_by_subj: subjectOf(key) }),
    );
    this.#read.set(key, message?.seq ?? 0);
    const text = message === null ? '' : Buffer.from(message.data).toString();
    return text === '' ? undefined : text.slice(1);
  }

  async range({ prefix, limit = Number.POSITIVE_INFINITY, reverse = false }: RangeQuery) {
    const info = await this.#asked(
      this.#manager.streams.info(STREAM, { subjects_filter: SUBJECTS }),
    );
    const keys = Object.keys(info.state.subjects ?? {})
      .map((subject) => subject.slice(subjectOf('').length))
      .filter((key) => key.startsWith(prefix))
      .sort();
    if (reverse) keys.reverse();
    const records: (readonly [string, string])[] = [];
    for (let at = 0; at < keys.length && records.length < limit; at += PARALLEL_READS) {
      const some = keys.slice(at, at + PARALLEL_READS);
      const values = await Promise.all(some.map((key) => this.get(key)));
      for (const [i, value] of values.entries()) {
        if (value !== undefined && records.length < limit) records.push([some[i]!, value]);
      }
    }
    return records;
  }

  async commit(writes: ReadonlyMap<string, string | undefined>): Promise<void> {
    const [write, second] = writes;
    if (write === undefined) return;
    if (second !== undefined) {
      throw new DatabaseError('not-expressible', true, 'one message a transaction');
    }
    const [key, value] = write;
    const last = this.#read.get(key);
    const expect = last === undefined ? {} : { expect: { lastSubjectSequence: last } };
    const options = { timeout: TIMEOUT_MS, retries: 1, ...expect };
    const payload = value === undefined ? '' : `v${value}`;
    await this.#asked(this.#client.publish(subjectOf(key), payload, options));
  }

  async rollback(): Promise<void> {}

  async #asked<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      throw natsOutcome(error, this.#connection.isClosed());
    }
  }
}

/** What an error means for the message it met. */
export function natsOutcome(error: unknown, isClosed: boolean): DatabaseError {
  const { name, message, code } = error as { name: string; message: string; code?: number };
  if (name === 'JetStreamApiError') {
    const word = code === WRONG_LAST_SEQUENCE ? 'conflict' : `jetstream-${code}`;
    return new DatabaseError(word, true, message);
  }
  if (name === 'NoRespondersError') return new DatabaseError('no-responders', true, message);
  return new DatabaseError(isClosed ? DISCONNECTED : 'no-answer', false, message);
}
