/**
 * Random small histories for tests of isolation levels, seeded: a multi-version store answers reads
 * from snapshots that are sometimes stale, torn between keys, dirty, or invented.
 */
import { Prng } from '../random/prng.ts';
import type { Kind, Operation, Recorded, RecordedTransaction } from './recorded.ts';

const KEYS = ['x', 'y', 'z'];
const ALL = { range: ['a', 'zz'] };
const SOME = { field: 'flag', value: 1 };

export function smallHistory(kind: Kind, seed: number): Recorded {
  const random = new Prng(seed).derive(kind);
  const shapes = shapesOf(kind, random);
  const store = new LooseStore(kind, random, shapes);
  const times = random.chance(0.5) ? overlapping(shapes, random) : oneByOne(shapes, random);
  const transactions = shapes.map(({ process, status, operations }, t): RecordedTransaction => {
    const [invoked, completed] = times[t]!;
    return {
      name: `T${invoked}`,
      process,
      status,
      invoked,
      completed: status === 'info' ? Number.POSITIVE_INFINITY : completed,
      operations: operations.map((one) => store.answer(t, one)),
    };
  });
  const hasRealTime = random.chance(0.8);
  return { kind, hasRealTime, initial: undefined, transactions };
}

interface Shape {
  readonly process: number;
  readonly status: RecordedTransaction['status'];
  readonly operations: readonly Operation[];
}

function shapesOf(kind: Kind, random: Prng): Shape[] {
  const keys = KEYS.slice(0, random.between(2, kind === 'predicate' ? 2 : 3));
  const size = random.between(2, kind === 'predicate' ? 4 : 5);
  let value = 0;
  let lost = 100;
  return Array.from({ length: size }, () => {
    const odd = random.below(12);
    const status = odd === 0 ? 'info' : odd === 1 ? 'fail' : 'ok';
    const operations = Array.from({ length: random.between(1, 3) }, (): Operation => {
      const key = random.pick(keys);
      value++;
      if (random.chance(0.5)) {
        if (kind === 'list-append') return ['append', key, value];
        if (kind === 'rw-register') return ['w', key, value];
        return random.chance(0.2) ? ['d', key] : ['w', key, { id: value, flag: random.below(2) }];
      }
      if (kind !== 'predicate' || random.chance(0.5)) return ['r', key, null];
      return ['rp', random.pick([ALL, SOME]), null];
    });
    // The client of an indeterminate operation issues no more operations.
    return { process: status === 'info' ? lost++ : random.below(3), status, operations };
  });
}

function oneByOne(shapes: readonly Shape[], random: Prng): [number, number][] {
  const order = random.shuffle(shapes.map((_, t) => t));
  const times: [number, number][] = [];
  for (const [at, t] of order.entries()) times[t] = [2 * at, 2 * at + 1];
  return times;
}

/** Events in a random order that keeps each client sequential. */
function overlapping(shapes: readonly Shape[], random: Prng): [number, number][] {
  const times: [number, number][] = shapes.map(() => [-1, -1]);
  const busy = new Set<number>();
  for (let at = 0; at < 2 * shapes.length; at++) {
    const possible = shapes.flatMap(({ process }, t) => {
      const [invoked, completed] = times[t]!;
      if (invoked < 0) return busy.has(process) ? [] : [t];
      return completed < 0 ? [t] : [];
    });
    const t = random.pick(possible);
    const begins = times[t]![0] < 0;
    times[t]![begins ? 0 : 1] = at;
    if (begins) busy.add(shapes[t]!.process);
    else busy.delete(shapes[t]!.process);
  }
  return times;
}

/** Answers reads from the writes of a random order of transactions. */
class LooseStore {
  readonly #kind: Kind;
  readonly #random: Prng;
  readonly #shapes: readonly Shape[];
  readonly #order: readonly number[];
  /** By transaction: the transactions visible to it. */
  readonly #seen: readonly (readonly number[])[];
  readonly #own = new Map<number, Operation[]>();

  constructor(kind: Kind, random: Prng, shapes: readonly Shape[]) {
    this.#kind = kind;
    this.#random = random;
    this.#shapes = shapes;
    this.#order = random.shuffle(shapes.map((_, t) => t));
    const late = random.pick([0, 0, 1, 2]);
    const forked = random.pick([0, 0, 0.3, 0.6]);
    this.#seen = shapes.map((_, t) => {
      const end = Math.max(0, this.#order.indexOf(t) - random.between(0, late));
      return this.#order.slice(0, end).filter(() => !random.chance(forked));
    });
  }

  answer(t: number, operation: Operation): Operation {
    const [f, key] = operation;
    const own = this.#own.get(t) ?? [];
    this.#own.set(t, own);
    if (f !== 'r' && f !== 'rp') {
      own.push(operation);
      return operation;
    }
    const torn = this.#random.chance(0.12);
    const shown = torn ? this.#order.slice(0, this.#random.below(this.#order.length + 1)) : [];
    const before = (torn ? shown : this.#seen[t]!).filter((other) => other !== t);
    const dirty = this.#random.chance(0.03);
    const writes = before
      .filter((other) => dirty || this.#shapes[other]!.status !== 'fail')
      .flatMap((other) => this.#shapes[other]!.operations);
    const visible = this.#random.chance(0.02) ? writes : [...writes, ...own];
    if (f === 'rp') return ['rp', key, this.#matching(key as object, visible)];
    return ['r', key, this.#valueAt(key, visible)];
  }

  #valueAt(key: unknown, writes: readonly Operation[]): unknown {
    const onKey = writes.filter(([f, one]) => f !== 'r' && f !== 'rp' && one === key);
    const last = onKey.at(-1);
    if (this.#kind !== 'list-append') return last === undefined || last[0] === 'd' ? null : last[2];
    const list = onKey.map(([, , value]) => value);
    if (this.#random.chance(0.02)) list.reverse();
    return list.slice(
      0,
      this.#random.chance(0.03) ? this.#random.below(list.length + 1) : list.length,
    );
  }

  #matching(predicate: object, writes: readonly Operation[]): unknown[] {
    return KEYS.map((key) => [key, this.#valueAt(key, writes)] as const).filter(([, value]) => {
      if (value === null) return false;
      return predicate === ALL || (value as { flag: number }).flag === 1;
    });
  }
}
