/** A small store, right or faulty, as a simulated target. It offers what crash states ask for. */
import type { SimulatedTarget } from '../simulated-target.ts';
import { SmallStore } from './small-store.ts';

const notOffered = (what: string) => new Error(`the small store has no ${what}`);

export function smallTarget(store: typeof SmallStore = SmallStore): SimulatedTarget {
  return {
    kind: 'simulated',
    name: 'small-store',
    doc: 'the smallest store that keeps its promises',
    capabilities: { isolation: 'read-committed', durable: true, graph: false },
    defaults: {},
    checkSettings: () => undefined,
    async open(env, directory, _settings, pause = () => Promise.resolve()) {
      const opened = new store(env.disk, directory);
      await opened.recover();
      return opened.store(pause);
    },
    openDirect: () => Promise.reject(notOffered('direct interface')),
    liveFiles: () => [],
    isLog: () => false,
    verify: () => [],
    runTask: () => {
      throw notOffered('background work');
    },
    diskError: (code, message) => Object.assign(new Error(message), { code, definite: false }),
  };
}
