/** FuzzStore: a store for fuzzing, with every content it may show: that after each commit that a log can lose. */
import type { Settings } from '../contract/target.ts';
import type { Prng } from '../random/prng.ts';
import { DIRECTORY } from '../simulation/explore/record-run.ts';
import { ModelDraws } from '../simulation/model/model-draws.ts';
import { ModelMap } from '../simulation/model/model-map.ts';
import { SimDisk } from '../simulation/sim/sim-disk.ts';
import type { SimulatedTarget } from '../simulation/sim/simulated-target.ts';
import { instantWorld } from '../simulation/sim/world.ts';

const FLUSHED_COMMITS = 25;
const LOGGED_COMMITS = 8;

export interface FuzzStore {
  readonly disk: SimDisk;
  /** The last is what the store holds; the others, what it held while the log was shorter. */
  readonly contents: readonly string[];
  /** Every key that was ever written. */
  readonly keys: readonly string[];
}

export async function makeFuzzStore(
  target: SimulatedTarget,
  settings: Settings,
  random: Prng,
): Promise<FuzzStore> {
  const options = { random: random.derive('disk'), error: target.diskError };
  const disk = new SimDisk(options);
  const draws = new ModelDraws(random.derive('draws'), settings);
  const { env, elapse } = instantWorld(target, disk, random.derive('world'));
  const store = await target.openDirect(env, DIRECTORY, settings);
  const model = new ModelMap();
  const keys = new Set<string>();
  const write = async () => {
    const changes = draws.changes();
    for (const [key] of changes) keys.add(key);
    await store.write(changes);
    model.apply(changes);
  };
  for (let i = random.below(FLUSHED_COMMITS); i > 0; i--) await write();
  await (random.chance(0.5) ? store.compact() : store.checkpoint());
  const contents = [JSON.stringify(model.read())];
  for (let i = random.below(LOGGED_COMMITS); i > 0; i--) {
    await write();
    contents.push(JSON.stringify(model.read()));
  }
  if (random.chance(0.5)) elapse(); // the log writes its mark
  if (random.chance(0.3)) {
    await store.close();
    contents.splice(0, contents.length - 1);
  }
  return { disk: disk.crashClone('all-kept', options), contents, keys: [...keys] };
}
