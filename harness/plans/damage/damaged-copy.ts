/** DamagedCopy: a disk as it was, but for one fault in a file that the store needs. */
import type { Prng } from '../../random/prng.ts';
import type { SimDisk } from '../../simulation/sim/sim-disk.ts';
import type { SimulatedTarget } from '../../simulation/sim/simulated-target.ts';
import { DIRECTORY } from '../simulation.ts';
import { type DamageKind, drawDamageKind } from './damage-kinds.ts';

export interface Damaged {
  readonly isLog: boolean;
  readonly kind: DamageKind;
  readonly what: string;
  readonly disk: SimDisk;
}

/** `disk` is not changed. */
export function damagedCopy(target: SimulatedTarget, disk: SimDisk, random: Prng): Damaged {
  for (;;) {
    const copy = disk.crashClone('all-kept', { random, error: target.diskError });
    const live = new Map(
      target.liveFiles(copy, DIRECTORY).map(({ path, kind }) => [path, kind] as const),
    );
    const [path] = random.pick(copy.files().filter(([name]) => live.has(name)));
    const others = [...live.keys()].filter(
      (name) => name !== path && live.get(name) === live.get(path),
    );
    const kind = drawDamageKind(random);
    const what = kind.apply(copy, path, random, others);
    if (what !== undefined) return { isLog: live.get(path) === 'log', kind, what, disk: copy };
  }
}
