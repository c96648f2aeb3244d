/** The interface of the reference engine, for counting judged calls: see `ApiSurface`. */
import {
  checkOptions,
  Database,
  type Direction,
  GraphStore,
  type Isolation,
  type NeighbourOptions,
  type OpenOptions,
  type RangeOptions,
  type Retention,
  WriteBatch,
} from '../../engine/index.ts';
import { visibleRecords } from '../../engine/mvcc/range-read.ts';
import { Snapshot } from '../../engine/mvcc/snapshot.ts';
import {
  type CommitOptions,
  Transaction,
  type TransactOptions,
} from '../../engine/mvcc/transaction.ts';
import type { RemoveOptions } from '../../engine/stores/graph/graph-arguments.ts';
import {
  type ApiSurface,
  allOf,
  argumentAt,
  given,
  type OptionTable,
  optionsAt,
  otherThan,
  partsOf,
  type Values,
  words,
} from '../contract/api.ts';
import { SessionReader, SessionStore, SessionTransaction } from './reference-engine-ordered.ts';

const durability = words<NonNullable<CommitOptions['durability']>>({ sync: true });
const isolation = words<Isolation>({ snapshot: true, serializable: true });
const commit: OptionTable<CommitOptions> = { durability };
const transact: OptionTable<TransactOptions> = { durability, isolation };
export const rangeTable: OptionTable<RangeOptions> = {
  from: given,
  to: given,
  prefix: given,
  reverse: otherThan(false),
  limit: given,
};
export const range = optionsAt(0, rangeTable, [['reverse', 'limit']]);

const usual = checkOptions({ directory: 'store' });

const retention: OptionTable<Retention> = { versions: given, ageMs: given };
const open: OptionTable<OpenOptions> = {
  directory: given,
  durability: {
    names: ['sync', 'none', 'intervalMs'],
    nameOf: (mode) => (typeof mode === 'object' ? 'intervalMs' : mode),
  },
  isolation,
  mustExist: otherThan(usual.mustExist),
  memoryBytes: given,
  segmentBytes: otherThan(usual.segmentBytes),
  maxUnflushedBytes: given,
  blockBytes: otherThan(usual.blockBytes),
  cacheBytes: given,
  compression: words({ none: true, zstd: true }),
  fanIn: otherThan(usual.fanIn),
  retain: { names: [], nameOf: () => undefined }, // each of its parts by itself
  checkpointEveryBytes: otherThan(usual.checkpointEveryBytes),
};

/** Of what was worked out from the segment's size only what is not the default. */
function askedFor({ maxUnflushedBytes, ...settings }: Database['settings']): OpenOptions {
  const isUsual =
    maxUnflushedBytes === (usual.maxUnflushedBytes / usual.segmentBytes) * settings.segmentBytes;
  const { cacheBytes, memoryBytes, ...rest } = settings;
  return {
    ...rest,
    ...(cacheBytes !== undefined && { cacheBytes }),
    ...(memoryBytes !== undefined && { memoryBytes }),
    ...(!isUsual && { maxUnflushedBytes }),
  };
}

const neighbours: OptionTable<NeighbourOptions> = { label: given, limit: given, after: given };
const remove: OptionTable<RemoveOptions> = { cascade: otherThan(false) };
const when: Values<number | Date> = {
  names: ['timestamp', 'date'],
  nameOf: (value) => (typeof value === 'number' ? 'timestamp' : 'date'),
};

export const engineApi: ApiSurface = {
  classes: [
    {
      name: 'Database',
      prototype: Database.prototype,
      madeWith: {
        by: 'open',
        choices: allOf(optionsAt(0, open), partsOf('retain', optionsAt(1, retention))),
        argumentsOf(database) {
          const { settings } = database as Database;
          return [askedFor(settings), settings.retain];
        },
      },
      options: {
        range,
        snapshotAt: argumentAt(0, 'when', when),
        begin: argumentAt(0, 'isolation', isolation),
        transact: optionsAt(1, transact),
        put: optionsAt(2, commit),
        delete: optionsAt(1, commit),
        write: optionsAt(1, commit),
      },
    },
    {
      name: 'Transaction',
      prototype: Transaction.prototype,
      kinds: {
        names: ['snapshot', 'serializable'],
        kindOf: (transaction) => (transaction as Transaction).isolation,
      },
      options: { range, commit: optionsAt(0, commit) },
    },
    { name: 'Snapshot', prototype: Snapshot.prototype, options: { range } },
    { name: 'Range', prototype: visibleRecords.prototype, methods: ['next', 'return', 'throw'] },
    { name: 'WriteBatch', prototype: WriteBatch.prototype },
    {
      name: 'GraphStore',
      prototype: GraphStore.prototype,
      options: {
        removeVertex: optionsAt(1, remove),
        neighbours: allOf(
          argumentAt(1, 'direction', words<Direction>({ out: true, in: true })),
          optionsAt(2, neighbours),
        ),
      },
    },
    { name: 'OrderedStore', prototype: SessionStore.prototype },
    { name: 'OrderedReader', prototype: SessionReader.prototype, options: { range } },
    { name: 'OrderedTransaction', prototype: SessionTransaction.prototype },
  ],
};
