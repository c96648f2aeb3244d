/**
 * A session of the harness over the engine's own client. A transaction with reads is held open by the
 * server; a write-only one is sent as one batch.
 */
import { utf8 } from '../../../engine/index.ts';
import type {
  Change,
  ClientOptions,
  ClientTransaction,
  StoreClient,
} from '../../../engine/server/index.ts';
import type { RangeQuery, Session, Transaction } from '../../contract/target.ts';
import { reading } from '../client/errors.ts';
import { connectNoted } from '../reference-engine-client-api.ts';

export function engineClientSession(address: string, options: ClientOptions): Session {
  return clientSession(connectNoted(address, options));
}

export function clientSession(client: StoreClient): Session {
  return {
    begin: async () => new EngineClientTransaction(client),
    close: () => client.close({ deadlineMs: 100 }),
  };
}

class EngineClientTransaction implements Transaction {
  readonly #client: StoreClient;
  readonly #blind: Change[] = [];
  #open: ClientTransaction | undefined;

  constructor(client: StoreClient) {
    this.#client = client;
  }

  get(key: string): Promise<string | undefined> {
    return reading(async () => {
      const value = await (await this.#begun()).get(utf8.encode(key));
      return value === undefined ? undefined : utf8.decode(value);
    });
  }

  put(key: string, value: string): Promise<void> {
    return this.#write({ key: utf8.encode(key), value: utf8.encode(value), remove: false });
  }

  delete(key: string): Promise<void> {
    return this.#write({ key: utf8.encode(key), value: new Uint8Array(0), remove: true });
  }

  range({ prefix, limit, reverse = false }: RangeQuery) {
    return reading(async () => {
      const found: (readonly [string, string])[] = [];
      const query = { prefix: utf8.encode(prefix), reverse, ...(limit !== undefined && { limit }) };
      for await (const { key, value } of (await this.#begun()).range(query)) {
        found.push([utf8.decode(key), utf8.decode(value)]);
      }
      return found;
    });
  }

  /** Its errors say themselves whether they are definite. */
  async commit(): Promise<void> {
    if (this.#open !== undefined) await this.#open.commit();
    else if (this.#blind.length > 0) await this.#client.batch(this.#blind);
  }

  async rollback(): Promise<void> {
    await this.#open?.rollback();
  }

  async #write(change: Change): Promise<void> {
    if (this.#open === undefined) this.#blind.push(change);
    else await reading(() => send(this.#open!, change));
  }

  async #begun(): Promise<ClientTransaction> {
    if (this.#open !== undefined) return this.#open;
    this.#open = await this.#client.begin();
    for (const change of this.#blind) await send(this.#open, change);
    return this.#open;
  }
}

function send(transaction: ClientTransaction, { key, value, remove }: Change): Promise<void> {
  return remove ? transaction.delete(key) : transaction.put(key, value);
}
