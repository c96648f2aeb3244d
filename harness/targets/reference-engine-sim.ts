/** The reference engine in a simulated world. */
import {
  type Disk,
  liveFiles,
  open,
  type Problem,
  repairStore,
  StoreError,
  strayFiles,
  type Task,
  taskSteps,
  verifyStore,
  WriteBatch,
  withoutStack,
} from '../../engine/index.ts';
import type { Settings } from '../contract/target.ts';
import type { ByteStore } from '../simulation/sim/byte-store.ts';
import type { SimulatedTarget } from '../simulation/sim/simulated-target.ts';
import { engineApi } from './reference-engine-api.ts';
import { engineEnemy } from './reference-engine-bytes.ts';
import { commitBytes, directStore } from './reference-engine-direct.ts';
import { openCountedGraph } from './reference-engine-graph.ts';
import { sealFile } from './reference-engine-seal.ts';
import { checkEngineSettings, engineOptions, engineStore } from './reference-engine-store.ts';

const USUAL: Settings = { cacheBytes: 2 ** 28, segmentBytes: 100_000_000 };

const inWords = ({ file, offset, what }: Problem) => `${file} at byte ${offset}: ${what}`;

/** A cache of a fixed size, unless a cell is about the budget: that is what `memoryBytes` says. */
function simulatedOptions(directory: string, settings: Settings) {
  if (settings.memoryBytes === undefined)
    return engineOptions(directory, { ...USUAL, ...settings });
  const { cacheBytes: _, ...budgeted } = settings;
  return engineOptions(directory, budgeted);
}

const target: SimulatedTarget = {
  kind: 'simulated',
  name: 'engine-sim',
  doc: 'the reference engine on a simulated disk, clock and scheduler',
  capabilities: { isolation: 'snapshot', durable: true, graph: true },
  api: async () => engineApi,
  defaults: { segmentBytes: 4096, blockBytes: 1024, cacheBytes: 65_536, fanIn: 3 },
  checkSettings: checkEngineSettings,
  async open(env, directory, settings, pause) {
    return engineStore(await open(env, simulatedOptions(directory, settings)), pause);
  },
  async openDirect(env, directory, settings) {
    return directStore(await open(env, simulatedOptions(directory, settings)));
  },
  logBytes: commitBytes,
  async openService(env, directory, settings) {
    // Loads gRPC, which no other simulated run needs.
    const { openEngineService } = await import('./reference-engine-service.ts');
    return openEngineService(env, directory, settings);
  },
  async openBytes(env, directory, settings) {
    const store = await open(env, simulatedOptions(directory, settings));
    // The engine's batches have more to them than callers see.
    return { store: store as unknown as ByteStore, newBatch: () => new WriteBatch() };
  },
  openCountedGraph,
  enemy: engineEnemy,
  liveFiles,
  strayFiles,
  isLog: (path) => path.endsWith('.log'),
  isReserve: (path) => path.endsWith('/RESERVE'),
  verify(disk: Disk, directory) {
    return verifyStore(disk, directory).problems.map(inWords);
  },
  seal: sealFile,
  async repair(env, directory) {
    const { problems, givenUp } = await repairStore(env, directory);
    return { problems: problems.map(inWords), givenUp };
  },
  runTask: (disk, task) => taskSteps(disk, task as Task),
  diskError: (code, message, path) =>
    withoutStack(() => new StoreError(code, message, code === 'store-locked', { file: path })),
};

export default target;
