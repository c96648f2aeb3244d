import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { EtcdGateway, etcdRefusal } from './etcd/gateway.ts';
import { natsOutcome } from './nats/session.ts';
import { redisOutcome } from './redis/session.ts';
import { mariadbOutcome } from './sql/mariadb-connection.ts';
import { postgresOutcome } from './sql/postgres-connection.ts';

const named = (name: string, message: string, more: object = {}) =>
  Object.assign(new Error(message), { name, ...more });

describe('what errors mean', () => {
  it.each([
    ['40001', true],
    ['40P01', true],
    ['57P01', false],
    ['57P02', false],
    ['08006', false],
    ['XX000', false],
    [undefined, false],
  ])('PostgreSQL, at COMMIT: %s is definite: %s', (code, definite) => {
    const error = named('error', 'm', code === undefined ? {} : { code });
    expect(postgresOutcome(error, false).definite).toBe(definite);
    expect(postgresOutcome(error, true).definite).toBe(true); // nothing was to be committed yet
  });

  it('PostgreSQL: a connection that is gone says so, whatever the way', () => {
    for (const code of [undefined, '57P01', '08003', 'ECONNRESET']) {
      const error = named('error', 'm', code === undefined ? {} : { code });
      expect(postgresOutcome(error, true).code).toBe('disconnected');
    }
    expect(postgresOutcome(named('error', 'm', { code: '40001' }), true).code).toBe('40001');
  });

  it.each([
    [1205, false, true],
    [1213, false, true],
    [1020, false, true],
    [1927, true, false],
    [0, true, false],
    [1180, false, false],
  ])('MariaDB, at COMMIT: errno %s, fatal %s, is definite: %s', (errno, fatal, definite) => {
    const outcome = mariadbOutcome(named('SqlError', 'm', { errno, fatal }), false);
    expect(outcome.definite).toBe(definite);
    expect(outcome.code).toBe(fatal ? 'disconnected' : `errno-${errno}`);
  });

  it.each([
    [named('ReplyError', 'READONLY You can not write against a read only replica.'), true],
    [named('ReplyError', 'EXECABORT Transaction discarded because of previous errors.'), true],
    [named('ReplyError', 'NOREPLICAS Not enough good replicas to write.'), true],
    [named('Error', 'Connection is closed.'), false],
    [named('MaxRetriesPerRequestError', 'm'), false],
  ])('Redis: %s is definite: %s', (error, definite) => {
    expect(redisOutcome(error).definite).toBe(definite);
  });

  it.each([
    [named('JetStreamApiError', 'wrong last sequence: 5', { code: 10071 }), 'conflict', true],
    [named('JetStreamApiError', 'stream not found', { code: 10059 }), 'jetstream-10059', true],
    [named('NoRespondersError', 'no responders'), 'no-responders', true],
    [named('TimeoutError', 'timeout'), 'no-answer', false],
  ])('NATS: %s is %s, definite: %s', (error, code, definite) => {
    expect(natsOutcome(error, false)).toMatchObject({ code, definite });
  });

  it('NATS: a closed connection leaves everything open', () => {
    expect(natsOutcome(named('ClosedConnectionError', 'closed'), true)).toMatchObject({
      code: 'disconnected',
      definite: false,
    });
  });

  it.each([
    ['{"error":"etcdserver: request timed out","code":14}', false],
    ['{"error":"etcdserver: leader changed","code":14}', false],
    ['{"error":"etcdserver: no leader","code":14}', false],
    ['{"error":"context deadline exceeded","code":4}', false],
    ['{"error":"etcdserver: too many requests","code":8}', true],
    ['{"error":"etcdserver: mvcc: required revision has been compacted","code":11}', true],
    ['{"error":"etcdserver: requested lease not found","code":5}', true],
    ['<html>Bad Gateway</html>', false],
  ])('etcd: %s is definite: %s', (text, definite) => {
    expect(etcdRefusal(text).definite).toBe(definite);
  });

  it('etcd: refused is definite, cut off while waiting is not', async () => {
    const server = createServer((socket) => socket.once('data', () => socket.destroy()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const gateway = new EtcdGateway(`127.0.0.1:${port}`);
    const lost = { code: 'disconnected', definite: false };
    await expect(gateway.call('/v3/kv/range', {})).rejects.toMatchObject(lost);
    await new Promise((resolve) => server.close(resolve));
    const refused = { code: 'disconnected', definite: true };
    await expect(gateway.call('/v3/kv/range', {})).rejects.toMatchObject(refused);
    gateway.close();
  });
});
