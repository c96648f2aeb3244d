/**
 * Walks: ranges that are read record by record while everything else goes on: left open, never
 * begun, left early, and read on after their owner has ended. What one shows is what its owner held
 * when its first record was asked for.
 */
import type { Prng } from '../../../random/prng.ts';
import type { ByteRange, ByteReader, ByteRecord } from '../../sim/byte-store.ts';
import type { Content, DirectRange } from '../../sim/direct-store.ts';
import type { BorrowedMemory } from './borrowed-memory.ts';
import type { Reads, ShownRange } from './reads.ts';

const WALKS_MAX = 6;

/** Who is read from. */
export interface Owner {
  readonly reader: ByteReader;
  /** What it must show now. */
  shows(query: DirectRange): Content;
  /** Where a transaction notes what it was shown. */
  readonly reads?: Reads;
  /** The code of the error that its ranges meet once it has ended. */
  ended?: string;
}

interface Walk {
  readonly owner: Owner;
  readonly query: DirectRange;
  readonly records: Generator<ByteRecord, void, void>;
  /** What is still to be shown; `undefined` before it began. */
  left: Content | undefined;
  shown: ShownRange | undefined;
}

export class Walks {
  readonly #random: Prng;
  readonly #memory: BorrowedMemory;
  readonly #same: (what: string, found: unknown, expected: unknown) => void;
  #open: Walk[] = [];

  constructor(
    random: Prng,
    memory: BorrowedMemory,
    same: (what: string, found: unknown, expected: unknown) => void,
  ) {
    this.#random = random;
    this.#memory = memory;
    this.#same = same;
  }

  /** Asks for a range. Some are never begun. */
  ask(owner: Owner, query: DirectRange): void {
    const memory = this.#memory;
    const records = memory.during(() => {
      const options = lentRange(memory, query);
      const asked = owner.reader.range(options);
      Object.assign(options, { from: undefined, limit: 0, reverse: false }); // it is ours again
      return asked;
    });
    if (this.#random.chance(0.2)) return; // never begun, never ended
    this.#open.push({ owner, query, records, left: undefined, shown: undefined });
    if (this.#open.length > WALKS_MAX) this.#leave(0);
  }

  /** Asks some walk for its next records. */
  step(): void {
    if (this.#open.length === 0) return;
    const at = this.#random.below(this.#open.length);
    const isLeft = this.#random.chance(0.15);
    if (isLeft) this.#leave(at);
    for (let i = this.#random.between(1, 4); i > 0 && !isLeft; i--) {
      if (!this.#advance(at)) return;
    }
  }

  /** Reads one range to its end, and whatever is open of it meanwhile stays open. */
  readAll(owner: Owner, query: DirectRange): void {
    this.#open.push({
      owner,
      query,
      records: this.#memory.during(() => owner.reader.range(lentRange(this.#memory, query))),
      left: undefined,
      shown: undefined,
    });
    while (this.#advance(this.#open.length - 1));
  }

  /** Begins a range, writes, reads another range, and only then reads the first to its end. */
  writeUnder(owner: Owner, write: () => void): void {
    const records = this.#memory.during(() => owner.reader.range({}));
    const walk: Walk = { owner, query: {}, records, left: undefined, shown: undefined };
    this.#open.push(walk);
    this.#advance(this.#open.length - 1);
    write();
    if (owner.ended !== undefined) return;
    this.readAll(owner, {});
    for (let goOn = true; goOn; ) {
      const at = this.#open.indexOf(walk);
      goOn = at >= 0 && this.#advance(at);
    }
  }

  /** The walks of an owner that has ended are asked once more, and then no longer known. */
  ended(owner: Owner): void {
    for (let at = this.#open.length - 1; at >= 0; at--) {
      if (this.#open[at]!.owner === owner) this.#advance(at);
    }
    this.#open = this.#open.filter((walk) => walk.owner !== owner);
  }

  leaveAll(): void {
    while (this.#open.length > 0) this.#leave(0);
  }

  #leave(at: number): void {
    const [walk] = this.#open.splice(at, 1);
    const { records } = walk!;
    if (this.#random.chance(0.7)) {
      records.return();
      return;
    }
    const reason = new Error('the reader gives up');
    let met: unknown;
    try {
      records.throw(reason);
    } catch (error) {
      met = error;
    }
    this.#same('leaving a range by an error', met, reason);
  }

  /** Compares one record; answers whether there may be more. */
  #advance(at: number): boolean {
    const walk = this.#open[at]!;
    const { owner, query, records } = walk;
    const what = `range ${JSON.stringify(query)}`;
    if (owner.ended !== undefined && query.limit !== 0 && !this.#isFull(walk)) {
      this.#same(
        `${what} after its end`,
        codeOf(() => records.next()),
        owner.ended,
      );
      this.#open.splice(at, 1);
      return false;
    }
    if (walk.left === undefined) {
      walk.left = owner.shows(query);
      walk.shown = { query, last: undefined, isWhole: false };
      owner.reads?.ranges.push(walk.shown);
    }
    const [expected, ...rest] = walk.left;
    const next = records.next();
    if (next.done === true) {
      this.#same(`${what}: the end`, 'none', expected?.[0] ?? 'none');
      const { limit = Number.POSITIVE_INFINITY } = query;
      if (owner.ended === undefined && walk.shown !== undefined) {
        walk.shown.isWhole = limit > 0 && !this.#isFull(walk);
      }
      this.#open.splice(at, 1);
      return false;
    }
    const [key, value] = this.#memory.taken(next.value.key, next.value.value);
    this.#same(`${what}: key`, key, expected?.[0]);
    this.#same(`${what}: value of ${key}`, value, expected?.[1]);
    walk.left = rest;
    walk.shown!.last = key;
    this.#counts.set(walk, (this.#counts.get(walk) ?? 0) + 1);
    return true;
  }

  readonly #counts = new Map<Walk, number>();

  /** Whether it has shown as many records as it may: then it has not seen that there are no more. */
  #isFull(walk: Walk): boolean {
    return (this.#counts.get(walk) ?? 0) >= (walk.query.limit ?? Number.POSITIVE_INFINITY);
  }
}

function lentRange(memory: BorrowedMemory, query: DirectRange): ByteRange {
  const { from, to, prefix, ...rest } = query;
  return {
    ...rest,
    ...(from !== undefined && { from: memory.lend(from) }),
    ...(to !== undefined && { to: memory.lend(to) }),
    ...(prefix !== undefined && { prefix: memory.lend(prefix) }),
  };
}

/** The code of what a call throws, or `answered`. */
export function codeOf(call: () => unknown): string {
  try {
    call();
    return 'answered';
  } catch (error) {
    return String((error as { code?: unknown }).code ?? error);
  }
}
