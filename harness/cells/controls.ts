/**
 * Controls: a planted bug is caught only when the same cell, with the same seed and without the
 * bug, is as expected. One control serves every bug of the same scenario, target, settings, plan
 * and seed. It goes at least as far as the planted run did: as many kills, seeds or crash states. It
 * comes from the same run, from an earlier run of the same source on this machine, or it is run now.
 *
 * Where the real environment is part of the target, a bug may also show itself by a process that
 * ends with exit code 13 or makes no progress; then the control must have finished within a tenth
 * of the limit. In simulation no wall-clock limit is ever evidence.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cell, MutantOutcome, RunRecord } from '../contract/run-record.ts';

/** A control that finished within this share of the limit shows that a hung twin is stuck. */
const STUCK_SHARE = 0.1;

/**
 * Figures that say how far a run went, with the number of its plan that bounds them, and the least
 * that a control does: a few kills prove nothing about the next one.
 */
const EXTENTS = [
  { figure: 'kills', plan: 'loops', least: 10 },
  { figure: 'crashStates', plan: 'states', least: 100 },
  { figure: 'storms', plan: 'seeds', least: 1 },
  { figure: 'seeds', plan: 'seeds', least: 1 },
  { figure: 'damagedStores', plan: 'faults', least: 100 },
  { figure: 'files', plan: 'files', least: 100 },
] as const;

export interface ControlOptions {
  /** Where controls are kept between runs of the same source; undefined keeps none. */
  readonly cache: string | undefined;
  readonly isReal: (cell: Cell) => boolean;
  readonly limitSecondsOf: (cell: Cell) => number;
  readonly run: (control: Cell) => Promise<RunRecord>;
}

export class Controls {
  readonly #options: ControlOptions;
  readonly #known = new Map<string, RunRecord[]>();
  readonly #running = new Map<string, Promise<RunRecord>>();

  /** `records`: clean cells of this run, which serve as controls where they fit. */
  constructor(records: Iterable<RunRecord>, options: ControlOptions) {
    this.#options = options;
    for (const record of records) {
      if (record.cell.mutant === undefined) this.#learn(record);
    }
  }

  needs({ cell, mutant }: RunRecord): boolean {
    if (mutant === undefined) return false;
    return (
      mutant.outcome === 'caught' || (mutant.stuck !== undefined && this.#options.isReal(cell))
    );
  }

  /** The record of a planted bug, judged beside its control. */
  async judge(record: RunRecord): Promise<RunRecord> {
    const { mutant } = record;
    if (mutant === undefined || !this.needs(record)) return record;
    const control = await this.#controlOf(record);
    const said = { seed: control.cell.seed, validity: control.validity };
    if (control.validity !== 'valid') {
      const reason = `not proven: without the bug the same cell is ${control.validity} too (${control.verdict.reasons[0] ?? 'no reason given'})`;
      return withOutcome(record, { ...mutant, outcome: 'control-failed', control: said }, reason);
    }
    if (mutant.outcome === 'caught') {
      return withOutcome(record, { ...mutant, control: said });
    }
    const limitMs = this.#options.limitSecondsOf(record.cell) * 1000;
    if (control.durationMs > STUCK_SHARE * limitMs) return record;
    const how = mutant.stuck === 'exit-13' ? 'ended with exit code 13' : 'made no progress';
    const reason = `the process ${how}; without the bug the cell took ${(control.durationMs / 1000).toFixed(1)} s`;
    return withOutcome(record, { ...mutant, outcome: 'caught', control: said }, reason);
  }

  #learn(record: RunRecord): void {
    const key = keyOf(record.cell);
    this.#known.set(key, [...(this.#known.get(key) ?? []), record]);
  }

  async #controlOf(planted: RunRecord): Promise<RunRecord> {
    const cell = twinOf(planted);
    const far = this.#known.get(keyOf(cell))?.find((record) => goesAsFar(record, planted));
    const known = far ?? this.#load(cell);
    if (known !== undefined) return known;
    let running = this.#running.get(cell.id);
    if (running === undefined) {
      running = this.#options.run(cell);
      this.#running.set(cell.id, running);
    }
    const record = await running;
    this.#learn(record);
    if (record.validity === 'valid') this.#keep(cell, record);
    return record;
  }

  #load(cell: Cell): RunRecord | undefined {
    const path = this.#pathOf(cell);
    if (path === undefined || !existsSync(path)) return undefined;
    return JSON.parse(readFileSync(path, 'utf8')) as RunRecord;
  }

  #keep(cell: Cell, record: RunRecord): void {
    const path = this.#pathOf(cell);
    if (path === undefined) return;
    mkdirSync(this.#options.cache!, { recursive: true });
    writeFileSync(path, `${JSON.stringify(record)}\n`);
  }

  #pathOf(cell: Cell): string | undefined {
    const { cache } = this.#options;
    if (cache === undefined) return undefined;
    return join(cache, `${createHash('sha256').update(cell.id).digest('hex').slice(0, 32)}.json`);
  }
}

function withOutcome(record: RunRecord, mutant: MutantOutcome, reason?: string): RunRecord {
  const validity = mutant.outcome === 'caught' ? 'valid' : 'unknown';
  if (reason === undefined) return { ...record, validity, mutant };
  const verdict = { ...record.verdict, reasons: [reason, ...record.verdict.reasons] };
  return { ...record, validity, mutant, verdict };
}

/** The cell without its bug, no longer than the planted run was. */
function twinOf({ cell, figures }: RunRecord): Cell {
  const { mutant: _, ...rest } = cell;
  const id = `${cell.id.replace(/\/bug:[^/]+/, '')}/control ${cell.seed}`;
  const extent = EXTENTS.find(({ figure }) => figures[figure] !== undefined);
  if (extent === undefined) return { ...rest, id };
  const { figure, plan, least } = extent;
  const count = Math.max(least, figures[figure]!);
  return { ...rest, id: `${id}, ${count} ${figure}`, plan: { ...cell.plan, [plan]: count } };
}

function goesAsFar(control: RunRecord, planted: RunRecord): boolean {
  return EXTENTS.every(
    ({ figure }) => (control.figures[figure] ?? 0) >= (planted.figures[figure] ?? 0),
  );
}

/** Everything that a clean cell's result depends on, besides the length of the run. */
function keyOf({ scenario, target, settings, plan = {}, seed }: Cell): string {
  const sorted = (record: object) => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
  const others = sorted(plan).filter(([name]) => !EXTENTS.some((extent) => extent.plan === name));
  return JSON.stringify([scenario, target, sorted(settings), others, seed]);
}
