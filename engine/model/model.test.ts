/** The store against a model, through commands that each do one thing to both and compare. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { World } from '../../harness/simulation/sim/world.ts';
import { engineWorld, engineWorldAfter } from '../../harness/targets/reference-engine-world.ts';
import {
  type Database,
  isStoreError,
  type OpenOptions,
  open,
  type RangeOptions,
  type Snapshot,
  type Transaction,
  verifyStore,
  WriteBatch,
} from '../index.ts';
import { type Change, covers, Model, type Range, rangeOf } from './model.ts';

interface Real {
  world: World;
  database: Database;
  readonly options: OpenOptions;
  readonly transactions: Transaction[];
  readonly snapshots: Snapshot[];
  /** Of each commit of the model. */
  readonly timestamps: number[];
}

type Command = fc.AsyncCommand<Model, Real>;

const RETAINED = 20;

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

const textOf = (bytes: Uint8Array | undefined) =>
  bytes === undefined ? undefined : String.fromCharCode(...bytes);

function optionsOf({ from, to, prefix, reverse, limit }: Range): RangeOptions {
  return {
    ...(from === undefined ? {} : { from: bytesOf(from) }),
    ...(to === undefined ? {} : { to: bytesOf(to) }),
    ...(prefix === undefined ? {} : { prefix: bytesOf(prefix) }),
    ...(reverse === undefined ? {} : { reverse }),
    ...(limit === undefined ? {} : { limit }),
  };
}

function readRange(source: Pick<Database, 'range'>, range: Range): [string, string][] {
  const records = [...source.range(optionsOf(range))];
  return records.map(({ key, value }) => [textOf(key)!, textOf(value)!]);
}

function command(
  name: string,
  run: Command['run'],
  check: (model: Readonly<Model>) => boolean = () => true,
): Command {
  return { run, check, toString: () => name };
}

const show = (value: unknown) => JSON.stringify(value);

function write(changes: readonly Change[], now: boolean): Command {
  const name = `write ${show(changes)}${now ? ' now' : ''}`;
  return command(name, async (model, { database, options, timestamps }) => {
    const batch = new WriteBatch();
    for (const [key, value] of changes) {
      if (value === null) batch.delete(bytesOf(key));
      else batch.put(bytesOf(key), bytesOf(value));
    }
    const done = now && options.durability === 'none' ? database.writeNow(batch) : 0;
    const timestamp = done === 0 ? (await database.write(batch)).timestamp : done;
    expect(timestamp).toBeGreaterThan(timestamps.at(-1) ?? 0);
    timestamps.push(timestamp);
    model.commit(changes);
  });
}

function readKeys(keys: readonly string[]): Command {
  return command(`read ${show(keys)}`, async ({ content }, { database }) => {
    const expected = keys.map((key) => content.get(key));
    expect(database.getMany(keys.map(bytesOf)).map(textOf)).toEqual(expected);
    expect(keys.map((key) => textOf(database.get(bytesOf(key))))).toEqual(expected);
    expect(keys.map((key) => database.getView(bytesOf(key), textOf))).toEqual(expected);
  });
}

function readWithin(options: Range): Command {
  return command(`range ${show(options)}`, async ({ content }, { database }) => {
    expect(readRange(database, options)).toEqual(rangeOf(content, options));
  });
}

function openSnapshot(): Command {
  return command('open a snapshot', async (model, { database, snapshots }) => {
    snapshots.push(database.snapshot());
    model.snapshots.push(model.commits.length);
  });
}

function readSnapshot(number: number, key: string, options: Range): Command {
  const name = `read ${show(key)} and ${show(options)} of snapshot ${number}`;
  const read: Command['run'] = async (model, { snapshots }) => {
    const i = number % snapshots.length;
    const content = model.contents[model.snapshots[i]!]!;
    expect(textOf(snapshots[i]!.get(bytesOf(key)))).toBe(content.get(key));
    expect(readRange(snapshots[i]!, options)).toEqual(rangeOf(content, options));
  };
  return command(name, read, ({ snapshots }) => snapshots.length > 0);
}

function closeSnapshot(number: number): Command {
  const close: Command['run'] = async (model, { snapshots }) => {
    const i = number % snapshots.length;
    snapshots.splice(i, 1)[0]!.close();
    model.snapshots.splice(i, 1);
  };
  return command(`close snapshot ${number}`, close, ({ snapshots }) => snapshots.length > 0);
}

/** The store as it was `ago` commits ago: kept for at least the last `RETAINED` since it was opened. */
function readPast(ago: number, options: Range): Command {
  const name = `read ${show(options)} as of ${ago} commits ago`;
  const read: Command['run'] = async (model, { database, timestamps }) => {
    const commits = model.commits.length - (ago % model.commits.length);
    try {
      using past = database.snapshotAt(timestamps[commits - 1]!);
      expect(readRange(past, options)).toEqual(rangeOf(model.contents[commits]!, options));
    } catch (error) {
      if (!isStoreError(error, 'snapshot-too-old')) throw error;
      const isKept = commits > model.commits.length - RETAINED && commits > model.born;
      expect(isKept).toBe(false);
    }
  };
  return command(name, read, ({ commits }) => commits.length > 0);
}

function begin(serializable: boolean): Command {
  const name = `begin ${serializable ? 'serializable' : 'snapshot'}`;
  return command(name, async (model, { database, transactions }) => {
    transactions.push(database.begin(serializable ? 'serializable' : 'snapshot'));
    const sees = model.commits.length;
    model.transactions.push({ serializable, sees, writes: new Map(), read: [] });
  });
}

const hasTransactions = ({ transactions }: Readonly<Model>) => transactions.length > 0;

function inTransaction(
  number: number,
  changes: readonly Change[],
  key: string,
  options: Range,
): Command {
  const name = `in transaction ${number} write ${show(changes)}, read ${show(key)} and ${show(options)}`;
  const act: Command['run'] = async (model, { transactions }) => {
    const i = number % transactions.length;
    const [real, modelled] = [transactions[i]!, model.transactions[i]!];
    for (const [name, value] of changes) {
      if (value === null) real.delete(bytesOf(name));
      else real.put(bytesOf(name), bytesOf(value));
      modelled.writes.set(name, value);
    }
    const seen = model.seenBy(modelled);
    expect(textOf(real.get(bytesOf(key)))).toBe(seen.get(key));
    // Its own write says nothing about the store.
    if (!modelled.writes.has(key)) modelled.read.push((other) => other === key);
    // How much of a range with a limit counts as read is the engine's business.
    const { limit: _, ...unlimited } = options;
    const wanted = modelled.serializable ? unlimited : options;
    expect(readRange(real, wanted)).toEqual(rangeOf(seen, wanted));
    modelled.read.push(covers(options));
  };
  return command(name, act, hasTransactions);
}

function finish(number: number, commits: boolean): Command {
  const end: Command['run'] = async (model, { transactions, timestamps }) => {
    const i = number % transactions.length;
    const [real] = transactions.splice(i, 1);
    const [modelled] = model.transactions.splice(i, 1);
    if (!commits) return real!.rollback();
    const conflicts = model.conflicts(modelled!);
    try {
      const { timestamp } = await real!.commit();
      expect(conflicts).toBe(false);
      if (modelled!.writes.size === 0) return;
      timestamps.push(timestamp);
      model.commit([...modelled!.writes]);
    } catch (error) {
      if (!isStoreError(error, 'conflict')) throw error;
      expect(conflicts).toBe(true);
    }
  };
  return command(`${commits ? 'commit' : 'roll back'} transaction ${number}`, end, hasTransactions);
}

function upkeep(what: 'checkpoint' | 'compact'): Command {
  return command(what, async (_, { database }) => void (await database[what]()));
}

/** What was acknowledged is there, and the walk over the files finds nothing. */
function restart(how: 'close' | 'kill' | 'torn' | 'garbage' | 'none-kept'): Command {
  return command(`restart after ${how}`, async (model, real) => {
    if (how === 'close') {
      for (const snapshot of real.snapshots) snapshot.close();
      await real.database.close();
    }
    // Without waiting for the disk, a power cut may take commits: not what is asked here.
    const isKill = how === 'close' || real.options.durability === 'none';
    real.world = engineWorldAfter(real.world, isKill ? 'kill' : how, model.commits.length);
    real.transactions.length = 0;
    real.snapshots.length = 0;
    real.database = await open(real.world.env, real.options);
    model.restart();
    expect(readRange(real.database, {})).toEqual(rangeOf(model.content, {}));
    expect(verifyStore(real.world.disk, real.options.directory).problems).toEqual([]);
  });
}

/** Neighbours in every sense: prefixes of each other, ends of the order, long and alike. */
const AWKWARD = ['\0', '\0\0', 'a', 'a\0', 'ab', 'b', '\xfe\xff', '\xff', '\xff\xff', '\xff\xff\0'];
const LONG = ['', 'x', 'y'].map((end) => `${'k'.repeat(60)}${end}`);
const key = fc.oneof(
  fc.constantFrom(...AWKWARD, ...LONG),
  fc.nat(30).map((number) => `key ${number}`),
);
const value = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 20 }) },
  { weight: 1, arbitrary: fc.nat(900).map((length) => 'v'.repeat(length)) },
);
const change = fc.tuple(key, fc.oneof({ weight: 3, arbitrary: value }, fc.constant(null)));
const changes = (most: number) =>
  fc
    .array(change, { minLength: 1, maxLength: most })
    .map((all): Change[] => [...new Map(all.map((one) => [one[0], one] as const)).values()]);
const anyRange = fc.record(
  { from: key, to: key, prefix: key, reverse: fc.boolean(), limit: fc.nat(6) },
  { requiredKeys: [] },
);
const which = fc.nat(3);

const arbitraries = [
  ...Array<fc.Arbitrary<Command>>(4).fill(
    fc.tuple(changes(6), fc.boolean()).map((args) => write(...args)),
  ),
  fc.array(key, { minLength: 1, maxLength: 40 }).map(readKeys),
  anyRange.map(readWithin),
  fc.constant(openSnapshot()),
  fc.tuple(which, key, anyRange).map((args) => readSnapshot(...args)),
  which.map(closeSnapshot),
  fc.tuple(fc.nat(40), anyRange).map((args) => readPast(...args)),
  fc.boolean().map(begin),
  fc.tuple(which, changes(3), key, anyRange).map((args) => inTransaction(...args)),
  fc.tuple(which, fc.boolean()).map((args) => finish(...args)),
  fc.constantFrom('checkpoint' as const, 'compact' as const).map(upkeep),
  fc
    .constantFrom('close', 'kill', 'torn', 'garbage', 'none-kept' as const)
    .map((how) => restart(how as 'close')),
];

const anyOptions = fc.record({
  directory: fc.constant('store'),
  segmentBytes: fc.constantFrom(4096, 8192),
  blockBytes: fc.constantFrom(512, 1024),
  cacheBytes: fc.constantFrom(0, 16_384, 1 << 20),
  fanIn: fc.constantFrom(2, 3),
  compression: fc.constantFrom('none' as const, 'zstd' as const),
  retain: fc.constant({ versions: 20 }),
  durability: fc.constantFrom('sync' as const, 'none' as const),
});

it('the store does what a list of contents says (model-based)', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyOptions,
      fc.commands(arbitraries, { maxCommands: 120, size: 'max' }),
      async (chosen, all) => {
        const world = engineWorld();
        const database = await open(world.env, chosen);
        const real: Real = {
          world,
          database,
          options: chosen,
          transactions: [],
          snapshots: [],
          timestamps: [],
        };
        await fc.asyncModelRun(() => ({ model: new Model(), real }), all);
      },
    ),
    { numRuns: 150 },
  );
});
