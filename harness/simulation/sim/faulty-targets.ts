/**
 * Faulty targets: stores that lose what they acknowledge, for showing that this is found. On a disk
 * that calls a sync done without having done it, as some drives and hypervisors do; or without syncs.
 */
import type { Disk } from '../../../engine/env/disk.ts';
import type { Env } from '../../../engine/env/env.ts';
import type { SimulatedTarget } from './simulated-target.ts';

const HONEST = [
  'open',
  'allocate',
  'close',
  'size',
  'readAt',
  'writeAt',
  'append',
  'truncate',
  'rename',
  'remove',
  'list',
  'createDirectory',
  'syncDirectory',
  'lock',
] as const;

/** Of each opened store the first `honestSyncs` are done; all later ones are only said to be. */
export function onLyingDisk(target: SimulatedTarget, honestSyncs: number): SimulatedTarget {
  const lying = (disk: Disk): Disk => {
    let left = honestSyncs;
    const honest = Object.fromEntries(
      HONEST.map((name) => [name, (disk[name] as () => unknown).bind(disk)]),
    ) as unknown as Disk;
    const sync: Disk['sync'] = async (file, alone) => {
      if (left-- > 0) await disk.sync(file, alone);
    };
    return {
      ...honest,
      sync,
      async writeDurable(file, bytes, offset) {
        disk.writeAt(file, bytes, offset);
        await sync(file);
      },
    };
  };
  const around = (env: Env): Env => ({ ...env, disk: lying(env.disk) });
  return {
    ...target,
    open: (env, ...rest) => target.open(around(env), ...rest),
    openDirect: (env, ...rest) => target.openDirect(around(env), ...rest),
    runTask: (disk, task) => target.runTask(lying(disk), task),
  };
}

/** The target, never syncing a commit, whatever its settings ask for: nothing else is wrong with it. */
export function neverSyncing(target: SimulatedTarget): SimulatedTarget {
  return {
    ...target,
    open: (env, directory, settings, pause) =>
      target.open(env, directory, { ...settings, durability: 'none' }, pause),
    openDirect: (env, directory, settings) =>
      target.openDirect(env, directory, { ...settings, durability: 'none' }),
  };
}
