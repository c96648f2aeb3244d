/**
 * ProgressDisplay: on a terminal one line that is kept up to date, elsewhere a line when a cell
 * ends and a heartbeat every 30 seconds.
 */
import { styleText } from 'node:util';
import type { CellWatcher } from '../cells/run-cells.ts';
import type { Cell, RunRecord } from '../contract/run-record.ts';

const HEARTBEAT_MS = 30_000;
const COLOUR = { valid: 'green', invalid: 'red', unknown: 'yellow', unsupported: 'gray' } as const;

export class ProgressDisplay implements CellWatcher {
  /** Total number of cells; grows by the controls of planted bugs. */
  #cells: number;
  readonly #began = Date.now();
  readonly #isTerminal = process.stderr.isTTY === true;
  readonly #running = new Map<string, string>();
  readonly #heartbeat: NodeJS.Timeout;
  #finished: number;

  /** `finished`: cells of an earlier part of the run. */
  constructor(cells: number, finished = 0) {
    this.#cells = cells;
    this.#finished = finished;
    this.#heartbeat = setInterval(() => this.#beat(), this.#isTerminal ? 1000 : HEARTBEAT_MS);
    this.#heartbeat.unref();
  }

  started(cell: Cell): void {
    this.#running.set(cell.id, '');
    this.#cells = Math.max(this.#cells, this.#finished + this.#running.size);
    this.#redraw();
  }

  progressed(cell: Cell, done: number, total: number, unit: string): void {
    this.#running.set(
      cell.id,
      `${done.toLocaleString('en-US')}/${total.toLocaleString('en-US')} ${unit}`,
    );
    this.#redraw();
  }

  finished(record: RunRecord): void {
    this.#running.delete(record.cell.id);
    this.#finished++;
    const seconds = (record.durationMs / 1000).toFixed(1);
    const word = record.mutant?.outcome ?? record.validity;
    const verdict = styleText(COLOUR[record.validity], word.padEnd(11), { stream: process.stderr });
    this.#clear();
    process.stderr.write(
      `[${this.#finished}/${this.#cells}] ${verdict} ${record.cell.id}  ${seconds} s\n`,
    );
    this.#redraw();
  }

  end(): void {
    clearInterval(this.#heartbeat);
    this.#clear();
  }

  #beat(): void {
    if (this.#isTerminal) this.#redraw();
    else process.stderr.write(`${this.#line()}\n`);
  }

  #line(): string {
    const seconds = Math.round((Date.now() - this.#began) / 1000);
    const running = [...this.#running].map(([id, at]) => `${id} ${at}`.trim()).join(' | ');
    return `${seconds} s, ${this.#finished} of ${this.#cells} cells done; ${running}`;
  }

  #redraw(): void {
    if (!this.#isTerminal) return;
    this.#clear();
    process.stderr.write(this.#line().slice(0, (process.stderr.columns ?? 100) - 1));
  }

  #clear(): void {
    if (this.#isTerminal) process.stderr.write('\r\x1b[K');
  }
}
