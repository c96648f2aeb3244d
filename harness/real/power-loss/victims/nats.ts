/** NATS JetStream: one server, a file-backed stream, with its default sync interval. */
import { join } from 'node:path';
import { openJetStream, openNats } from '../../../targets/nats/session.ts';
import type { Place, RunningVictim, Victim } from '../victim.ts';
import { freePort, numbersOf, serverAt } from './server.ts';

const STREAM = 'RECORDS';
const BATCH = 1000;

async function start(place: Place, first: boolean): Promise<RunningVictim> {
  const port = await freePort();
  const server = serverAt(place, {
    name: 'nats',
    program: 'nats-server',
    args: ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', join(place.directory, 'data')],
  });
  let connection: Awaited<ReturnType<typeof openNats>> | undefined;
  try {
    await server.start(async () => {
      connection = await openNats(`127.0.0.1:${port}`);
    });
    const { client, manager } = await openJetStream(connection!);
    if (first) await manager.streams.add({ name: STREAM, subjects: ['records.>'] });
    return {
      pid: server.pid,
      async write(number, token) {
        await client.publish(`records.${number}`, token);
      },
      async read() {
        const { state } = await manager.streams.info(STREAM, { subjects_filter: 'records.>' });
        const subjects = Object.keys(state.subjects ?? {}).slice(0, BATCH);
        return numbersOf(subjects.map((subject) => subject.slice('records.'.length)));
      },
      async kill() {
        await server.kill();
        connection?.close().catch(() => undefined);
      },
    };
  } catch (error) {
    await server.kill();
    throw error;
  }
}

export const NATS_VICTIMS: readonly Victim[] = [
  {
    system: 'nats',
    configuration: 'JetStream, default',
    expect: 'loses',
    needs: ['nats'],
    start,
  },
];
