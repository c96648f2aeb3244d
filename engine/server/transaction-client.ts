/** A transaction held open by the server, from the client's side. */
import type { RangeOptions } from '../mvcc/range-options.ts';
import type { KeyValue } from '../mvcc/range-read.ts';
import type { Channel } from './channel.ts';
import { ownBytes, ownRange } from './client-arguments.ts';
import type { Committed, Once } from './wire.ts';

export class ClientTransaction {
  readonly #channel: Channel;
  readonly #id: string;
  readonly #once: (write: (once: Once) => Promise<Committed>) => Promise<Committed>;
  #wrote = false;
  #finished = false;

  constructor(
    channel: Channel,
    id: string,
    once: (write: (once: Once) => Promise<Committed>) => Promise<Committed>,
  ) {
    this.#channel = channel;
    this.#id = id;
    this.#once = once;
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    const own = ownBytes(key, 'key');
    const { found, value } = await this.#channel.call('Get', { key: own, transaction: this.#id });
    return found ? value : undefined;
  }

  range(options: RangeOptions = {}): AsyncGenerator<KeyValue, void, void> {
    return this.#channel.range({ ...ownRange(options), transaction: this.#id });
  }

  async put(key: Uint8Array, value: Uint8Array): Promise<void> {
    const own = { key: ownBytes(key, 'key'), value: ownBytes(value, 'value') };
    this.#wrote = true;
    await this.#channel.call('Put', { ...own, transaction: this.#id, once: null });
  }

  async delete(key: Uint8Array): Promise<void> {
    const own = { key: ownBytes(key, 'key') };
    this.#wrote = true;
    await this.#channel.call('Delete', { ...own, transaction: this.#id, once: null });
  }

  /** Throws ClientError `conflict` or `transaction-unknown`, both definite. */
  async commit(): Promise<Committed> {
    this.#finished = true;
    const transaction = this.#id;
    if (!this.#wrote) return this.#channel.call('Commit', { transaction, once: null });
    return this.#once((once) => this.#channel.call('Commit', { transaction, once }));
  }

  /** Never throws: the server rolls back what it hears no more of. */
  async rollback(): Promise<void> {
    if (this.#finished) return;
    this.#finished = true;
    await this.#channel
      .call('Rollback', { id: this.#id }, { deadlineMs: 1000 })
      .catch(() => undefined);
  }
}
