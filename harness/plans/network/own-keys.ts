/** Restricts a run on a server that others use, too, to keys with the prefix of the run. */
import type { Session, Transaction } from '../../contract/target.ts';

/** The session with every key below `prefix`; the workload does not notice. */
export function withOwnKeys(session: Session, prefix: string): Session {
  if (prefix === '') return session;
  const { locks, watches } = session;
  const own = (key: string) => `${prefix}${key}`;
  const bare = (key: string) => key.slice(prefix.length);
  return {
    begin: async () => transactionBelow(await session.begin(), own, bare),
    ...(locks && {
      locks: {
        get: (key) => locks.get(own(key)),
        async acquire(name) {
          const lock = await locks.acquire(own(name));
          return {
            put: (key, value) => lock.put(own(key), value),
            putFenced: (key, value) => lock.putFenced(own(key), value),
            release: () => lock.release(),
          };
        },
      },
    }),
    ...(watches && {
      watches: {
        async collect(below, from, last) {
          const events = await watches.collect(own(below), from, last);
          return events.map((event) => ({ ...event, key: bare(event.key) }));
        },
      },
    }),
    close: () => session.close(),
  };
}

function transactionBelow(
  transaction: Transaction,
  own: (key: string) => string,
  bare: (key: string) => string,
): Transaction {
  return {
    get: (key) => transaction.get(own(key)),
    put: (key, value) => transaction.put(own(key), value),
    delete: (key) => transaction.delete(own(key)),
    async range(query) {
      const found = await transaction.range({ ...query, prefix: own(query.prefix) });
      return found.map(([key, value]) => [bare(key), value] as const);
    },
    commit: () => transaction.commit(),
    rollback: () => transaction.rollback(),
  };
}

const DELETES = 50;

/** Deletes everything below the prefix, a few keys a transaction. */
export async function removeOwnKeys(session: Session, prefix: string): Promise<void> {
  for (;;) {
    const reader = await session.begin();
    const found = await reader.range({ prefix, limit: DELETES });
    await reader.rollback();
    if (found.length === 0) return;
    for (const [key] of found) {
      const transaction = await session.begin();
      await transaction.delete(key);
      await transaction.commit();
    }
  }
}
