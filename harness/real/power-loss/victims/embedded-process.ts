/**
 * Hosts an embedded database in a process of its own, so that it can be killed.
 *
 *     node embedded-process.ts '<EmbeddedSpec as JSON>'
 */
import { type EmbeddedTarget, inTransaction, type Session } from '../../../contract/target.ts';
import type { EmbeddedAnswer, EmbeddedRequest, EmbeddedSpec } from './embedded-protocol.ts';
import { keyOf, numberOf, textOf } from './target-record.ts';

interface Opened {
  write(number: number, token: string): void | Promise<void>;
  read(): number[] | Promise<number[]>;
}

async function sqlite({ directory, settings }: EmbeddedSpec): Promise<Opened> {
  const { default: Sqlite } = await import('better-sqlite3');
  const database = new Sqlite(`${directory}/store.sqlite`);
  keepAlive = database;
  database.pragma(`journal_mode = ${settings.journalMode}`);
  database.pragma(`synchronous = ${settings.synchronous}`);
  database.exec('CREATE TABLE IF NOT EXISTS records (number INTEGER PRIMARY KEY, token TEXT)');
  // Two trees that must agree: the integrity check finds a change that only one of them kept.
  if (settings.indexed === true)
    database.exec('CREATE INDEX IF NOT EXISTS tokens ON records (token)');
  const insert = database.prepare('INSERT INTO records VALUES (?, ?)');
  return {
    write: (number, token) => void insert.run(number, token),
    read() {
      const [check] = database.pragma('integrity_check') as { integrity_check: string }[];
      if (check?.integrity_check !== 'ok') throw new Error(`integrity: ${check?.integrity_check}`);
      const rows = database.prepare('SELECT number FROM records').all() as { number: number }[];
      return rows.map(({ number }) => number);
    },
  };
}

async function lmdb({ directory, settings }: EmbeddedSpec): Promise<Opened> {
  const { open } = await import('lmdb');
  const flags = {
    noSync: settings.noSync === true,
    noMetaSync: settings.noMetaSync === true,
    useWritemap: settings.useWritemap === true,
    mapAsync: settings.mapAsync === true, // not in its types
  };
  const path = `${directory}/store.lmdb`;
  const database = open<string, number>({ path, compression: false, ...flags });
  keepAlive = database;
  return {
    async write(number, token) {
      await database.put(number, token);
      if (settings.noSync !== true) await database.flushed;
    },
    read: () => [...database.getKeys()],
  };
}

/** Each reopen flushes the log to a table. */
const REOPEN_RECORDS = 7;

async function level({ directory, settings }: EmbeddedSpec): Promise<Opened> {
  const { ClassicLevel } = await import('classic-level');
  const database = new ClassicLevel<string, string>(`${directory}/store.level`);
  keepAlive = database;
  await database.open();
  return {
    async write(number, token) {
      await database.put(String(number), token, { sync: settings.sync === true });
      if (settings.reopens !== true || number % REOPEN_RECORDS !== 0) return;
      await database.close();
      await database.open();
    },
    async read() {
      const numbers: number[] = [];
      for await (const key of database.keys()) numbers.push(Number(key));
      return numbers;
    },
  };
}

async function rocksdb({ directory, settings }: EmbeddedSpec): Promise<Opened> {
  const { RocksLevel } = await import('@nxtedition/rocksdb');
  const database = new RocksLevel(`${directory}/store.rocksdb`, {});
  keepAlive = database;
  await database.open({ createIfMissing: true });
  return {
    write(number, token) {
      const batch = database._chainedBatch();
      batch._put(Buffer.from(String(number)), Buffer.from(token));
      batch._writeSync({ sync: settings.sync === true });
      batch._closeSync();
    },
    read() {
      const { rows } = database.querySync({ keyEncoding: 'buffer', valueEncoding: 'buffer' });
      return rows.filter((_, i) => i % 2 === 0).map((key) => Number(key.toString()));
    },
  };
}

async function target({ directory, settings, module }: EmbeddedSpec): Promise<Opened> {
  const { default: found } = (await import(module!)) as { default: EmbeddedTarget };
  const store = await found.open(directory, settings);
  keepAlive = store;
  /** A session has one transaction at a time. */
  const idle: Session[] = [];
  const withSession = async <T>(body: (session: Session) => Promise<T>): Promise<T> => {
    const session = idle.pop() ?? (await store.connect());
    const result = await body(session);
    idle.push(session);
    return result;
  };
  return {
    write: (number, token) =>
      withSession((session) =>
        inTransaction(session, (transaction) =>
          transaction.put(keyOf(number), textOf(number, token)),
        ),
      ),
    async read() {
      const records = await withSession((session) =>
        inTransaction(session, (transaction) => transaction.range({ prefix: '' })),
      );
      return records.map(([key, value]) => numberOf(key, value));
    },
  };
}

/** Keeps the handle alive: garbage collection would close it, and a close may sync. */
let keepAlive: unknown;
const OPENERS = { sqlite, lmdb, level, rocksdb, target };

const spec = JSON.parse(process.argv[2]!) as EmbeddedSpec;
/** The error message, with its cause if the package reports it separately. */
const wordsOf = (error: unknown) => {
  const { message = String(error), cause } = error as Partial<Error>;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
};
const say = (answer: EmbeddedAnswer) => process.send?.(answer);
process.on('disconnect', () => process.exit(1));

try {
  const opened = await OPENERS[spec.kind](spec);
  process.on('message', async (request: EmbeddedRequest) => {
    const { id } = request;
    try {
      if (request.kind === 'read') say({ id, numbers: await opened.read() });
      else {
        await opened.write(request.number, request.token);
        say({ id });
      }
    } catch (error) {
      say({ id, error: wordsOf(error) });
    }
  });
  say({ id: 0 });
} catch (error) {
  say({ id: 0, error: wordsOf(error) });
}

export { keepAlive };
