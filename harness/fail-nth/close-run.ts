/**
 * Closes a store at each moment of a flush. In a simulation without delays these moments are the
 * microtask turns after a write; each is tried.
 */
import type { Settings } from '../contract/target.ts';
import { Prng } from '../random/prng.ts';
import { DIRECTORY } from '../simulation/explore/record-run.ts';
import { SimDisk } from '../simulation/sim/sim-disk.ts';
import type { SimulatedTarget } from '../simulation/sim/simulated-target.ts';
import { instantWorld } from '../simulation/sim/world.ts';

const EARLY_WRITES = 6;
/** With six writes a segment is full, and being flushed, when the store is closed. */
const VALUES_A_SEGMENT = 4;

/**
 * Closes a store `turns` microtask turns after writes began, right after one more write. Returns what is
 * wrong: an acknowledged write is gone, or the close was not a clean one.
 */
export async function closeProblem(
  target: SimulatedTarget,
  settings: Settings,
  segmentBytes: number,
  turns: number,
): Promise<string | undefined> {
  const random = new Prng(turns);
  const disk = new SimDisk({ random: random.derive('disk'), error: target.diskError });
  const { env } = instantWorld(target, disk, random);
  const unsynced = { ...settings, durability: 'none' };
  const store = await target.openDirect(env, DIRECTORY, unsynced);
  const value = '.'.repeat(segmentBytes / VALUES_A_SEGMENT);
  const written: string[] = [];
  const write = (key: string) =>
    store.write([[key, value]]).then(
      () => written.push(key),
      () => undefined, // refused: the store is closed
    );
  const writes = Array.from({ length: EARLY_WRITES }, (_, i) => write(`early ${i}`));
  for (let turn = 0; turn < turns; turn++) await undefined;
  writes.push(write('late'));
  await store.close();
  await Promise.all(writes);
  const again = await target.openDirect(env, DIRECTORY, unsynced);
  const lost = written.find((key) => again.get(key) !== value);
  const { cleanShutdown } = again.recovery;
  await again.close();
  if (lost !== undefined) return `"${lost}" was acknowledged, and is gone after a close`;
  return cleanShutdown ? undefined : 'after a close the store says that it was not closed';
}
