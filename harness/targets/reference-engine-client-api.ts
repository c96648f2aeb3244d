/** The interface of the engine's client, for counting judged calls: see `ApiSurface`. */
import { type ClientOptions, connect, StoreClient } from '../../engine/server/client.ts';
import { ClientTransaction } from '../../engine/server/transaction-client.ts';
import {
  type ApiSurface,
  argumentAt,
  given,
  type OptionTable,
  optionsAt,
  otherThan,
} from '../contract/api.ts';
import { range } from './reference-engine-api.ts';

const client: OptionTable<ClientOptions> = {
  deadlineMs: given,
  retry: otherThan(true),
  backoffMaxMs: given,
  tls: given,
};
const call: OptionTable<NonNullable<Parameters<StoreClient['close']>[0]>> = { deadlineMs: given };

/** What each client was made with. */
const madeWith = new WeakMap<object, ClientOptions>();

export function connectNoted(address: string, options: ClientOptions): StoreClient {
  const made = connect(address, options);
  madeWith.set(made, options);
  return made;
}

export const clientApi: ApiSurface = {
  classes: [
    {
      name: 'StoreClient',
      prototype: StoreClient.prototype,
      madeWith: {
        by: 'connect',
        choices: optionsAt(0, client),
        argumentsOf: (made) => [madeWith.get(made) ?? {}],
      },
      options: {
        range,
        ingest: argumentAt(1, 'progress', given),
        begin: argumentAt(0, 'deadlineMs', otherThan(0)),
        close: optionsAt(0, call),
      },
    },
    { name: 'ClientTransaction', prototype: ClientTransaction.prototype, options: { range } },
  ],
};
