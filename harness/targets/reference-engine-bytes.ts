/** The reference engine as a store of adversarial byte keys: see `KeyEnemy`. */
import { type Database, open, WriteBatch } from '../../engine/index.ts';
import { readManifest } from '../../engine/manifest/manifest.ts';
import type { EnemyStore, KeyEnemy } from '../simulation/sim/key-enemy.ts';
import { ENEMY_KEYS } from './reference-engine-enemy.ts';
import { engineOptions } from './reference-engine-store.ts';

export const engineEnemy: KeyEnemy = {
  async openBytes(env, directory, settings) {
    return byteStore(await open(env, engineOptions(directory, settings)));
  },
  enemyKeys(disk, directory) {
    const { hashSeed } = readManifest(disk, directory)!;
    const kinds = Object.entries(ENEMY_KEYS).map(
      ([kind, keysOf]) => [kind, (count: number) => keysOf(count, hashSeed)] as const,
    );
    return Object.fromEntries(kinds);
  },
};

function byteStore(database: Database): EnemyStore {
  return {
    async write(changes) {
      const batch = new WriteBatch();
      for (const [key, value] of changes) {
        if (value === null) batch.delete(key);
        else batch.put(key, value);
      }
      await database.write(batch);
    },
    get: (key) => database.get(key),
    getMany: (keys) => database.getMany(keys),
    *keys() {
      for (const { key } of database.range()) yield key;
    },
    async checkpoint() {
      await database.checkpoint();
    },
    compact: () => database.compact(),
    close: () => database.close(),
    costs: () => database.stats(),
  };
}
