/**
 * DiskTrouble: the disk faults of a storm. The knobs say which faults are active in a run; an active fault hits a
 * share of the accesses, drawn from the seed.
 */
import type { Prng } from '../../random/prng.ts';
import type { Ledger } from '../sim/ledger.ts';
import type { Scheduler } from '../sim/scheduler.ts';
import type { DiskErrorFactory, SyncOutcome, Trouble } from '../sim/trouble.ts';
import type { StormFault } from './knobs.ts';

const SYNC_FAILS = 0.01;
const SYNC_FAILS_FOR_GOOD = 0.003;
const READ_FAILS = 0.02;
const WRITE_FAILS = 0.003;
const STALLS = 0.004;
const SLOW_MS = 15;
const STALL_MS = 3000;

export interface TroubleParts {
  readonly faults: ReadonlySet<StormFault>;
  readonly random: Prng;
  readonly scheduler: Scheduler;
  readonly ledger: Ledger;
  readonly error: DiskErrorFactory;
  /** How hard it strikes, of 1: the chance of every fault is multiplied by it. */
  readonly force: number;
  /** While it answers false nothing goes wrong. */
  isOn(): boolean;
}

export class DiskTrouble implements Trouble {
  readonly #parts: TroubleParts;
  #syncsFail = false;

  constructor(parts: TroubleParts) {
    this.#parts = parts;
  }

  read(path: string): void {
    if (!this.#strikes('read-error', READ_FAILS)) return;
    this.#parts.ledger.mattered('read-error');
    throw this.#parts.error('io', `read of ${path} failed`, path);
  }

  write(path: string, bytes: number): number {
    if (this.#strikes('write-error', WRITE_FAILS)) {
      this.#parts.ledger.mattered('write-error');
      throw this.#parts.error('io', `write to ${path} failed`, path);
    }
    if (bytes < 2 || !this.#strikes('short-write', WRITE_FAILS)) return bytes;
    this.#parts.ledger.mattered('short-write');
    return this.#parts.random.between(1, bytes - 1);
  }

  sync(): SyncOutcome | Promise<SyncOutcome> {
    const slow = this.#strikes('slow-disk', 1);
    const stalls = this.#strikes('stalled-disk', STALLS);
    return slow || stalls ? this.#lateSync(slow, stalls) : this.#endSync();
  }

  async #lateSync(slow: boolean, stalls: boolean): Promise<SyncOutcome> {
    const { scheduler, ledger } = this.#parts;
    await scheduler.sleep((slow ? SLOW_MS : 0) + (stalls ? STALL_MS : 0));
    if (slow) ledger.mattered('slow-disk');
    if (stalls) ledger.mattered('stalled-disk');
    return this.#endSync();
  }

  #endSync(): SyncOutcome {
    const { ledger } = this.#parts;
    if (this.#strikes('sync-fails-for-good', SYNC_FAILS_FOR_GOOD)) this.#syncsFail = true;
    if (this.#syncsFail && this.#parts.isOn()) {
      ledger.mattered('sync-fails-for-good');
      return 'fails';
    }
    if (!this.#strikes('sync-fails-once', SYNC_FAILS)) return 'done';
    ledger.mattered('sync-fails-once');
    return 'fails';
  }

  #strikes(fault: StormFault, chance: number): boolean {
    const { faults, random, ledger, force, isOn } = this.#parts;
    if (!isOn() || !faults.has(fault) || !random.chance(force * chance)) return false;
    ledger.struck(fault);
    return true;
  }
}
