/**
 * What else the machine did while something was measured, by the system's own counters (Linux): the
 * processors that others kept busy, and what the hypervisor took away. A measurement beside other work
 * is marked in reports; it is not thrown away, because a machine that is never quiet has figures too.
 */
import { readFileSync } from 'node:fs';

/** Processors busy with other things, on average; above it a measurement is marked. */
const OTHERS_MAX = 0.25;
/** The share of the processors' time that the hypervisor may take. */
const STEAL_MAX = 0.02;
/** Of /proc/stat, whatever the kernel was configured with. */
const TICKS_A_SECOND = 100;

export interface MachineTicks {
  readonly busy: number;
  readonly stolen: number;
  readonly all: number;
  /** Microseconds that some process waited for a processor or the disk; left out where nobody counts. */
  readonly waited?: { readonly cpu: number; readonly io: number };
}

/** Ticks since the machine started, of all processors; undefined where the system does not tell. */
export function machineTicks(): MachineTicks | undefined {
  try {
    const [line] = readFileSync('/proc/stat', 'utf8').split('\n');
    const [user, nice, system, idle, waiting, irq, soft, steal] = line!
      .split(/\s+/)
      .slice(1)
      .map(Number) as [number, number, number, number, number, number, number, number];
    const busy = user + nice + system + irq + soft;
    const waited = waitedTicks();
    return {
      busy,
      stolen: steal,
      all: busy + idle + waiting + steal,
      ...(waited === undefined ? {} : { waited }),
    };
  } catch {
    return undefined;
  }
}

/** Pressure stall information (Linux 4.20 and later). */
function waitedTicks(): MachineTicks['waited'] {
  try {
    const total = (what: string) =>
      Number(/^some .*total=(\d+)/m.exec(readFileSync(`/proc/pressure/${what}`, 'utf8'))![1]);
    return { cpu: total('cpu'), io: total('io') };
  } catch {
    return undefined;
  }
}

export interface MachineLoad {
  /** Processors that other processes kept busy, on average. */
  readonly otherCpus: number;
  /** The share of all processors' time that the hypervisor gave to others. */
  readonly stealShare: number;
  /** Whether that was so much that it may have changed what was measured. */
  readonly contaminated: boolean;
  /** The share of the time that some process waited for a processor or the disk. */
  readonly pressure?: { readonly cpu: number; readonly io: number };
}

/** Between two counts, of which this process used `ownSeconds` of processor time. */
export function machineLoad(
  before: MachineTicks | undefined,
  after: MachineTicks | undefined,
  ownSeconds: number,
  wallSeconds: number,
): MachineLoad | undefined {
  if (before === undefined || after === undefined || wallSeconds <= 0) return undefined;
  const busySeconds = (after.busy - before.busy) / TICKS_A_SECOND;
  const all = after.all - before.all;
  const otherCpus = Math.max(0, (busySeconds - ownSeconds) / wallSeconds);
  const stealShare = all === 0 ? 0 : (after.stolen - before.stolen) / all;
  const [old, now] = [before.waited, after.waited];
  const waitedFor = (what: 'cpu' | 'io') => (now![what] - old![what]) / (1e6 * wallSeconds);
  return {
    otherCpus,
    stealShare,
    ...(old === undefined || now === undefined
      ? {}
      : { pressure: { cpu: waitedFor('cpu'), io: waitedFor('io') } }),
    contaminated: otherCpus > OTHERS_MAX || stealShare > STEAL_MAX,
  };
}
