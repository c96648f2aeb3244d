/**
 * Trials of network faults on a played cluster. A correct cluster must be valid under each fault. A cluster that
 * is wrong only after one fault must be invalid under it and valid under all others. All trials run
 * concurrently: they mostly wait.
 */
import type { NetworkFault } from '../contract/fault.ts';
import type { Verdict } from '../contract/verdict.ts';
import { type Act, PlayedCluster } from './played-cluster.ts';

/** What each network fault does to a cluster. */
export const ACTS_OF_FAULTS: Readonly<Record<string, readonly Act[]>> = {
  'client-cut-after-bytes': ['toxic'],
  'client-half-open': ['half-open', 'reset'],
  'client-resets': ['reset'],
  'client-slow-close': ['toxic'],
  'clock-bump': ['clock'],
  'kill-one': ['kill'],
  'kill-primary': ['kill'],
  'lose-failover': ['cut', 'cut both ways'],
  'lossy-links': ['toxic', 'reset'],
  'narrow-links': ['toxic'],
  'packet-loss': ['packets lost'],
  'partition-bridge': ['cut', 'cut both ways'],
  'partition-flap': ['cut', 'cut both ways'],
  'partition-majority': ['cut', 'cut both ways'],
  'partition-one': ['cut', 'cut both ways'],
  'partition-one-way': ['cut'],
  'partition-primary': ['cut', 'cut both ways'],
  'partition-ring': ['cut', 'cut both ways'],
  'pause-one': ['pause'],
  'pause-past-lease': ['pause'],
  'pause-primary': ['pause'],
  'promote-behind': ['cut', 'cut both ways', 'kill', 'promote'],
  'slow-links': ['toxic'],
};

export interface NetworkTrial {
  readonly played: PlayedCluster;
  /** None: clients work, and nothing happens. */
  readonly faults: readonly NetworkFault[];
}

export type Stormed = (trial: NetworkTrial) => Promise<Verdict>;

export async function tryNetworkFaults(
  faults: readonly NetworkFault[],
  stormed: Stormed,
): Promise<string | undefined> {
  const trials = [...faults.flatMap(casesOf), ...casesWithoutFault()];
  const problems = await Promise.all(
    trials.map(async ({ faultyAfter, fault, right }) => {
      const played = new PlayedCluster(faultyAfter);
      const { validity, reasons } = await stormed({ played, faults: fault ? [fault] : [] });
      if (validity === right) return undefined;
      const store =
        faultyAfter === undefined ? 'a right cluster' : `one that is wrong on ${faultyAfter}`;
      return `${store}, under ${fault?.name ?? 'no fault'}, is ${validity}: ${reasons[0] ?? ''}`;
    }),
  );
  return problems.find((problem) => problem !== undefined);
}

interface NetworkCase {
  readonly faultyAfter: Act | undefined;
  readonly fault: NetworkFault | undefined;
  readonly right: Verdict['validity'];
}

function casesOf(fault: NetworkFault): NetworkCase[] {
  const acts = ACTS_OF_FAULTS[fault.name] ?? [];
  const other = acts.includes('clock') ? 'kill' : 'clock';
  return [
    { faultyAfter: undefined, fault, right: 'valid' },
    { faultyAfter: other, fault, right: 'valid' },
    ...acts.map((faultyAfter): NetworkCase => ({ faultyAfter, fault, right: 'invalid' })),
  ];
}

const casesWithoutFault = (): NetworkCase[] => [
  { faultyAfter: 'kill', fault: undefined, right: 'valid' },
];
