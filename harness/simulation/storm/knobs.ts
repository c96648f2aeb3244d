/**
 * Knobs: the faults of a storm and their rates. Swarm testing (Groce et al., ISSTA 2012): each seed turns on a
 * random subset, because faults that are always active mask each other.
 */
import type { Prng } from '../../random/prng.ts';

/** Everything that can be turned on, with what it does. */
export const STORM_FAULTS = {
  kill: 'the process is killed; the disk keeps everything, as undurable as it was',
  'lose-unsynced': 'power is cut, and everything that was not synced is gone',
  'keep-some': 'power is cut; of what was not synced any subset of sectors and entries stays',
  'keep-garbage': 'as keep-some, and where a file had grown without its data there is garbage',
  'keep-all': 'power is cut just after everything had reached the disk',
  'crash-in-recovery': 'the process dies again while it recovers, up to three times',
  'big-sectors': 'sectors of 4,096 bytes instead of 512',
  'sync-fails-once': 'one sync fails; its pages count as clean and are lost',
  'sync-fails-for-good': 'from some sync on all fail, until the process is started again',
  'read-error': 'a read fails',
  'write-error': 'a write fails, and nothing of it is there',
  'short-write': 'a write fails when a part of it is there',
  'disk-full': 'the disk is full for a while, and then has space again',
  'slow-disk': 'syncs take ten times as long',
  'stalled-disk': 'a sync takes seconds',
  'clock-step': 'the wall clock jumps, forwards or back',
  'clock-drift': 'the wall clock runs fast or slow by a tenth',
  'clock-jitter': 'the wall clock trembles',
  'message-delay': 'requests and answers arrive late',
  'message-loss': 'requests and answers get lost',
  'message-duplicate': 'requests arrive twice',
  'message-reorder': 'requests overtake each other',
  partition: 'a client cannot reach the store, nor hear from it, for a while',
  'partition-one-way': 'a client is heard and hears nothing, for a while',
} as const;

export type StormFault = keyof typeof STORM_FAULTS;

export const STORM_FAULT_NAMES = Object.keys(STORM_FAULTS) as StormFault[];

/** Those that end a process. */
export const ENDING_FAULTS = [
  'kill',
  'lose-unsynced',
  'keep-some',
  'keep-garbage',
  'keep-all',
] as const satisfies readonly StormFault[];

const ON = 0.35;

/** A part of the faults, at least one of those that end a process. */
export function drawFaults(random: Prng): Set<StormFault> {
  const on = new Set(STORM_FAULT_NAMES.filter(() => random.chance(ON)));
  if (!ENDING_FAULTS.some((fault) => on.has(fault))) on.add(random.pick(ENDING_FAULTS));
  return on;
}
