/** The reference engine on a real disk. */
import {
  nodeDisk,
  nodeEnv,
  open,
  type Problem,
  repairStore,
  utf8,
  verifyStore,
  WriteBatch,
} from '../../engine/index.ts';
import type { EmbeddedTarget } from '../contract/target.ts';
import { checkEngineSettings, engineOptions, engineStore } from './reference-engine-store.ts';

const target: EmbeddedTarget = {
  kind: 'embedded',
  name: 'engine',
  doc: 'the reference engine: log, sorted runs, snapshot isolation; settings as its options',
  capabilities: { isolation: 'snapshot', durable: true, graph: true },
  checkSettings: checkEngineSettings,
  async open(directory, settings) {
    return engineStore(await open(nodeEnv(), engineOptions(directory, settings)));
  },
  async verify(directory) {
    return verifyStore(nodeDisk(), directory).problems.map(inWords);
  },
  async repair(directory) {
    const { problems, givenUp } = await repairStore(nodeEnv(), directory);
    return { problems: problems.map(inWords), givenUp };
  },
  reportsRecovery: true,
  async openBulk(directory, settings) {
    const store = await open(nodeEnv(), engineOptions(directory, settings));
    return {
      async write(keys, values) {
        const batch = new WriteBatch();
        for (const [i, key] of keys.entries()) batch.put(key, values[i]!);
        await store.write(batch);
      },
      get: (key) => store.get(key),
      async makeDurable() {
        await store.put(utf8.encode('~durable'), new Uint8Array(0), { durability: 'sync' });
      },
      close: () => store.close(),
      recovered: () => store.recovery,
    };
  },
};

function inWords({ file, offset, what }: Problem): string {
  return `${file} at byte ${offset}: ${what}`;
}

export default target;
