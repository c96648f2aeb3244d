/**
 * Recovers one crash state and examines it: the store opens, reads agree with each other, verification finds
 * nothing, and a write survives a further power cut. Returns the store's content; whether that content is allowed
 * is the caller's decision.
 */
import { Prng } from '../../random/prng.ts';
import type { Content, DirectStore } from '../sim/direct-store.ts';
import type { SimDisk } from '../sim/sim-disk.ts';
import { instantWorld } from '../sim/world.ts';
import { describeContent, sameContent } from './commit-log.ts';
import { DIRECTORY, type RecordedParts, syncsCommits } from './record-run.ts';

const AFTER = ['z after the crash', 'written'] as const;

export type Examined = { readonly content: Content } | { readonly problem: string };

export interface Examination extends RecordedParts {
  /** Cut the power again, after the reads and after the write, and look once more. */
  readonly thoroughly: boolean;
  /** Seeds the store's own random choices after the crash. */
  readonly seed: number;
  /** Called when the first recovery is over. */
  readonly opened?: () => void;
}

/** Never throws. `disk` is changed. */
export async function examine(parts: Examination, disk: SimDisk): Promise<Examined> {
  try {
    return await look(parts, disk);
  } catch (error) {
    return { problem: `recovery failed: ${(error as Error)?.message ?? String(error)}` };
  }
}

async function look(parts: Examination, disk: SimDisk): Promise<Examined> {
  const { target, thoroughly } = parts;
  const store = await openOn(parts, disk);
  parts.opened?.();
  const content = store.read();
  const disagreement = disagrees(store, content);
  if (disagreement !== undefined) return { problem: disagreement };
  if (thoroughly) {
    const again = (await openOn(parts, cut(parts, disk))).read();
    if (!sameContent(again, content)) {
      return {
        problem: `read ${describeContent(content)}, and after a power cut ${describeContent(again)}`,
      };
    }
  }
  const [problem] = target.verify(disk, DIRECTORY);
  if (problem !== undefined) return { problem: `verify after recovery: ${problem}` };
  await store.write([AFTER]);
  const expected = [...content, AFTER];
  if (!sameContent(store.read(), expected))
    return { problem: 'a write after recovery is not seen' };
  if (thoroughly && syncsCommits(parts.settings)) {
    const again = (await openOn(parts, cut(parts, disk))).read();
    if (!sameContent(again, expected)) {
      return { problem: `a write after recovery is gone: ${describeContent(again)}` };
    }
  }
  return { content };
}

function disagrees(store: DirectStore, content: Content): string | undefined {
  if (!sameContent(store.readReversed(), content)) return 'backwards it holds something else';
  const other = content.find(([key, value]) => store.get(key) !== value);
  return other === undefined ? undefined : `${other[0]} is not found, or has another value`;
}

async function openOn(parts: Examination, disk: SimDisk): Promise<DirectStore> {
  const { env } = instantWorld(parts.target, disk, new Prng(parts.seed));
  return parts.target.openDirect(env, DIRECTORY, parts.settings);
}

function cut({ target, seed, sectorBytes }: Examination, disk: SimDisk): SimDisk {
  const options = { random: new Prng(seed), error: target.diskError, sectorBytes };
  return disk.cutKeeping([], options);
}
