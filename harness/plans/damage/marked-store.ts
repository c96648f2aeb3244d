/**
 * MarkedStore: a store that was killed at rest, when its log's last mark vouched for every commit.
 * Damage to such a log is excused by nothing: the store has all of it, or says that it has not.
 */
import type { Settings } from '../../contract/target.ts';
import { Prng } from '../../random/prng.ts';
import type { Content } from '../../simulation/sim/direct-store.ts';
import { SimDisk } from '../../simulation/sim/sim-disk.ts';
import type { SimulatedTarget } from '../../simulation/sim/simulated-target.ts';
import { instantWorld } from '../../simulation/sim/world.ts';
import { DIRECTORY } from '../simulation.ts';

const COMMITS_MAX = 24;
const VALUE_BYTES_MAX = 200;
const OVERHEAD_BYTES = 100;

export async function markedStore(
  target: SimulatedTarget,
  settings: Settings,
  random: Prng,
): Promise<{ readonly disk: SimDisk; readonly content: Content }> {
  const disk = new SimDisk({ random, error: target.diskError });
  const world = instantWorld(target, disk, random.derive('world'));
  const store = await target.openDirect(world.env, DIRECTORY, settings);
  // All of it fits the first segment, with room for the mark.
  const { segmentBytes } = settings;
  const room = (typeof segmentBytes === 'number' ? segmentBytes : 4096) / 2;
  let used = 0;
  for (let i = 0; i < COMMITS_MAX; i++) {
    const value = 'v'.repeat(random.between(1, VALUE_BYTES_MAX));
    used += OVERHEAD_BYTES + value.length;
    if (i > 0 && used > room) break;
    await store.write([[`key ${random.below(COMMITS_MAX)}`, `${i} ${value}`]]);
  }
  world.elapse();
  const left = disk.crashClone('all-kept', { random, error: target.diskError });
  return { disk: left, content: store.read() };
}

/** What a store shows; throws what it throws. */
export async function contentOf(
  target: SimulatedTarget,
  settings: Settings,
  disk: SimDisk,
): Promise<Content> {
  const { env } = instantWorld(target, disk, new Prng(1));
  return (await target.openDirect(env, DIRECTORY, settings)).read();
}
