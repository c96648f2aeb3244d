/**
 * Runs cells in lanes. Benchmarks run alone, after the others, because a neighbour would be
 * measured with them. Of clusters one runs at a time. Planted bugs are judged beside their
 * controls at the end, when the clean cells of the run are there to serve as such.
 */
import type { Cell, RunRecord } from '../contract/run-record.ts';
import type { Plan } from '../contract/scenario.ts';
import { Controls } from './controls.ts';
import { lookUp, type Registry } from './registry.ts';
import { directoryOf, type RunCellOptions, runCell, save } from './run-cell.ts';

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
}

export async function runCells(
  cells: readonly Cell[],
  options: RunCellsOptions,
): Promise<RunRecord[]> {
  const lanes = new Lanes(options);
  const isAlone = (cell: Cell) => ALONE.includes(lanes.scenarioOf(cell).plan.kind);
  const together = cells.filter((cell) => !isAlone(cell));
  // Clusters first: one lane goes through them while the others take the rest.
  const sorted = [
    ...together.filter((cell) => lanes.isCluster(cell)),
    ...together.filter((cell) => !lanes.isCluster(cell)),
  ];
  await lanes.run(sorted, options.lanes);
  await lanes.run(cells.filter(isAlone), 1);
  await lanes.judgePlanted();
  return cells.map((cell) => lanes.records.get(cell.id)).filter((record) => record !== undefined);
}

class Lanes {
  readonly records = new Map<string, RunRecord>();
  readonly #options: RunCellsOptions;
  #stopped = false;

  constructor(options: RunCellsOptions) {
    this.#options = options;
  }

  scenarioOf(cell: Cell) {
    return lookUp(this.#options.registry.scenarios, 'scenario', cell.scenario);
  }

  isCluster(cell: Cell): boolean {
    return this.scenarioOf(cell).plan.kind === 'network';
  }

  async run(queue: readonly Cell[], lanes: number): Promise<void> {
    const left = [...queue];
    let clusters = 0;
    const take = () => {
      const at = left.findIndex((cell) => clusters === 0 || !this.isCluster(cell));
      return at < 0 ? undefined : left.splice(at, 1)[0];
    };
    const lane = async () => {
      for (let cell = take(); cell !== undefined && !this.#stopped; cell = take()) {
        if (this.isCluster(cell)) clusters++;
        const record = await this.#runOne(cell);
        if (this.isCluster(cell)) clusters--;
        this.records.set(cell.id, record);
        if (this.#options.bail && record.validity === 'invalid') this.#stopped = true;
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  }

  /** Gives every planted bug that showed itself its control. */
  async judgePlanted(): Promise<void> {
    const { registry, controlCache, limitSeconds } = this.#options;
    const controls = new Controls(this.records.values(), {
      cache: controlCache,
      isReal: (cell) => lookUp(registry.targets, 'target', cell.target).target.kind !== 'simulated',
      limitSecondsOf: (cell) => limitSeconds ?? this.scenarioOf(cell).limitSeconds,
      run: (control) => this.#runOne(control),
    });
    const planted = [...this.records.values()].filter((record) => controls.needs(record));
    const lane = async () => {
      for (let record = planted.shift(); record !== undefined; record = planted.shift()) {
        const judged = await controls.judge(record);
        this.records.set(record.cell.id, judged);
        save(directoryOf(record.cell, this.#options), judged);
      }
    };
    await Promise.all(Array.from({ length: this.#options.lanes }, lane));
  }

  async #runOne(cell: Cell): Promise<RunRecord> {
    const { watcher, registry, plugins, directory } = this.#options;
    const { shrinkPlanted, triesMax, limitSeconds, memoryBytes } = this.#options;
    watcher.started(cell);
    const options: RunCellOptions = {
      registry,
      plugins,
      directory,
      shrinkPlanted,
      triesMax,
      limitSeconds,
      memoryBytes,
      progressed: (done, total, unit) => watcher.progressed(cell, done, total, unit),
    };
    const record = await runCell(cell, options);
    watcher.finished(record);
    return record;
  }
}
