/**
 * The check of unique-writes.ts for reads and writes in columns, without swaps, and for any prefix of a history. On
 * numbers instead of objects: ten million operations take seconds.
 *
 * A cluster is a write and the reads of its value. Cluster 0 is the initial value.
 */
import { keyOf, type ValueKey } from '../../contract/value.ts';
import type { RegisterRows } from './register-table.ts';
import { TOGETHER, TOO_EARLY, UNWRITTEN, WITHIN } from './zones.ts';

/** Rows that can't all be right. */
export interface RowViolation {
  readonly rows: readonly number[];
  readonly why: string;
}

const NEVER = Number.POSITIVE_INFINITY;
const BEFORE_ALL = Number.NEGATIVE_INFINITY;
const NONE = -1;
/** More clusters than a key of the sort has room for. */
const CLUSTERS_MAX = 2 ** 24;

export class UniqueRows {
  readonly #rows: RegisterRows;
  /** By row; NONE for a read of the initial value, and for operations that carry no information. */
  readonly #cluster: Int32Array;
  /** By cluster: the row of its write. */
  readonly #write: Int32Array;
  /** By cluster, for the prefix that is judged: the rows that completed first and were invoked last. */
  readonly #first: Int32Array;
  readonly #last: Int32Array;

  private constructor(rows: RegisterRows, cluster: Int32Array, writes: readonly number[]) {
    this.#rows = rows;
    this.#cluster = cluster;
    this.#write = Int32Array.from(writes);
    this.#first = new Int32Array(writes.length);
    this.#last = new Int32Array(writes.length);
  }

  /** `undefined` when a value is written twice. */
  static of(rows: RegisterRows): UniqueRows | undefined {
    const clusters = new Map<ValueKey, number>([[null, 0]]);
    const writes: number[] = [NONE];
    const cluster = new Int32Array(rows.size).fill(NONE);
    for (let row = 0; row < rows.size; row++) {
      if (!rows.isWrite(row) || rows.hasFailed(row)) continue;
      const name = keyOf(rows.valueOf(row));
      if (clusters.has(name) || writes.length === CLUSTERS_MAX) return undefined;
      clusters.set(name, writes.length);
      cluster[row] = writes.length;
      writes.push(row);
    }
    for (let row = 0; row < rows.size; row++) {
      if (rows.isWrite(row) || !rows.isOk(row)) continue;
      cluster[row] = clusters.get(keyOf(rows.valueOf(row))) ?? NONE;
    }
    return new UniqueRows(rows, cluster, writes);
  }

  /** What can't be right in the history up to an event; `undefined` when it is linearizable. */
  violation(end = NEVER): RowViolation | undefined {
    return this.#gather(end) ?? this.#overlap();
  }

  /** The end of the shortest prefix that is bad. Requires: the whole is. */
  shortestBadPrefix(): number {
    let low = 0;
    let high = this.#endOf(this.violation()!);
    // Most histories have one fault: just before its end everything is right. Halving does the rest.
    for (let isNear = true; low < high; isNear = !isNear) {
      const end = isNear ? high - 1 : Math.floor((low + high) / 2);
      const found = this.violation(end);
      if (found === undefined) low = end + 1;
      else high = Math.min(end, this.#endOf(found));
    }
    return high;
  }

  /** The event at which all rows of a violation are known. */
  #endOf({ rows }: RowViolation): number {
    const ends = rows.map((row) => this.#rows.completedAt(row)).filter(Number.isFinite);
    return Math.max(...ends);
  }

  /** Finds the first and last row of each cluster; answers a read that can't be in its own. */
  #gather(end: number): RowViolation | undefined {
    this.#first.fill(NONE);
    this.#last.fill(NONE);
    const rows = this.#rows;
    for (let row = 0; row < rows.size; row++) {
      const isOver = rows.isOk(row) && rows.completedAt(row) <= end;
      if (!rows.isWrite(row) && isOver) {
        const cluster = this.#cluster[row]!;
        const write = cluster === NONE ? NONE : this.#write[cluster]!;
        const isWritten = cluster === 0 || (write !== NONE && rows.invokedAt(write) < end);
        if (!isWritten) return { rows: [row], why: UNWRITTEN };
        this.#note(cluster, row);
      } else if (rows.isWrite(row) && isOver) this.#note(this.#cluster[row]!, row);
    }
    for (let cluster = 1; cluster < this.#write.length; cluster++) {
      const write = this.#write[cluster]!;
      const first = this.#first[cluster]!;
      if (first === NONE) continue;
      if (rows.completedAt(first) < rows.invokedAt(write)) {
        return { rows: [first, write], why: TOO_EARLY };
      }
      // A write whose outcome is not known was invoked all the same.
      const last = this.#last[cluster]!;
      if (rows.invokedAt(write) > rows.invokedAt(last)) this.#last[cluster] = write;
    }
    return undefined;
  }

  #note(cluster: number, row: number): void {
    const rows = this.#rows;
    const first = this.#first[cluster]!;
    const last = this.#last[cluster]!;
    if (first === NONE || rows.completedAt(row) < rows.completedAt(first)) {
      this.#first[cluster] = row;
    }
    if (last === NONE || rows.invokedAt(row) > rows.invokedAt(last)) this.#last[cluster] = row;
  }

  #from(cluster: number): number {
    return cluster === 0 ? BEFORE_ALL : this.#rows.completedAt(this.#first[cluster]!);
  }

  #to(cluster: number): number {
    return this.#last[cluster] === NONE ? BEFORE_ALL : this.#rows.invokedAt(this.#last[cluster]!);
  }

  #isKnown(cluster: number): boolean {
    return this.#last[cluster] !== NONE;
  }

  /** Two clusters that hold the register at the same time. */
  #overlap(): RowViolation | undefined {
    const forward = this.#forwardZones();
    for (let i = 1; i < forward.length; i++) {
      const [zone, next] = [forward[i - 1]!, forward[i]!];
      if (this.#from(next) < this.#to(zone)) return this.#both(zone, next, TOGETHER);
    }
    for (let cluster = 1; cluster < this.#write.length; cluster++) {
      if (!this.#isKnown(cluster) || this.#from(cluster) < this.#to(cluster)) continue;
      const around = this.#lastBefore(forward, this.#to(cluster));
      if (around !== undefined && this.#to(around) > this.#from(cluster)) {
        return this.#both(around, cluster, WITHIN);
      }
    }
    return undefined;
  }

  /** Clusters whose first completion comes before the last invocation, by the former. */
  #forwardZones(): Int32Array {
    const sorted = new Float64Array(this.#write.length);
    let count = 0;
    for (let cluster = 1; cluster < this.#write.length; cluster++) {
      if (!this.#isKnown(cluster) || this.#from(cluster) >= this.#to(cluster)) continue;
      sorted[count++] = this.#from(cluster) * CLUSTERS_MAX + cluster;
    }
    const own = sorted.subarray(0, count).sort();
    const isForward = this.#isKnown(0);
    const zones = new Int32Array(count + (isForward ? 1 : 0));
    for (let i = 0; i < count; i++) zones[i + zones.length - count] = own[i]! % CLUSTERS_MAX;
    return zones;
  }

  #lastBefore(forward: Int32Array, instant: number): number | undefined {
    let low = 0;
    let high = forward.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#from(forward[middle]!) < instant) low = middle + 1;
      else high = middle;
    }
    return forward[low - 1];
  }

  #both(a: number, b: number, why: string): RowViolation {
    const firstOfA = a === 0 ? NONE : this.#first[a]!; // the initial value has no writer
    const all = [firstOfA, this.#last[a]!, this.#first[b]!, this.#last[b]!];
    return { rows: [...new Set(all)].filter((row) => row !== NONE), why };
  }
}
