/**
 * PoweredFs: a volatile file system with a power switch. Counts the steps that change or sync it, and
 * cuts the power inside a given step. After that every call fails until power is restored.
 *
 * Invariants:
 * 1. the step that is cut is pending: what it wrote may be kept or lost, a sync has not happened;
 * 2. a sync covers what was written before it came, and nothing that came while it ran;
 * 3. one cut can be followed by many states: each is made anew of what the cut left.
 */
import { type DiskFault, PlantedFault, type StepKind } from './disk-faults.ts';
import { stateAfterCut } from './volatile/crash-state.ts';
import type { CutRequest } from './volatile/cut-plan.ts';
import { FsError, type Inode } from './volatile/inode.ts';
import type { VolatileFs } from './volatile/volatile-fs.ts';

export interface ArmedCut {
  /** Cuts the power in this step, counted from now, starting at 1. */
  readonly at: number;
  /** Which steps count; default: all. */
  readonly of?: StepKind;
}

export interface PoweredFsEvents {
  /** Called when the power is cut inside an armed step. */
  lost(step: number): void;
  /** Called when power is restored: all open files are gone. */
  restored(root: Inode): void;
}

/**
 * Delay of syncs during an audit, in milliseconds: an acknowledgement that does not wait for its sync
 * then arrives before the sync, however slow the machine is.
 */
const AUDIT_DELAY_MS = 30;

export class PoweredFs {
  #fs: VolatileFs;
  /** The state at the last cut. */
  #image: VolatileFs | undefined;
  #isOn = true;
  #armed: { left: number; readonly of: StepKind | undefined } | undefined;
  #fault: PlantedFault | undefined;
  readonly #events: PoweredFsEvents;
  steps = 0;
  /** Number of completed sync calls. */
  syncs = 0;
  lies = false;
  syncDelayMs = 0;
  /** Syncs of the whole file system make nothing durable: only kernel writeback happens. */
  onlyWritesBack = false;
  #isAudited = false;

  constructor(fs: VolatileFs, events: PoweredFsEvents) {
    this.#fs = fs;
    this.#events = events;
  }

  /** Throws when there is no power. */
  get fs(): VolatileFs {
    if (!this.#isOn) throw new FsError('EIO');
    return this.#fs;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  get struck(): number {
    return this.#fault?.struck ?? 0;
  }

  get pending(): number {
    return (this.#image ?? this.#fs).pending.changes.length;
  }

  plant(fault: DiskFault | undefined, at: number): void {
    this.#fault = fault === undefined ? undefined : new PlantedFault(fault, at);
  }

  arm(cut: ArmedCut | undefined): void {
    this.#armed = cut === undefined ? undefined : { left: cut.at, of: cut.of };
  }

  beginAudit(): void {
    this.#isAudited = true;
    this.fs.audit.begin();
  }

  /** Whether everything written since the audit began is on the medium. Ends the audit. */
  isDurable(bytes: Buffer): boolean {
    this.#isAudited = false;
    return this.fs.audit.isDurable(bytes, this.fs.root);
  }

  /** Cuts the power now. Idempotent. */
  cut(): void {
    if (!this.#isOn) return;
    this.#isOn = false;
    this.#armed = undefined;
    this.#image = this.#fs;
  }

  /** Restores power with one of the states that the last cut may have left. */
  restore(request: CutRequest): VolatileFs {
    const image = this.#image;
    if (image === undefined) throw new Error('power was never cut');
    this.#fs = stateAfterCut(image, request);
    this.#isOn = true;
    this.#armed = undefined;
    this.#events.restored(this.#fs.root);
    return this.#fs;
  }

  /**
   * Performs a step that changes the file system. `act` receives the number of bytes of a write that
   * are written.
   */
  change<T>(kind: 'write' | 'entry', act: (fs: VolatileFs, share: number) => T): T {
    const { fs } = this;
    const isCut = this.#count(kind);
    const effect = this.#fault?.strike(kind);
    if (effect?.kind === 'error' && !isCut) throw new FsError(effect.code);
    const result = act(fs, effect?.kind === 'short' ? 0.5 : 1);
    if (isCut) this.#lose();
    return result;
  }

  /** Syncs one inode or the whole file system. `done` gets the error, if any. */
  sync(
    what: { readonly inode: Inode; readonly dataOnly: boolean } | undefined,
    done: (error?: FsError) => void,
  ): void {
    const { fs } = this;
    if (what === undefined && this.onlyWritesBack) {
      done();
      return;
    }
    const isCut = this.#count('sync');
    if (isCut) this.#lose();
    this.syncs++;
    const effect = this.#fault?.strike('sync');
    const upTo = fs.pending.sequence;
    const finish = () => {
      if (!this.#isOn || this.#fs !== fs) return done(new FsError('EIO'));
      if (effect?.kind === 'error') {
        fs.failSync(what?.inode);
        return done(new FsError(effect.code));
      }
      if (!this.lies && effect?.kind !== 'lie') {
        if (what === undefined) fs.syncAll(upTo);
        else fs.sync(what.inode, what.dataOnly, upTo);
      }
      done();
    };
    const slow = effect?.kind === 'slow' ? effect.ms : 0;
    const delay = this.syncDelayMs + slow + (this.#isAudited ? AUDIT_DELAY_MS : 0);
    if (delay > 0) setTimeout(finish, delay);
    else finish();
  }

  #lose(): never {
    this.cut();
    this.#events.lost(this.steps);
    throw new FsError('EIO');
  }

  #count(kind: StepKind): boolean {
    this.steps++;
    const armed = this.#armed;
    if (armed === undefined || (armed.of !== undefined && armed.of !== kind)) return false;
    return --armed.left === 0;
  }
}
