/**
 * Runs cells in lanes. Benchmarks run alone, after the others, because a neighbour would be
 * measured with them. Of clusters one runs at a time. Planted bugs are judged beside their
 * controls at the end, when the clean cells of the run are there to serve as such.
 *
 * A run can be stopped: it starts no more cells, ends those that run, and answers the records of
 * the finished ones. A planted bug that has not been judged beside its control is not finished.
 */
import { join } from 'node:path';
import type { Cell, RunRecord } from '../contract/run-record.ts';
import type { Plan } from '../contract/scenario.ts';
import { lookUp, type Registry } from '../matrix/registry.ts';
import { Controls } from './controls.ts';
import { directoryOf, saveRecord } from './record-file.ts';
import { Interrupted, type RunCellOptions, runCell } from './run-cell.ts';

/**
 * Where controls lie, apart from the cells of the run: which of them are run depends on what is
 * cached, and the counts of a run must not.
 */
const CONTROLS = 'controls';
/** Plans that measure time. */
const ALONE: readonly Plan['kind'][] = ['load', 'growth', 'disk'];

export interface CellWatcher {
  started(cell: Cell): void;
  progressed(cell: Cell, done: number, total: number, unit: string): void;
  finished(record: RunRecord): void;
}

export interface RunCellsOptions {
  readonly registry: Registry;
  readonly plugins: readonly string[];
  /** Each cell writes below it, in a folder named by its id. */
  readonly directory: string;
  readonly lanes: number;
  readonly watcher: CellWatcher;
  /** Stop starting cells after the first that is invalid. */
  readonly bail: boolean;
  /** Look for the smallest run that catches each planted bug. */
  readonly shrinkPlanted?: boolean;
  readonly triesMax?: number | undefined;
  readonly limitSeconds?: number | undefined;
  readonly memoryBytes?: number | undefined;
  /** Where controls of planted bugs are kept for later runs. */
  readonly controlCache?: string | undefined;
  /** Records of an earlier part of the run, by cell: these are not run again. */
  readonly finished?: ReadonlyMap<string, RunRecord> | undefined;
  readonly stop?: AbortSignal | undefined;
  /** After the record of a cell is saved. A planted bug may have yet to be judged. */
  readonly saved?: ((record: RunRecord) => void) | undefined;
  /** A record can't be saved, or a cell has no place. Without it the error is thrown. */
  readonly outputFailed?: ((error: Error) => void) | undefined;
}

export async function runCells(
  cells: readonly Cell[],
  options: RunCellsOptions,
): Promise<RunRecord[]> {
  const lanes = new Lanes(options);
  for (const [id, record] of options.finished ?? []) lanes.records.set(id, record);
  const isAlone = (cell: Cell) => ALONE.includes(lanes.scenarioOf(cell).plan.kind);
  const left = cells.filter(({ id }) => !lanes.records.has(id));
  const together = left.filter((cell) => !isAlone(cell));
  // Clusters first: one lane goes through them while the others take the rest.
  const sorted = [
    ...together.filter((cell) => lanes.isCluster(cell)),
    ...together.filter((cell) => !lanes.isCluster(cell)),
  ];
  await lanes.run(sorted, options.lanes);
  await lanes.run(left.filter(isAlone), 1);
  await lanes.judgePlanted();
  return cells
    .map((cell) => lanes.records.get(cell.id))
    .filter((record) => record !== undefined && !lanes.isUnjudged(record)) as RunRecord[];
}

class Lanes {
  readonly records = new Map<string, RunRecord>();
  readonly #options: RunCellsOptions;
  readonly #judged = new Set<string>();
  #bailed = false;
  #controls: Controls | undefined;

  constructor(options: RunCellsOptions) {
    this.#options = options;
  }

  scenarioOf(cell: Cell) {
    return lookUp(this.#options.registry.scenarios, 'scenario', cell.scenario);
  }

  isCluster(cell: Cell): boolean {
    return this.scenarioOf(cell).plan.kind === 'network';
  }

  get #isStopped(): boolean {
    return this.#bailed || this.#options.stop?.aborted === true;
  }

  /** A planted bug whose control has not run, because the run was stopped. */
  isUnjudged(record: RunRecord): boolean {
    const isJudged = record.mutant?.control !== undefined || this.#judged.has(record.cell.id);
    return !isJudged && this.#controls?.needs(record) === true;
  }

  async run(queue: readonly Cell[], lanes: number): Promise<void> {
    const left = [...queue];
    let clusters = 0;
    const take = () => {
      const at = left.findIndex((cell) => clusters === 0 || !this.isCluster(cell));
      return at < 0 ? undefined : left.splice(at, 1)[0];
    };
    const lane = async () => {
      for (let cell = take(); cell !== undefined && !this.#isStopped; cell = take()) {
        if (this.isCluster(cell)) clusters++;
        const record = await this.#unlessStopped(this.#runOne(cell));
        if (this.isCluster(cell)) clusters--;
        if (record === undefined) return;
        this.#keep(record);
        this.#options.watcher.finished(record); // told only now: what was told outlives SIGKILL
        if (this.#options.bail && record.validity === 'invalid') this.#bailed = true;
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  }

  /** Gives every planted bug that showed itself its control. */
  async judgePlanted(): Promise<void> {
    const { registry, controlCache, directory, limitSeconds, watcher } = this.#options;
    const controls = new Controls(this.records.values(), {
      cache: controlCache,
      isReal: (cell) => lookUp(registry.targets, 'target', cell.target).target.kind !== 'simulated',
      limitSecondsOf: (cell) => limitSeconds ?? this.scenarioOf(cell).limitSeconds,
      run: async (control) => {
        const record = await this.#runOne(control, join(directory, CONTROLS));
        watcher.finished(record);
        return record;
      },
    });
    this.#controls = controls;
    const planted = [...this.records.values()].filter((record) => this.isUnjudged(record));
    const lane = async () => {
      for (let record = planted.shift(); record !== undefined; record = planted.shift()) {
        if (this.#options.stop?.aborted) return;
        const judged = await this.#unlessStopped(controls.judge(record));
        if (judged === undefined) return;
        this.#judged.add(judged.cell.id);
        this.#keep(judged);
      }
    };
    await Promise.all(Array.from({ length: this.#options.lanes }, lane));
  }

  /** In memory first: a verdict outlives a disk that is full. */
  #keep(record: RunRecord): void {
    this.records.set(record.cell.id, record);
    try {
      saveRecord(directoryOf(record.cell, this.#options), record);
      this.#options.saved?.(record);
    } catch (error) {
      this.#outputFailed(error as Error);
    }
  }

  #outputFailed(error: Error): void {
    if (this.#options.outputFailed === undefined) throw error;
    this.#options.outputFailed(error);
  }

  /** Undefined when the run was stopped meanwhile, or can't be saved. */
  async #unlessStopped(running: Promise<RunRecord>): Promise<RunRecord | undefined> {
    try {
      return await running;
    } catch (error) {
      if (error instanceof Interrupted) return undefined;
      if (!(error as NodeJS.ErrnoException).syscall) throw error;
      this.#outputFailed(error as Error);
      return undefined;
    }
  }

  async #runOne(cell: Cell, directory = this.#options.directory): Promise<RunRecord> {
    const { watcher, registry, plugins } = this.#options;
    const { shrinkPlanted, triesMax, limitSeconds, memoryBytes, stop } = this.#options;
    watcher.started(cell);
    const options: RunCellOptions = {
      registry,
      plugins,
      directory,
      shrinkPlanted,
      triesMax,
      limitSeconds,
      memoryBytes,
      stop,
      progressed: (done, total, unit) => watcher.progressed(cell, done, total, unit),
    };
    return runCell(cell, options);
  }
}
