/**
 * Happens-before: session order and reads-from, closed transitively, as vector clocks: entry s of
 * a transaction's clock is how many transactions of session s are before it or are itself.
 *
 * Clocks are cut into chunks that equal neighbours share, so that many short sessions (a client
 * whose operation ends in `info` comes back as another) do not cost a full clock each.
 */
import { bySession } from './key-writers.ts';
import { INITIAL, type View } from './view.ts';

const CHUNK = 16;
const POOL_CHUNKS_MIN = 1024;

export class HappensBefore {
  /** An order that agrees with happens-before; shorter than all when there is a cycle. */
  readonly order: Int32Array;
  readonly isAcyclic: boolean;
  readonly #view: View;
  #clocks: Clocks | undefined;

  constructor(view: View) {
    this.#view = view;
    const { order, committed } = topologicalOrder(view);
    this.order = order;
    this.isAcyclic = order.length === committed;
  }

  /** Computed on first use. Requires: acyclic. */
  get clocks(): Clocks {
    this.#clocks ??= new Clocks(this.#view, this.order);
    return this.#clocks;
  }
}

export class Clocks {
  readonly #view: View;
  readonly #chunks: number;
  readonly #refs: Int32Array;
  #pool = new Int32Array(CHUNK * POOL_CHUNKS_MIN);
  #poolSize = 1; // chunk 0 is all zeros

  /** `order`: one that agrees with happens-before. */
  constructor(view: View, order: Int32Array) {
    this.#view = view;
    this.#chunks = Math.max(1, Math.ceil(view.sessions / CHUNK));
    this.#refs = new Int32Array(view.transactions * this.#chunks);
    this.#fill(order);
  }

  /** How many transactions of `session` are before `t`, `t` among them if it is of that session. */
  clock(t: number, session: number): number {
    const chunk = this.#refs[t * this.#chunks + ((session / CHUNK) | 0)]!;
    return this.#pool[chunk * CHUNK + (session % CHUNK)]!;
  }

  /** Whether `a` is `b` or comes before it. */
  reaches(a: number, b: number): boolean {
    const { session, position } = this.#view;
    return this.clock(b, session[a]!) > position[a]!;
  }

  #fill(order: Int32Array): void {
    const { session, position, readStart, readFrom } = this.#view;
    const chunks = this.#chunks;
    const before = previousInSession(this.#view);
    for (const t of order) {
      const base = t * chunks;
      if (before[t]! >= 0) {
        const from = before[t]! * chunks;
        this.#refs.copyWithin(base, from, from + chunks);
      }
      for (let at = readStart[t]!; at < readStart[t + 1]!; at++) {
        const source = readFrom[at]!;
        if (source === INITIAL || this.reaches(source, t)) continue;
        for (let c = 0; c < chunks; c++) this.#mergeChunk(base + c, source * chunks + c);
      }
      const own = base + ((session[t]! / CHUNK) | 0);
      this.#refs[own] = this.#copy(this.#refs[own]!);
      this.#pool[this.#refs[own]! * CHUNK + (session[t]! % CHUNK)] = position[t]! + 1;
    }
  }

  #mergeChunk(mine: number, theirs: number): void {
    const a = this.#refs[mine]!;
    const b = this.#refs[theirs]!;
    if (a === b || b === 0) return;
    let above = false;
    let below = false;
    for (let i = 0; i < CHUNK; i++) {
      const difference = this.#pool[a * CHUNK + i]! - this.#pool[b * CHUNK + i]!;
      if (difference > 0) above = true;
      else if (difference < 0) below = true;
    }
    if (!below) return;
    if (!above) {
      this.#refs[mine] = b;
      return;
    }
    const merged = this.#copy(a);
    for (let i = 0; i < CHUNK; i++) {
      const other = this.#pool[b * CHUNK + i]!;
      if (other > this.#pool[merged * CHUNK + i]!) this.#pool[merged * CHUNK + i] = other;
    }
    this.#refs[mine] = merged;
  }

  #copy(chunk: number): number {
    if ((this.#poolSize + 1) * CHUNK > this.#pool.length) {
      const wider = new Int32Array(2 * this.#pool.length);
      wider.set(this.#pool);
      this.#pool = wider;
    }
    this.#pool.copyWithin(this.#poolSize * CHUNK, chunk * CHUNK, (chunk + 1) * CHUNK);
    return this.#poolSize++;
  }
}

/** The transaction before each in its session, or -1. */
export function previousInSession(view: View): Int32Array {
  const before = new Int32Array(view.transactions).fill(-1);
  let last = -1;
  for (const t of bySession(view)) {
    if (view.position[t]! > 0) before[t] = last;
    last = t;
  }
  return before;
}

/** Kahn's algorithm over session order and reads-from. */
function topologicalOrder(view: View): { order: Int32Array; committed: number } {
  const { transactions, readStart, readFrom } = view;
  const before = previousInSession(view);
  const waits = new Int32Array(transactions);
  const start = new Int32Array(transactions + 1);
  const edge = (visit: (from: number, to: number) => void) => {
    for (let t = 0; t < transactions; t++) {
      if (before[t]! >= 0) visit(before[t]!, t);
      for (let at = readStart[t]!; at < readStart[t + 1]!; at++) {
        if (readFrom[at]! !== INITIAL) visit(readFrom[at]!, t);
      }
    }
  };
  edge((from, to) => {
    start[from + 1]! += 1;
    waits[to]! += 1;
  });
  for (let t = 0; t < transactions; t++) start[t + 1]! += start[t]!;
  const next = start.slice(0, transactions);
  const targets = new Int32Array(start[transactions]!);
  edge((from, to) => {
    targets[next[from]!++] = to;
  });
  const order = new Int32Array(transactions);
  let tail = 0;
  let committed = 0;
  for (let t = 0; t < transactions; t++) {
    if (view.committed[t] === 0) continue;
    committed++;
    if (waits[t] === 0) order[tail++] = t;
  }
  for (let head = 0; head < tail; head++) {
    const t = order[head]!;
    for (let at = start[t]!; at < start[t + 1]!; at++) {
      if (--waits[targets[at]!]! === 0) order[tail++] = targets[at]!;
    }
  }
  return { order: order.subarray(0, tail), committed };
}
