/**
 * Locks on etcd, as its own lock service makes them: a key of the lock's that is bound to a lease,
 * kept alive by its holder. The revision that made the key is the fencing token.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { HeldLock, LockSession } from '../../contract/target.ts';
import { DatabaseError, reading } from '../client/errors.ts';
import { type EtcdGateway, fromBase64, toBase64 } from './gateway.ts';

const RETRY_MS = 30;

interface TxnReply {
  readonly succeeded?: boolean;
  readonly header: { readonly revision: string };
}

/** `leaseSeconds`: how long a lock outlives its holder. */
export function etcdLocks(gateway: EtcdGateway, leaseSeconds: number): LockSession {
  return {
    acquire: (name) => reading(() => acquire(gateway, name, leaseSeconds)),
    get: (key) =>
      reading(async () => {
        const query = { key: toBase64(key) };
        const { kvs } = await gateway.call<{ kvs?: { value?: string }[] }>('/v3/kv/range', query);
        return kvs?.[0] === undefined ? undefined : fromBase64(kvs[0].value ?? '');
      }),
  };
}

async function acquire(
  gateway: EtcdGateway,
  name: string,
  leaseSeconds: number,
): Promise<HeldLock> {
  const { ID: lease } = await gateway.call<{ ID: string }>('/v3/lease/grant', {
    TTL: String(leaseSeconds),
  });
  let isHeld = true;
  const keepAlive = async () => {
    while (isHeld) {
      await gateway.call('/v3/lease/keepalive', { ID: lease }).catch(() => undefined);
      await sleep((leaseSeconds * 1000) / 3);
    }
  };
  void keepAlive();
  const release = async () => {
    isHeld = false;
    await gateway.call('/v3/lease/revoke', { ID: lease });
  };
  try {
    const key = toBase64(`lock/${name}`);
    const absent = { key, target: 'CREATE', result: 'EQUAL', create_revision: '0' };
    const put = { request_put: { key, value: toBase64(lease), lease } };
    for (;;) {
      const reply = await gateway.call<TxnReply>('/v3/kv/txn', {
        compare: [absent],
        success: [put],
      });
      if (reply.succeeded === true) return lockOf(gateway, key, reply.header.revision, release);
      await sleep(RETRY_MS);
    }
  } catch (error) {
    isHeld = false;
    throw error;
  }
}

function lockOf(
  gateway: EtcdGateway,
  lock: string,
  token: string,
  release: () => Promise<void>,
): HeldLock {
  const put = (key: string, value: string) => ({
    request_put: { key: toBase64(key), value: toBase64(value) },
  });
  return {
    release,
    async put(key, value) {
      await gateway.call('/v3/kv/txn', { compare: [], success: [put(key, value)] });
    },
    async putFenced(key, value) {
      const mine = { key: lock, target: 'CREATE', result: 'EQUAL', create_revision: token };
      const request = { compare: [mine], success: [put(key, value)] };
      const { succeeded } = await gateway.call<TxnReply>('/v3/kv/txn', request);
      if (succeeded === true) return;
      throw new DatabaseError('lock-lost', true, 'the lock is not held any more');
    },
  };
}
