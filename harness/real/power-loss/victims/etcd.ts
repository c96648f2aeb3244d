/** etcd, through the JSON gateway of its own API. */
import { join } from 'node:path';
import type { Place, RunningVictim, Victim } from '../victim.ts';
import { freePort, numbersOf, serverAt } from './server.ts';

const PREFIX = 'record/';
const base64 = (text: string) => Buffer.from(text).toString('base64');

async function start(place: Place): Promise<RunningVictim> {
  const [port, peer] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const server = serverAt(place, {
    name: 'etcd',
    program: 'etcd',
    args: [
      ...['--data-dir', join(place.directory, 'data'), '--listen-client-urls', url],
      ...['--advertise-client-urls', url, '--listen-peer-urls', `http://127.0.0.1:${peer}`],
    ],
  });
  const call = async (path: string, body: object) => {
    const response = await fetch(`${url}/v3/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(5000),
    });
    if (!response.ok) throw new Error(`etcd: ${response.status} ${await response.text()}`);
    return (await response.json()) as { kvs?: { key: string }[] };
  };
  const range = { key: base64(PREFIX), range_end: base64('record0'), keys_only: true };
  try {
    await server.start(() => call('kv/range', range));
  } catch (error) {
    await server.kill();
    throw error;
  }
  return {
    pid: server.pid,
    async write(number, token) {
      await call('kv/put', { key: base64(`${PREFIX}${number}`), value: base64(token) });
    },
    async read() {
      const { kvs = [] } = await call('kv/range', range);
      return numbersOf(
        kvs.map(({ key }) => Buffer.from(key, 'base64').toString().slice(PREFIX.length)),
      );
    },
    kill: () => server.kill(),
  };
}

export const ETCD_VICTIMS: readonly Victim[] = [
  { system: 'etcd', configuration: 'default', expect: 'keeps', needs: ['etcd'], start },
];
