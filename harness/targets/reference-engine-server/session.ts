/** A session of the harness over the engine's own client. */
import { utf8 } from '../../../engine/index.ts';
import {
  type ClientOptions,
  type ClientTransaction,
  connect,
} from '../../../engine/server/index.ts';
import type { Session, Transaction } from '../../contract/target.ts';
import { reading } from '../client/errors.ts';

export function engineClientSession(address: string, options: ClientOptions): Session {
  const client = connect(address, options);
  return {
    begin: () => reading(async () => transactionOf(await client.begin())),
    close: () => client.close({ deadlineMs: 100 }),
  };
}

function transactionOf(transaction: ClientTransaction): Transaction {
  return {
    get: (key) =>
      reading(async () => {
        const value = await transaction.get(utf8.encode(key));
        return value === undefined ? undefined : utf8.decode(value);
      }),
    put: (key, value) => reading(() => transaction.put(utf8.encode(key), utf8.encode(value))),
    delete: (key) => reading(() => transaction.delete(utf8.encode(key))),
    range: ({ prefix, limit, reverse = false }) =>
      reading(async () => {
        const found: (readonly [string, string])[] = [];
        const query = {
          prefix: utf8.encode(prefix),
          reverse,
          ...(limit !== undefined && { limit }),
        };
        for await (const { key, value } of transaction.range(query)) {
          found.push([utf8.decode(key), utf8.decode(value)]);
        }
        return found;
      }),
    async commit() {
      await transaction.commit(); // its errors say themselves whether they are definite
    },
    rollback: () => transaction.rollback(),
  };
}
