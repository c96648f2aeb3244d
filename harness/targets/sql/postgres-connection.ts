/**
 * A connection to PostgreSQL.
 *
 * | answer | outcome |
 * |---|---|
 * | any error before COMMIT; 40001, 40P01 or ROLLBACK in answer to COMMIT | definite |
 * | COMMIT answered with a warning (the wait for the standby was given up) | indeterminate |
 * | 57P01 and its like, or the connection lost, during COMMIT | indeterminate |
 */
import type { Client } from 'pg';
import type { Login } from '../../contract/cluster.ts';
import { driver } from '../client/driver.ts';
import { DatabaseError, DISCONNECTED } from '../client/errors.ts';
import type { SqlConnection, SqlDialect } from './sql-session.ts';

const CONNECT_MS = 1000;
/** Serialization failure and deadlock. */
const ROLLED_BACK = new Set(['40001', '40P01']);

/** `address`: `host:port`. Throws when it can't be reached. */
export async function openPostgres(address: string, login: Login = {}): Promise<Client> {
  const { default: pg } = await driver('pg', () => import('pg'));
  const [host, port] = address.split(':');
  const client = new pg.Client({
    host: host!,
    port: Number(port),
    user: login.user ?? 'assay',
    database: login.database ?? 'postgres',
    ...(login.password !== undefined && { password: login.password }),
    connectionTimeoutMillis: CONNECT_MS,
  });
  client.on('error', () => undefined); // every query gets it as well
  await client.connect();
  return client;
}

export function postgresConnection(client: Client): SqlConnection {
  return {
    async query(text, values = []) {
      try {
        const { rows } = await client.query({ text, values: [...values], rowMode: 'array' });
        return rows as unknown[][];
      } catch (error) {
        throw postgresOutcome(error, true);
      }
    },
    async commit() {
      let warning: string | undefined;
      const onNotice = (notice: { message: string | undefined }) => {
        warning = notice.message ?? 'a warning';
      };
      client.on('notice', onNotice);
      try {
        const { command } = await client.query('COMMIT');
        if (command === 'ROLLBACK') throw new DatabaseError('rolled-back', true, 'rolled back');
        if (warning !== undefined) throw new DatabaseError('commit-warning', false, warning);
      } catch (error) {
        throw error instanceof DatabaseError ? error : postgresOutcome(error, false);
      } finally {
        client.off('notice', onNotice);
      }
    },
    async close() {
      // Closes the socket without the termination handshake, which may never complete.
      (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream //
        .destroy();
    },
  };
}

/** What an error means for the transaction it met. */
export function postgresOutcome(error: unknown, beforeCommit: boolean): DatabaseError {
  const { code, message } = error as { code?: string; message: string };
  const isState = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code);
  const isGone = !isState || code.startsWith('57P') || code.startsWith('08');
  const definite = beforeCommit || (isState && ROLLED_BACK.has(code));
  return new DatabaseError(isGone ? DISCONNECTED : code, definite, message);
}

export function postgresDialect(isolation: string): SqlDialect {
  return {
    begin: [`BEGIN ISOLATION LEVEL ${isolation.toUpperCase()}`],
    get: 'SELECT v FROM kv WHERE k = $1',
    put: 'INSERT INTO kv VALUES ($1, $2) ON CONFLICT (k) DO UPDATE SET v = excluded.v',
    delete: 'DELETE FROM kv WHERE k = $1',
    range: (reverse) =>
      `SELECT k, v FROM kv WHERE k >= $1 AND k < $2 ORDER BY k ${reverse ? 'DESC' : ''} LIMIT $3`,
  };
}
