/** The reference engine as a direct store: see `DirectStore`. */
import {
  type Database,
  type KeyValue,
  type RangeOptions,
  type Snapshot,
  utf8,
  WriteBatch,
} from '../../engine/index.ts';
import type {
  Change,
  Content,
  DirectRange,
  DirectReader,
  DirectSnapshot,
  DirectStore,
} from '../sim/direct-store.ts';

/** A database, a snapshot of one or a transaction on it. */
type EngineReader = Pick<Database, 'get' | 'range'>;

function textOf(records: Iterable<KeyValue>): Content {
  return Array.from(records, ({ key, value }) => [utf8.decode(key), utf8.decode(value)] as const);
}

function textOrNothing(value: Uint8Array | undefined): string | undefined {
  return value === undefined ? undefined : utf8.decode(value);
}

function readerOf(source: EngineReader): DirectReader {
  return {
    get: (key) => textOrNothing(source.get(utf8.encode(key))),
    range: (query) => textOf(source.range(rangeOptions(query))),
    walk: (query) => inText(source.range(rangeOptions(query))),
  };
}

function* inText(records: Iterable<KeyValue>) {
  for (const { key, value } of records) yield [utf8.decode(key), utf8.decode(value)] as const;
}

function rangeOptions({ from, to, prefix, reverse, limit }: DirectRange): RangeOptions {
  return {
    ...(from === undefined ? {} : { from: utf8.encode(from) }),
    ...(to === undefined ? {} : { to: utf8.encode(to) }),
    ...(prefix === undefined ? {} : { prefix: utf8.encode(prefix) }),
    ...(reverse === undefined ? {} : { reverse }),
    ...(limit === undefined ? {} : { limit }),
  };
}

function directSnapshot(snapshot: Snapshot): DirectSnapshot {
  return {
    ...readerOf(snapshot),
    read: () => textOf(snapshot.range()),
    close: () => snapshot.close(),
  };
}

export function directStore(database: Database): DirectStore {
  const { lastLsn: lastTimestamp, ...recovery } = database.recovery;
  return {
    recovery: { ...recovery, lastTimestamp },
    sync: () => database.sync(),
    async write(changes: readonly Change[], durably = false) {
      const batch = new WriteBatch();
      for (const [key, value] of changes) {
        if (value === null) batch.delete(utf8.encode(key));
        else batch.put(utf8.encode(key), utf8.encode(value));
      }
      return (await database.write(batch, durably ? { durability: 'sync' } : {})).timestamp;
    },
    ...readerOf(database),
    getMany: (keys) => database.getMany(keys.map((key) => utf8.encode(key))).map(textOrNothing),
    read: () => textOf(database.range()),
    readReversed: () => [...textOf(database.range({ reverse: true }))].reverse(),
    snapshot: () => directSnapshot(database.snapshot()),
    snapshotAt: (when) => directSnapshot(database.snapshotAt(when)),
    begin() {
      const transaction = database.begin();
      return {
        ...readerOf(transaction),
        write([key, value]) {
          if (value === null) transaction.delete(utf8.encode(key));
          else transaction.put(utf8.encode(key), utf8.encode(value));
        },
        commit: async () => (await transaction.commit()).timestamp,
        rollback: () => transaction.rollback(),
      };
    },
    memoryBytes: () => database.stats().memoryBytes,
    workBytes: () => database.stats().workBytes,
    unflushedBytes: () => database.stats().unflushedBytes,
    async checkpoint() {
      await database.checkpoint();
    },
    compact: () => database.compact(),
    close: () => database.close(),
  };
}
