/**
 * Fault: what is done to a target. Two kinds:
 *
 * - a *process* fault acts on a running process (kill it, stop it);
 * - a *crash* fault says what a simulated crash leaves of the disk, and what happens after it.
 */
export interface Victim {
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
}

export interface ProcessFault {
  readonly kind: 'process';
  readonly name: string;
  readonly doc: string;
  inject(victim: Victim): Promise<void>;
}

/**
 * What is left of the disk. `kill`: everything, as undurable as it was. Otherwise power was cut,
 * and of what was not durable there remains nothing, everything, or any subset of sectors and
 * directory entries (`torn`).
 */
export type CrashMode = 'kill' | 'none-kept' | 'all-kept' | 'torn';

export interface CrashFault {
  readonly kind: 'crash';
  readonly name: string;
  readonly doc: string;
  readonly mode: CrashMode;
  /** Let a sync of the first recovery fail, and kill the process that met it. */
  readonly failRecoverySync: boolean;
  /** Cut the power once more after recovery and reading: what was read must stay. */
  readonly thenCutPower: boolean;
}

export type Fault = ProcessFault | CrashFault;

export function defineFault<F extends Fault>(fault: F): F {
  return fault;
}
