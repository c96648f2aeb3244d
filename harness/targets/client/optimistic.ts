/**
 * Optimistic transactions for stores without interactive ones: reads are recorded, writes buffered, and
 * the commit is one conditional request.
 */
import type { RangeQuery, Transaction } from '../../contract/target.ts';
import { DatabaseError, reading } from './errors.ts';

export interface OptimisticStore {
  get(key: string): Promise<string | undefined>;
  /** Records below a prefix in key order. */
  range(query: RangeQuery): Promise<readonly (readonly [string, string])[]>;
  /** Writes if no record that was read has changed. `undefined` deletes. Throws an OperationError. */
  commit(writes: ReadonlyMap<string, string | undefined>): Promise<void>;
  rollback(): Promise<void>;
}

export function optimisticTransaction(store: OptimisticStore): Transaction {
  const writes = new Map<string, string | undefined>();
  let finished = false;
  return {
    get: async (key) => (writes.has(key) ? writes.get(key) : reading(() => store.get(key))),
    async put(key, value) {
      writes.set(key, value);
    },
    async delete(key) {
      writes.set(key, undefined);
    },
    range: (query) =>
      reading(async () => {
        for (const key of writes.keys()) {
          if (!key.startsWith(query.prefix)) continue;
          const message = `a range over own writes is not there (${key})`;
          throw new DatabaseError('not-expressible', true, message);
        }
        return store.range(query);
      }),
    async commit() {
      finished = true;
      await store.commit(writes);
    },
    async rollback() {
      if (!finished) await store.rollback();
      finished = true;
    },
  };
}
