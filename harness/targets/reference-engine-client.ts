/** The reference engine behind its own server, in one process, to test the promises of its client. */
import { fileURLToPath } from 'node:url';
import { nodeDisk, nodeEnv, open, verifyStore } from '../../engine/index.ts';
import type { RemoteServer } from '../contract/remote.ts';
import type { EmbeddedTarget, Settings } from '../contract/target.ts';
import { checkEngineSettings, engineOptions } from './reference-engine-store.ts';

const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
const PROGRAM = fileURLToPath(
  new URL(`./reference-engine-server/process${EXTENSION}`, import.meta.url),
);

const target: EmbeddedTarget = {
  kind: 'embedded',
  name: 'engine-client',
  doc: 'the reference engine behind its gRPC server, in one process; settings as of engine',
  capabilities: { isolation: 'snapshot', durable: true, graph: false },
  api: async () => (await import('./reference-engine-client-api.ts')).clientApi,
  checkSettings: checkEngineSettings,
  async open(directory, settings) {
    const server = await start(directory, settings);
    const { clientSession } = await import('./reference-engine-server/session.ts');
    const session = clientSession(server.connectClient());
    return {
      connect: async () => session,
      async close() {
        await session.close();
        await server.stop();
      },
    };
  },
  async verify(directory) {
    return verifyStore(nodeDisk(), directory).problems.map(
      ({ file, offset, what }) => `${file} at byte ${offset}: ${what}`,
    );
  },
  async startRemote(directory, settings): Promise<RemoteServer> {
    const { connectClient, stop } = await start(directory, settings);
    return { connect: connectClient, stop };
  },
  serverProgram: {
    args: (request) => [PROGRAM, JSON.stringify(request)],
    async connect(address, options = {}) {
      return (await import('./reference-engine-client-api.ts')).connectNoted(address, options);
    },
  },
};

/** Loads gRPC, which no other target of one process needs. */
async function start(directory: string, settings: Settings) {
  const { startServer } = await import('../../engine/server/index.ts');
  const { connectNoted } = await import('./reference-engine-client-api.ts');
  const store = await open(nodeEnv(), engineOptions(directory, settings));
  const { port, stop } = await startServer(store, { port: 0, healthPort: 0 });
  return {
    stop,
    connectClient: (options = {}) => connectNoted(`127.0.0.1:${port}`, options),
  };
}

export default target;
