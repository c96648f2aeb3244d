/** What is asked of the process that serves a mount, and what it answers. */
import type { DiskFault } from './disk-faults.ts';
import type { ArmedCut } from './powered-fs.ts';
import type { CutRequest } from './volatile/cut-plan.ts';

export type FuseRequest = { readonly id: number } /** Power goes, if it has not yet. */ & (
  | { readonly kind: 'cut' }
  /** Power comes back, with a state that the last cut may have left. */
  | { readonly kind: 'restore'; readonly state: CutRequest }
  | { readonly kind: 'arm'; readonly cut?: ArmedCut }
  | { readonly kind: 'fault'; readonly fault?: DiskFault; readonly at: number }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'lie'; readonly lies: boolean }
  /** Whether `sync` and `syncfs` keep nothing, and only make the kernel write back. */
  | { readonly kind: 'write-back'; readonly only: boolean }
  | { readonly kind: 'audit' }
  | { readonly kind: 'durable'; readonly token: string }
  | { readonly kind: 'state' }
);

export interface MountState {
  readonly isOn: boolean;
  /** Steps that changed or synced the file system; syncs among them. */
  readonly steps: number;
  readonly syncs: number;
  /** How often a fault struck. */
  readonly struck: number;
  /** Changes that are not durable, or, without power, were not. */
  readonly pending: number;
}

/** Request 0 is the mount itself; answer -1 comes unasked, when the power goes inside a step. */
export const POWER_LOST = -1;

export interface FuseAnswer {
  readonly id: number;
  readonly error?: string;
  readonly durable?: boolean;
  readonly state?: MountState;
  /** Of a restored state: equal for equal trees. */
  readonly fingerprint?: string;
}
