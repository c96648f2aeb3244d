/**
 * Transactions on etcd: all reads are of the revision of the first one; the commit is one `txn` that
 * compares what was read, so it succeeds only if nothing has changed since. That is strict
 * serializability, as long as the first read is linearizable.
 */
import type { RangeQuery } from '../../contract/target.ts';
import { DatabaseError } from '../client/errors.ts';
import type { OptimisticStore } from '../client/optimistic.ts';
import { type EtcdGateway, fromBase64, prefixEnd, toBase64 } from './gateway.ts';

interface KeyValue {
  readonly key: string;
  readonly value?: string;
  readonly mod_revision: string;
}

interface RangeReply {
  readonly header: { readonly revision: string };
  readonly kvs?: readonly KeyValue[];
}

export class EtcdTransaction implements OptimisticStore {
  readonly #gateway: EtcdGateway;
  /** Reads may be of this member alone, however far it is behind. */
  readonly #serializable: boolean;
  #revision: number | undefined;
  readonly #compares: object[] = [];

  constructor(gateway: EtcdGateway, serializable: boolean) {
    this.#gateway = gateway;
    this.#serializable = serializable;
  }

  async get(key: string): Promise<string | undefined> {
    const [found] = await this.#read({ key: toBase64(key) });
    this.#unchanged({ key: toBase64(key) });
    return found === undefined ? undefined : fromBase64(found.value ?? '');
  }

  async range({ prefix, limit = 0, reverse = false }: RangeQuery) {
    const span = { key: toBase64(prefix), range_end: prefixEnd(prefix) };
    const order = { sort_order: reverse ? 'DESCEND' : 'ASCEND', sort_target: 'KEY' };
    const found = await this.#read({ ...span, limit: String(limit), ...order });
    this.#unchanged(span);
    // A deleted key leaves no revision to compare, so every key that was found must still exist.
    for (const { key, mod_revision } of found.slice(0, RANGE_COMPARES_MAX)) {
      this.#compares.push({ key, target: 'MOD', result: 'EQUAL', mod_revision });
    }
    return found.map(({ key, value }) => [fromBase64(key), fromBase64(value ?? '')] as const);
  }

  async commit(writes: ReadonlyMap<string, string | undefined>): Promise<void> {
    if (writes.size === 0) return; // one revision, read as a whole
    const success = [...writes].map(([key, value]) =>
      value === undefined
        ? { request_delete_range: { key: toBase64(key) } }
        : { request_put: { key: toBase64(key), value: toBase64(value) } },
    );
    const request = { compare: this.#compares, success, failure: [] };
    const { succeeded } = await this.#gateway.call<{ succeeded?: boolean }>('/v3/kv/txn', request);
    if (succeeded === true) return;
    throw new DatabaseError('conflict', true, 'something that was read has changed');
  }

  async rollback(): Promise<void> {}

  async #read(query: object): Promise<readonly KeyValue[]> {
    const at = this.#revision === undefined ? {} : { revision: String(this.#revision) };
    const serializable = this.#serializable || this.#revision !== undefined;
    const reply = await this.#gateway.call<RangeReply>('/v3/kv/range', {
      ...query,
      ...at,
      serializable,
    });
    this.#revision ??= Number(reply.header.revision);
    return reply.kvs ?? [];
  }

  #unchanged(span: object): void {
    const mod_revision = String((this.#revision ?? 0) + 1);
    this.#compares.push({ ...span, target: 'MOD', result: 'LESS', mod_revision });
  }
}

/** etcd takes 128 parts of a transaction; transactions that write read no long ranges. */
const RANGE_COMPARES_MAX = 64;
