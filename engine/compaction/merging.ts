/**
 * Merging: bounds the number of runs. Runs the merges that the picker asks for, and merges small runs while the
 * store is idle. One merge at a time.
 *
 * Invariants:
 * 1. A merge replaces neighbours in the list of runs by one run; concurrent flushes only append to the list.
 * 2. Order of effects: output synced, its directory entry synced, manifest switched, inputs removed.
 */
import type { Timer } from '../env/clock.ts';
import { assert } from '../errors.ts';
import type { ManifestState } from '../manifest/manifest-format.ts';
import { Handover } from '../run/handover.ts';
import type { RunMeta } from '../run/run-format.ts';
import { RunReader } from '../run/run-reader.ts';
import type { TreeRun } from '../run/tree-run.ts';
import type { MaintenanceParts } from './parts.ts';
import {
  levelsOf,
  type Pick,
  type PickerOptions,
  pickAll,
  pickCompaction,
  pickSettled,
} from './picker.ts';
import type { RunOutputs } from './run-outputs.ts';
import type { CompactTask } from './task.ts';

/** Merging is behind when there are more than `RUNS_BEHIND` × `fanIn` runs. */
const RUNS_BEHIND = 3;
/** Runs of a tier that trigger a merge while the store is idle: fewer runs make reads cheaper. */
const FAN_IN_AT_LEISURE = 4;
/** Time without a commit after which a store counts as idle. */
const REST_MS = 1000;

export class Merging {
  readonly #parts: MaintenanceParts;
  readonly #outputs: RunOutputs;
  #active: Promise<void> | undefined;
  #restTimer: Timer | undefined;
  #handover: Handover | undefined;
  #handingOver: Promise<void> | undefined;
  /** Calls that wait for the running merge. */
  #waiting = 0;
  #stopped = false;
  failure: unknown;
  /** Whether flushes are rare enough that earlier, more frequent merges delay no writer. */
  isAtLeisure = false;
  merges = 0;
  mergedBytes = 0;

  constructor(parts: MaintenanceParts, outputs: RunOutputs) {
    this.#parts = parts;
    this.#outputs = outputs;
  }

  /** The merge that runs, or `undefined`. Never rejects. */
  get active(): Promise<void> | undefined {
    return this.#active;
  }

  /** Compaction debt: runs beyond the bound; 0 when merging keeps up. */
  get compactionDebt(): number {
    const { manifest, settings } = this.#parts;
    const levels = levelsOf(manifest.state.runs, this.#picking(settings.fanIn));
    return Math.max(0, levels.length / settings.fanIn - RUNS_BEHIND);
  }

  #picking(fanIn: number): PickerOptions {
    const { segmentBytes, compression } = this.#parts.settings;
    const isFinal = ({ tier }: RunMeta) => compression !== 'zstd' || tier > 0;
    return { fanIn, runBytesMin: segmentBytes / 2, isFinal };
  }

  /** Whether no caller waits for a handover. */
  get #mayTakeItsTime(): boolean {
    return this.compactionDebt === 0 && this.#waiting === 0 && !this.#stopped;
  }

  /** Starts merging in the background, unless it runs already. */
  work(): void {
    if (this.#stopped || this.#active !== undefined) return;
    this.failure = undefined;
    this.#begin(this.#mergeDue());
  }

  /** Merges all runs into one level. Throws what stopped it. */
  async all(): Promise<void> {
    this.#waiting++;
    while (this.#active !== undefined) await this.#active;
    this.#waiting--;
    const { manifest, settings } = this.#parts;
    const pick = pickAll(manifest.state.runs, this.#picking(settings.fanIn));
    if (pick === undefined) return;
    const merging = this.#merge(pick, true);
    this.#begin(merging);
    await merging;
  }

  /**
   * A merge that runs is not waited for: the end of its worker is its own. One that is handing over
   * ends now, and is waited for.
   */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#restTimer?.cancel();
    this.#handover?.cut();
    await this.#handingOver?.catch(() => undefined);
  }

  #begin(work: Promise<void>): void {
    this.#active = work
      .catch((error: unknown) => {
        if (!this.#stopped) this.failure = error;
      })
      .finally(() => {
        this.#active = undefined;
        if (this.failure === undefined) this.#settleWhenAtRest();
      });
  }

  async #mergeDue(): Promise<void> {
    await Promise.resolve();
    const { log, manifest, settings } = this.#parts;
    while (log.failure === undefined && !this.#stopped) {
      const fanIn = this.isAtLeisure ? Math.min(FAN_IN_AT_LEISURE, settings.fanIn) : settings.fanIn;
      const pick = pickCompaction(manifest.state.runs, this.#picking(fanIn));
      if (pick === undefined) return;
      await this.#merge(pick);
    }
  }

  /** Merges small runs once the store is idle. */
  #settleWhenAtRest(): void {
    const { env, log, manifest, settings } = this.#parts;
    const picking = this.#picking(settings.fanIn);
    if (this.#stopped || pickSettled(manifest.state.runs, picking) === undefined) return;
    const { lastLsn } = log;
    this.#restTimer?.cancel();
    this.#restTimer = env.clock.after(REST_MS, () => {
      if (this.#stopped || this.#active !== undefined || log.failure !== undefined) return;
      const pick = pickSettled(manifest.state.runs, picking);
      if (log.lastLsn !== lastLsn) this.#settleWhenAtRest();
      else if (pick !== undefined) this.#begin(this.#merge(pick));
    });
  }

  async #merge(pick: Pick, awaited = false): Promise<void> {
    const { settings, safePoint } = this.#parts;
    const task: CompactTask = {
      kind: 'compact',
      directory: settings.directory,
      inputs: pick.inputs,
      ...this.#outputs.next(pick.tier, pick.start === 0),
    };
    const replaceInputs = (run: RunMeta | undefined) => (state: ManifestState) => ({
      runs: state.runs.toSpliced(
        pick.start,
        pick.inputs.length,
        ...(run === undefined ? [] : [run]),
      ),
      nextNumber: this.#outputs.nextNumber,
      safePoint: Math.min(safePoint.floor, state.flushedLsn),
    });
    const output = await this.#outputs.produce(task, replaceInputs, () => !this.#stopped);
    this.merges++;
    this.mergedBytes += output?.meta.bytes ?? 0;
    this.#handingOver = this.#handOver(pick, output, awaited);
    await this.#handingOver;
  }

  /** Replaces the merge inputs by `output`; step by step if their blocks are cached. */
  async #handOver(pick: Pick, output: RunReader | undefined, awaited: boolean): Promise<void> {
    const { env, settings, tree, memory } = this.#parts;
    const old = tree.runs
      .slice(pick.start, pick.start + pick.inputs.length)
      .filter((run) => run instanceof RunReader);
    const isWhole = pick.inputs.every((input, i) => input.number === old[i]?.meta.number);
    assert(isWhole, 'the tree has the runs that were merged, where the manifest had them');
    const sizes = { cacheBytes: memory.cache.mostBytes, blockBytes: settings.blockBytes };
    let count = old.length;
    const place = (...runs: TreeRun[]) => {
      tree.runs = tree.runs.toSpliced(pick.start, count, ...runs);
      count = runs.length;
    };
    if (output === undefined) place();
    else {
      const handover = new Handover(output, old, sizes, awaited);
      if (handover.isWorthwhile) {
        place(handover);
        this.#handover = handover;
        await handover.run(env.clock, () => this.#mayTakeItsTime);
        this.#handover = undefined;
      }
      place(output);
    }
    for (const reader of old) reader.markObsolete();
  }
}
