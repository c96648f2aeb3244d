/**
 * Closes a store at each moment of a flush. In a simulation without delays these moments are the
 * microtask turns after a write.
 */
import { expect, it } from 'vitest';
import { engineWorld } from '../../harness/targets/reference-engine-world.ts';
import { open, utf8 } from '../index.ts';

const TURNS = 150;
const OPTIONS = { directory: 'store', segmentBytes: 4096 };

it.each(['none', 'sync'] as const)(
  'loses nothing, and says it was clean: %s',
  async (durability) => {
    const value = new Uint8Array(1000);
    for (let turns = 0; turns < TURNS; turns++) {
      const { env } = engineWorld();
      const store = await open(env, { ...OPTIONS, durability });
      const written: string[] = [];
      const write = (key: string) =>
        store.put(utf8.encode(key), value).then(
          () => written.push(key),
          () => undefined,
        );
      const writes = Array.from({ length: 6 }, (_, i) => write(`early ${i}`));
      for (let turn = 0; turn < turns; turn++) await undefined;
      writes.push(write('late'));
      await store.close();
      await Promise.all(writes);
      const again = await open(env, { ...OPTIONS, durability });
      const lost = written.filter((key) => again.get(utf8.encode(key)) === undefined);
      const { cleanShutdown } = again.recovery;
      await again.close();
      expect({ turns, lost, cleanShutdown }).toEqual({ turns, lost: [], cleanShutdown: true });
    }
  },
);
