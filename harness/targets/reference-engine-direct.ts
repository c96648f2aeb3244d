/** The reference engine as a direct store: see `DirectStore`. */
import {
  type CommitOptions,
  type Database,
  type Isolation,
  type KeyValue,
  type RangeOptions,
  type Snapshot,
  type Transaction,
  utf8,
  WriteBatch,
} from '../../engine/index.ts';
import { entryBytes, frameBytes } from '../../engine/wal/log-format.ts';
import type {
  Change,
  Content,
  DirectRange,
  DirectReader,
  DirectSnapshot,
  DirectStore,
  WriteCall,
} from '../simulation/sim/direct-store.ts';
import { SessionStore } from './reference-engine-ordered.ts';

/** Bytes of one commit in the log; without changes, of a durable mark. */
export function commitBytes(changes: readonly Change[]): number {
  const sizes = changes.map(([key, value]) =>
    entryBytes(Buffer.byteLength(key), Buffer.byteLength(value ?? '')),
  );
  return frameBytes(sizes.reduce((sum, size) => sum + size, 0));
}

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

function writing(target: Pick<Transaction, 'put' | 'delete'>, [key, value]: Change): void {
  if (value === null) target.delete(utf8.encode(key));
  else target.put(utf8.encode(key), utf8.encode(value));
}

/** Makes one commit with the given call, or as a batch. Returns its timestamp. */
async function commitBy(
  database: Database,
  call: WriteCall,
  changes: readonly Change[],
  options: CommitOptions,
): Promise<number> {
  const isolation: Isolation = call.startsWith('serializable') ? 'serializable' : 'snapshot';
  const writeAll = (target: Pick<Transaction, 'put' | 'delete'>) => {
    for (const change of changes) writing(target, change);
  };
  if (call.endsWith('transact')) {
    await database.transact(writeAll, { ...options, isolation });
    return database.visibleTimestamp;
  }
  if (call.endsWith('transaction')) {
    const transaction = database.begin(isolation);
    try {
      writeAll(transaction);
      return (await transaction.commit(options)).timestamp;
    } finally {
      transaction.rollback();
    }
  }
  const [[key, value] = ['', null]] = changes;
  if (call === 'single' && changes.length === 1) {
    const written =
      value === null
        ? database.delete(utf8.encode(key), options)
        : database.put(utf8.encode(key), utf8.encode(value), options);
    return (await written).timestamp;
  }
  const batch = new WriteBatch();
  writeAll(batch);
  const canBeAtOnce = database.settings.durability !== 'sync' && options.durability === undefined;
  const atOnce = call === 'at once' && canBeAtOnce ? database.writeNow(batch) : 0;
  return atOnce > 0 ? atOnce : (await database.write(batch, options)).timestamp;
}

export function directStore(database: Database): DirectStore {
  const { lastLsn: lastTimestamp, ...recovery } = database.recovery;
  const stores = new SessionStore(database, () => Promise.resolve());
  return {
    recovery: { ...recovery, lastTimestamp },
    sync: () => database.sync(),
    write: (changes, durably = false, call = 'batch') =>
      commitBy(database, call, changes, durably ? { durability: 'sync' } : {}),
    async transact(body, isolation) {
      await database.transact(
        (transaction) =>
          body({ ...readerOf(transaction), write: (change) => writing(transaction, change) }),
        isolation === undefined ? {} : { isolation },
      );
      return database.visibleTimestamp;
    },
    readTogether: (keys, query) =>
      stores.read(async (reader) => {
        const values = await reader.getMany(keys.map((key) => utf8.encode(key)));
        const page = await reader.range(rangeOptions(query));
        return { values: values.map(textOrNothing), page: textOf(page) };
      }),
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
        write: (change) => writing(transaction, change),
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
