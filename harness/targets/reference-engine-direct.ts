/** The reference engine as a direct store: see `DirectStore`. */
import { type Database, type KeyValue, utf8, WriteBatch } from '../../engine/index.ts';
import type { Change, Content, DirectStore } from '../sim/direct-store.ts';

function textOf(records: Iterable<KeyValue>): Content {
  return Array.from(records, ({ key, value }) => [utf8.decode(key), utf8.decode(value)] as const);
}

function textOrNothing(value: Uint8Array | undefined): string | undefined {
  return value === undefined ? undefined : utf8.decode(value);
}

export function directStore(database: Database): DirectStore {
  return {
    async write(changes: readonly Change[]) {
      const batch = new WriteBatch();
      for (const [key, value] of changes) {
        if (value === null) batch.delete(utf8.encode(key));
        else batch.put(utf8.encode(key), utf8.encode(value));
      }
      await database.write(batch);
    },
    get: (key) => textOrNothing(database.get(utf8.encode(key))),
    read: () => textOf(database.range()),
    readReversed: () => [...textOf(database.range({ reverse: true }))].reverse(),
    snapshot() {
      const snapshot = database.snapshot();
      return {
        read: () => textOf(snapshot.range()),
        *walk() {
          for (const { key, value } of snapshot.range()) {
            yield [utf8.decode(key), utf8.decode(value)] as const;
          }
        },
        close: () => snapshot.close(),
      };
    },
    begin() {
      const transaction = database.begin();
      return {
        get: (key) => textOrNothing(transaction.get(utf8.encode(key))),
        write([key, value]) {
          if (value === null) transaction.delete(utf8.encode(key));
          else transaction.put(utf8.encode(key), utf8.encode(value));
        },
        async commit() {
          await transaction.commit();
        },
        rollback: () => transaction.rollback(),
      };
    },
    memoryBytes: () => database.stats().memoryBytes,
    async checkpoint() {
      await database.checkpoint();
    },
    compact: () => database.compact(),
    close: () => database.close(),
  };
}
