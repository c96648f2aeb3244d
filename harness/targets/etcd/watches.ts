/** Watches on etcd: events of a prefix, from a revision on, through one member. */
import type { WatchEvent, WatchSession } from '../../contract/target.ts';
import { DatabaseError, DISCONNECTED, reading } from '../client/errors.ts';
import { type EtcdGateway, fromBase64, prefixEnd, toBase64 } from './gateway.ts';

interface WatchReply {
  readonly result?: {
    readonly header: { readonly revision: string };
    readonly events?: readonly {
      readonly type?: string;
      readonly kv: { readonly key: string; readonly value?: string; readonly mod_revision: string };
    }[];
  };
}

export function etcdWatches(gateway: EtcdGateway): WatchSession {
  return {
    collect: (prefix, from, last) => reading(() => collect(gateway, prefix, from, last)),
  };
}

async function collect(
  gateway: EtcdGateway,
  prefix: string,
  from: number,
  last: (event: WatchEvent) => boolean,
): Promise<readonly WatchEvent[]> {
  const create_request = {
    key: toBase64(prefix),
    range_end: prefixEnd(prefix),
    start_revision: String(from),
  };
  const seen: WatchEvent[] = [];
  for await (const { result } of gateway.stream<WatchReply>('/v3/watch', { create_request })) {
    for (const { type = 'PUT', kv } of result?.events ?? []) {
      if (type !== 'PUT') continue;
      const { key, value = '', mod_revision } = kv;
      const event = {
        revision: Number(mod_revision),
        key: fromBase64(key),
        value: fromBase64(value),
      };
      seen.push(event);
      if (last(event)) return seen;
    }
  }
  throw new DatabaseError(DISCONNECTED, true, 'the watch ended early');
}
