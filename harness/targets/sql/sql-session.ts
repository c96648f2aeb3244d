/**
 * A table of keys and values in an SQL database as a session: `kv(k, v)`, keys in byte order. The
 * dialect says how to talk to the driver and what its errors mean.
 */
import type { RangeQuery, Session, Transaction } from '../../contract/target.ts';
import { reading } from '../client/errors.ts';

export interface SqlConnection {
  /** Rows as arrays. Throws a DatabaseError. */
  query(text: string, values?: readonly unknown[]): Promise<readonly (readonly unknown[])[]>;
  /** Throws a DatabaseError: definite only when the database says that it rolled back. */
  commit(): Promise<void>;
  close(): Promise<void>;
}

export interface SqlDialect {
  /** Begins a transaction of the isolation level that the settings ask for. */
  readonly begin: readonly string[];
  readonly get: string;
  readonly put: string;
  readonly delete: string;
  /** From `?` inclusive to `?` exclusive, at most `?` records. */
  range(reverse: boolean): string;
}

/** More than any test writes. */
const NO_LIMIT = 1_000_000_000;

export function sqlSession(connection: SqlConnection, dialect: SqlDialect): Session {
  return {
    begin: () =>
      reading(async () => {
        for (const statement of dialect.begin) await connection.query(statement);
        return sqlTransaction(connection, dialect);
      }),
    close: () => connection.close(),
  };
}

function sqlTransaction(connection: SqlConnection, dialect: SqlDialect): Transaction {
  let finished = false;
  return {
    get: (key) =>
      reading(async () => {
        const [row] = await connection.query(dialect.get, [key]);
        return row === undefined ? undefined : String(row[0]);
      }),
    put: (key, value) =>
      reading(async () => void (await connection.query(dialect.put, [key, value]))),
    delete: (key) => reading(async () => void (await connection.query(dialect.delete, [key]))),
    range: ({ prefix, limit = NO_LIMIT, reverse = false }: RangeQuery) =>
      reading(async () => {
        const span = [prefix, `${prefix}\u{10FFFF}`, limit];
        const rows = await connection.query(dialect.range(reverse), span);
        return rows.map(([key, value]) => [String(key), String(value)] as const);
      }),
    async commit() {
      finished = true;
      await connection.commit();
    },
    async rollback() {
      if (finished) return;
      finished = true;
      await connection.query('ROLLBACK').catch(() => undefined);
    },
  };
}
