/** UnsteadyClock: a wall clock with drift, jitter and jumps, as the knobs say. */
import type { Prng } from '../../random/prng.ts';
import type { Ledger } from '../sim/ledger.ts';
import type { StormFault } from './knobs.ts';

const DRIFT_MAX = 0.1;
const JITTER_MS = 50;
const STEP_MAX_MS = 3_600_000;
const STEPS = 0.002;

export class UnsteadyClock {
  readonly #faults: ReadonlySet<StormFault>;
  readonly #random: Prng;
  readonly #ledger: Ledger;
  readonly #drift: number;
  #offsetMs = 0;
  #lastMs = 0;
  #startMs: number | undefined;

  constructor(faults: ReadonlySet<StormFault>, random: Prng, ledger: Ledger) {
    this.#faults = faults;
    this.#random = random;
    this.#ledger = ledger;
    this.#drift = DRIFT_MAX * (2 * random.fraction() - 1);
  }

  wallMs(trueMs: number): number {
    this.#startMs ??= trueMs;
    let shownMs = trueMs + this.#offsetMs;
    if (this.#faults.has('clock-drift')) {
      shownMs += this.#drift * (trueMs - this.#startMs);
      this.#note('clock-drift');
    }
    if (this.#faults.has('clock-jitter')) {
      shownMs += JITTER_MS * (2 * this.#random.fraction() - 1);
      this.#note('clock-jitter', shownMs < this.#lastMs);
    }
    if (this.#faults.has('clock-step') && this.#random.chance(STEPS)) {
      this.#offsetMs += STEP_MAX_MS * (2 * this.#random.fraction() - 1);
      this.#note('clock-step', this.#offsetMs < 0);
    }
    this.#lastMs = shownMs;
    return Math.floor(shownMs);
  }

  /** It matters when the store is told a time that is before the last. */
  #note(fault: StormFault, mattered = true): void {
    this.#ledger.struck(fault);
    if (mattered) this.#ledger.mattered(fault);
  }
}
