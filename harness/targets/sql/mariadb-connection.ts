/**
 * A connection to MariaDB.
 *
 * | answer | outcome |
 * |---|---|
 * | any error before COMMIT; 1205, 1213 or 1020 in answer to COMMIT | definite |
 * | anything else, or the connection lost, during COMMIT | indeterminate |
 */
import type { Connection } from 'mariadb';
import type { Login } from '../../contract/cluster.ts';
import { driver } from '../client/driver.ts';
import { DatabaseError, DISCONNECTED } from '../client/errors.ts';
import type { SqlConnection, SqlDialect } from './sql-session.ts';

const CONNECT_MS = 1000;
/** Lock wait timeout, deadlock, record changed since the snapshot. */
const ROLLED_BACK = new Set([1205, 1213, 1020]);

/** `address`: `host:port`. Throws when it can't be reached. */
export async function openMariadb(address: string, login: Login = {}): Promise<Connection> {
  const { createConnection } = await driver('mariadb', () => import('mariadb'));
  const [host, port] = address.split(':');
  const connection = await createConnection({
    host: host!,
    port: Number(port),
    user: login.user ?? 'root',
    connectTimeout: CONNECT_MS,
    rowsAsArray: true,
    ...(login.password !== undefined && { password: login.password }),
    ...(login.database !== undefined && { database: login.database }),
  });
  connection.on('error', () => undefined); // every query gets it as well
  return connection;
}

export function mariadbConnection(connection: Connection): SqlConnection {
  return {
    async query(text, values = []) {
      try {
        const rows: unknown = await connection.query(text, [...values]);
        return Array.isArray(rows) ? (rows as unknown[][]) : [];
      } catch (error) {
        throw mariadbOutcome(error, true);
      }
    },
    async commit() {
      try {
        await connection.query('COMMIT');
      } catch (error) {
        throw mariadbOutcome(error, false);
      }
    },
    close: async () => connection.destroy(),
  };
}

/** What an error means for the transaction it met. */
export function mariadbOutcome(error: unknown, beforeCommit: boolean): DatabaseError {
  const {
    errno = 0,
    fatal,
    message,
  } = error as {
    errno?: number;
    fatal?: boolean;
    message: string;
  };
  const definite = beforeCommit || ROLLED_BACK.has(errno);
  return new DatabaseError(fatal === true ? DISCONNECTED : `errno-${errno}`, definite, message);
}

/** `isolation` in words, as in SET TRANSACTION. */
export function mariadbDialect(isolation: string): SqlDialect {
  return {
    begin: [`SET TRANSACTION ISOLATION LEVEL ${isolation.toUpperCase()}`, 'START TRANSACTION'],
    get: 'SELECT CONVERT(v USING utf8mb4) FROM kv WHERE k = ?',
    put: 'INSERT INTO kv VALUES (?, ?) ON DUPLICATE KEY UPDATE v = VALUES(v)',
    delete: 'DELETE FROM kv WHERE k = ?',
    range: (reverse) =>
      `SELECT CONVERT(k USING utf8mb4), CONVERT(v USING utf8mb4) FROM kv WHERE k >= ? AND k < ? ORDER BY k ${reverse ? 'DESC' : ''} LIMIT ?`,
  };
}
