/**
 * The reference engine as a server: one node, reached by its own client. Settings: `retry` (false:
 * an operation whose connection breaks is not sent again), and the engine's options.
 */
import { fileURLToPath } from 'node:url';
import { defineCluster } from '../contract/cluster.ts';
import type { Settings } from '../contract/target.ts';
import { checkEngineSettings } from './reference-engine-store.ts';

const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
const PROGRAM = fileURLToPath(
  new URL(`./reference-engine-server/process${EXTENSION}`, import.meta.url),
);
const DEADLINE_MS = 1500;

export default defineCluster({
  kind: 'cluster',
  name: 'engine-server',
  doc: 'the reference engine as a gRPC server, behind a proxy; settings as of engine, and retry',
  capabilities: { isolation: 'snapshot', durable: true, graph: false },
  api: async () => (await import('./reference-engine-client-api.ts')).clientApi,
  nodes: 1,
  ports: ['grpc', 'health'],
  urlPort: 'grpc',
  needs: [],
  image: { name: 'assay-engine', dockerfile: 'engine/server/Dockerfile' },
  checkSettings: (settings) => checkEngineSettings(split(settings).engine),
  async start(site, settings) {
    const { retry, engine } = split(settings);
    const request = {
      directory: `${site.directory(0)}/store`,
      host: site.bindAddress,
      port: site.port(0, 'grpc'),
      healthPort: site.port(0, 'health'),
      settings: engine,
    };
    const health = `http://${site.control(0, 'health')}/health/ready`;
    await site.start(0, {
      name: 'engine',
      program: process.execPath,
      args: [PROGRAM, JSON.stringify(request)],
      entryArgs: [
        ...['--port', String(request.port), '--health-port', String(request.healthPort)],
        ...Object.entries(engine).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
      ],
      async ready() {
        const answer = await fetch(health);
        if (!answer.ok) throw new Error(await answer.text());
      },
    });
    return {
      async connect(client, node) {
        const { engineClientSession } = await import('./reference-engine-server/session.ts');
        const address = await site.clientAddress(client, node, 'grpc');
        return engineClientSession(address, { retry, deadlineMs: DEADLINE_MS });
      },
      primary: async () => 0,
      async clock() {
        const answer = await fetch(health);
        return Date.parse(answer.headers.get('date') ?? '');
      },
      close: async () => undefined,
    };
  },
});

function split({ retry = false, ...engine }: Settings): { retry: boolean; engine: Settings } {
  if (typeof retry !== 'boolean') throw new Error(`retry is ${retry}, not true or false`);
  return { retry, engine };
}
