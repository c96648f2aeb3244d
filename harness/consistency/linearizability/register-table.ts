/**
 * RegisterTable: reads and writes of one register in columns, one row per operation. Ten million operations take
 * about 300 MB; as objects they take several gigabytes.
 *
 * Rows are in the order in which they were added. An operation that completed as `fail` keeps a row that is
 * skipped.
 */
import type { HistoryEvent, Operation } from '../../contract/history.ts';
import { OpenInvocations } from '../../contract/pairing.ts';
import { isSameValue } from '../../contract/value.ts';
import { GrowingInts } from '../graph/columns.ts';

/** What became of a row. */
const OPEN = 0;
const OK = 1;
const FAILED = 2;

export class RegisterTable {
  readonly #open = new OpenInvocations<number>();
  readonly #client = new GrowingInts();
  readonly #invoked = new GrowingInts();
  /** Of what completed. */
  readonly #completed = new GrowingInts();
  readonly #state = new GrowingInts();
  readonly #isWrite = new GrowingInts();
  readonly #value: unknown[] = [];

  get size(): number {
    return this.#value.length;
  }

  /**
   * Takes an event of a register of single values; answers `false` for any other, and for what needs
   * a closer look. Throws MalformedHistory.
   */
  take(event: HistoryEvent): boolean {
    const { f, type, process, value, index } = event;
    const isWrite = f === 'write';
    if ((!isWrite && f !== 'read') || !isSingle(value) || process !== (process | 0)) return false;
    if (type === 'invoke') {
      if (isWrite && value === null) return false;
      this.#open.invoke(event, this.size);
      this.#client.push(process);
      this.#invoked.push(index);
      this.#completed.push(0);
      this.#state.push(OPEN);
      this.#isWrite.push(isWrite ? 1 : 0);
      this.#value.push(isWrite ? value : null);
      return true;
    }
    const row = this.#open.complete(event);
    if (type === 'info') return true;
    this.#completed.set(row, index);
    this.#state.set(row, type === 'ok' ? OK : FAILED);
    if (type !== 'ok') return true;
    if (isWrite) return value === null || isSameValue(value, this.#value[row]);
    this.#value[row] = value;
    return true;
  }

  /** Whether anything tells that this is a register: reads of nothing do not. */
  get isSure(): boolean {
    for (let row = 0; row < this.size; row++) {
      if (this.isWrite(row) || (this.isOk(row) && this.#value[row] !== null)) return true;
    }
    return false;
  }

  hasFailed(row: number): boolean {
    return this.#state.at(row) === FAILED;
  }

  isOk(row: number): boolean {
    return this.#state.at(row) === OK;
  }

  isWrite(row: number): boolean {
    return this.#isWrite.at(row) === 1;
  }

  invokedAt(row: number): number {
    return this.#invoked.at(row);
  }

  /** Infinity if indeterminate. */
  completedAt(row: number): number {
    return this.#state.at(row) === OPEN ? Number.POSITIVE_INFINITY : this.#completed.at(row);
  }

  /** What was written, or read. */
  valueOf(row: number): unknown {
    return this.#value[row];
  }

  operation(row: number): Operation {
    const isWrite = this.isWrite(row);
    const value = this.#value[row];
    const state = this.#state.at(row);
    return {
      process: this.#client.at(row),
      f: isWrite ? 'write' : 'read',
      input: isWrite ? value : null,
      output: state === OK ? value : null,
      type: state === OK ? 'ok' : state === FAILED ? 'fail' : 'info',
      invokedIndex: this.invokedAt(row),
      completedIndex: this.completedAt(row),
    };
  }
}

const isSingle = (value: unknown) => value === null || typeof value !== 'object';

/** Reads and writes of operations, as rows. */
export interface RegisterRows {
  readonly size: number;
  hasFailed(row: number): boolean;
  isOk(row: number): boolean;
  isWrite(row: number): boolean;
  invokedAt(row: number): number;
  completedAt(row: number): number;
  valueOf(row: number): unknown;
  operation(row: number): Operation;
}

/** Operations that are there as objects. Requires: no more than reads and writes. */
export class OperationRows implements RegisterRows {
  readonly #operations: readonly Operation[];

  constructor(operations: readonly Operation[]) {
    this.#operations = operations;
  }

  get size(): number {
    return this.#operations.length;
  }

  hasFailed = (row: number) => this.operation(row).type === 'fail';
  isOk = (row: number) => this.operation(row).type === 'ok';
  isWrite = (row: number) => this.operation(row).f === 'write';
  invokedAt = (row: number) => this.operation(row).invokedIndex;
  completedAt = (row: number) => this.operation(row).completedIndex;
  valueOf = (row: number) =>
    this.isWrite(row) ? this.operation(row).input : this.operation(row).output;
  operation = (row: number) => this.#operations[row]!;
}
