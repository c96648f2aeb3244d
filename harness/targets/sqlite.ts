/**
 * SQLite through better-sqlite3, one connection a session. Settings: `synchronous` (OFF, NORMAL,
 * FULL, EXTRA; default FULL) and `journalMode` (default WAL).
 */
import Sqlite from 'better-sqlite3';
import type {
  EmbeddedTarget,
  OperationError,
  Settings,
  Store,
  Transaction,
} from '../contract/target.ts';

type Connection = Sqlite.Database;

const SYNCHRONOUS = ['OFF', 'NORMAL', 'FULL', 'EXTRA'];
const JOURNAL_MODES = ['WAL', 'DELETE', 'TRUNCATE', 'PERSIST'];

class SqliteError extends Error implements OperationError {
  readonly code: string;
  readonly definite: boolean;

  constructor(cause: unknown) {
    const { code = 'unknown', message = String(cause) } = cause as Partial<OperationError>;
    super(message);
    this.code = code;
    // SQLITE_BUSY is returned before anything is written; an I/O error may come later.
    this.definite = code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_CONSTRAINT');
  }
}

function attempt<T>(run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw new SqliteError(cause);
  }
}

function oneOf(settings: Settings, name: string, fallback: string, allowed: readonly string[]) {
  const value = String(settings[name] ?? fallback).toUpperCase();
  if (allowed.includes(value)) return value;
  throw new Error(`sqlite: ${name} is ${value}, not one of ${allowed.join(', ')}`);
}

function connect(directory: string, settings: Settings): Connection {
  const connection = new Sqlite(`${directory}/store.sqlite`, { timeout: 0 });
  connection.pragma(`journal_mode = ${oneOf(settings, 'journalMode', 'WAL', JOURNAL_MODES)}`);
  connection.pragma(`synchronous = ${oneOf(settings, 'synchronous', 'FULL', SYNCHRONOUS)}`);
  connection.exec(
    'CREATE TABLE IF NOT EXISTS records (key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID',
  );
  return connection;
}

const target: EmbeddedTarget = {
  kind: 'embedded',
  name: 'sqlite',
  doc: 'SQLite through better-sqlite3; settings synchronous and journalMode',
  capabilities: { isolation: 'serializable', durable: true, graph: false },
  checkSettings(settings) {
    for (const name of Object.keys(settings)) {
      if (name !== 'synchronous' && name !== 'journalMode') {
        throw new Error(`sqlite has no setting ${name}`);
      }
    }
    oneOf(settings, 'journalMode', 'WAL', JOURNAL_MODES);
    oneOf(settings, 'synchronous', 'FULL', SYNCHRONOUS);
  },
  async open(directory, settings): Promise<Store> {
    const connections: Connection[] = [];
    const opened = () => {
      const connection = attempt(() => connect(directory, settings));
      connections.push(connection);
      return connection;
    };
    opened();
    return {
      async connect() {
        const connection = opened();
        return {
          begin: async () => transactionOn(connection),
          close: async () => {
            connection.close();
          },
        };
      },
      async close() {
        for (const connection of connections) connection.close();
      },
    };
  },
  async verify(directory) {
    const connection = new Sqlite(`${directory}/store.sqlite`, { readonly: true });
    const rows = connection.pragma('integrity_check') as { integrity_check: string }[];
    connection.close();
    return rows.map((row) => row.integrity_check).filter((line) => line !== 'ok');
  },
  async openBulk(directory, settings) {
    const connection = connect(directory, settings);
    connection.pragma('cache_size = -1048576');
    connection.pragma('mmap_size = 34359738368');
    connection.pragma('wal_autocheckpoint = 65536');
    const insert = connection.prepare('INSERT OR REPLACE INTO records VALUES (?, ?)');
    const select = connection.prepare('SELECT value FROM records WHERE key = ?').pluck();
    return {
      async write(keys, values) {
        connection.exec('BEGIN IMMEDIATE');
        for (const [i, key] of keys.entries()) insert.run(key, values[i]);
        connection.exec('COMMIT');
      },
      get: (key) => select.get(key) as Uint8Array | undefined,
      async makeDurable() {
        connection.pragma('synchronous = FULL');
        insert.run(Buffer.from('~durable'), Buffer.alloc(0));
      },
      async close() {
        connection.close();
      },
    };
  },
};

export default target;

/** Keys are bytes, so that they sort as bytes. */
function transactionOn(connection: Connection): Transaction {
  attempt(() => connection.exec('BEGIN'));
  let open = true;
  return {
    async get(key) {
      const statement = connection.prepare('SELECT value FROM records WHERE key = ?').pluck();
      const value = attempt(() => statement.get(Buffer.from(key))) as Buffer | undefined;
      return value?.toString();
    },
    async put(key, value) {
      const statement = connection.prepare('INSERT OR REPLACE INTO records VALUES (?, ?)');
      attempt(() => statement.run(Buffer.from(key), Buffer.from(value)));
    },
    async delete(key) {
      const statement = connection.prepare('DELETE FROM records WHERE key = ?');
      attempt(() => statement.run(Buffer.from(key)));
    },
    async range({ prefix, limit = -1, reverse = false }) {
      const statement = connection
        .prepare(
          `SELECT key, value FROM records WHERE key >= ? AND key < ?
           ORDER BY key ${reverse ? 'DESC' : 'ASC'} LIMIT ?`,
        )
        .raw();
      const start = Buffer.from(prefix);
      const end = Buffer.concat([start, Buffer.from([0xff])]); // no UTF-8 byte is 0xff
      const rows = attempt(() => statement.all(start, end, limit));
      return (rows as [Buffer, Buffer][]).map(([key, value]) => [String(key), String(value)]);
    },
    async commit() {
      attempt(() => connection.exec('COMMIT'));
      open = false;
    },
    async rollback() {
      if (!open) return;
      open = false;
      if (connection.inTransaction) attempt(() => connection.exec('ROLLBACK'));
    },
  };
}
