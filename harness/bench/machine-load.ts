/**
 * Load of the machine by other processes during a measurement, from the system's counters (Linux):
 * processors used by others, and time stolen by the hypervisor. A measurement under such load is marked
 * in reports, not dropped: otherwise a machine that is never idle would have no figures.
 */
import { readFileSync } from 'node:fs';

/** Average number of processors used by others, above which a measurement is marked. */
const OTHERS_MAX = 0.25;
/** Share of processor time stolen by the hypervisor, above which a measurement is marked. */
const STEAL_MAX = 0.02;
/** Ticks per second in /proc/stat, which do not depend on the kernel's configuration. */
const TICKS_A_SECOND = 100;

export interface MachineTicks {
  readonly busy: number;
  readonly stolen: number;
  readonly all: number;
  /**
   * Microseconds in which some process waited for a processor or the disk; left out where the kernel
   * does not count it.
   */
  readonly waited?: { readonly cpu: number; readonly io: number };
}

/** Ticks since boot, over all processors; undefined where the system does not report them. */
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
  /** Average number of processors used by other processes. */
  readonly otherCpus: number;
  /** Share of all processors' time stolen by the hypervisor. */
  readonly stealShare: number;
  /** Whether this load may have changed the measured figures. */
  readonly contaminated: boolean;
  /** Share of the time in which some process waited for a processor or the disk. */
  readonly pressure?: { readonly cpu: number; readonly io: number };
}

/** Load between two counts, without the `ownSeconds` of processor time that this process used. */
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
