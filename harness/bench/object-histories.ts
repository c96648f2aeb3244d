/**
 * Generates linearizable histories: operations of concurrent clients take effect at one instant between
 * invocation and completion. Seeded; for benchmarks.
 */
import type { Operation } from '../contract/history.ts';
import { Prng } from '../random/prng.ts';

export interface ObjectHistoryOptions {
  readonly operations: number;
  readonly clients: number;
  readonly seed: number;
  readonly infoShare?: number;
}

interface Drawn {
  readonly f: string;
  readonly input: unknown;
}

/**
 * `draw` creates an operation. `apply` performs it and returns its output, or `undefined` for a failed
 * operation.
 */
export function objectHistory(
  { operations, clients, seed, infoShare = 0 }: ObjectHistoryOptions,
  draw: (random: Prng, n: number) => Drawn,
  apply: (one: Drawn) => unknown,
): Operation[] {
  const random = new Prng(seed).derive('objects');
  const open: (Drawn & {
    process: number;
    invokedIndex: number;
    output: unknown;
    done: boolean;
  })[] = [];
  const finished: Operation[] = [];
  const idle = Array.from({ length: clients }, (_, process) => process);
  let begun = 0;
  for (let index = 0; begun < operations || open.length > 0; ) {
    const mayBegin = begun < operations && idle.length > 0;
    if (mayBegin && (open.length === 0 || random.chance(0.5))) {
      const one = draw(random, begun++);
      open.push({ ...one, process: idle.pop()!, invokedIndex: index++, output: null, done: false });
      continue;
    }
    const at = random.below(open.length);
    const one = open[at]!;
    if (!one.done) {
      one.output = apply(one);
      one.done = true;
      continue;
    }
    open.splice(at, 1);
    const { f, input, process, invokedIndex, output } = one;
    const unknown = random.chance(infoShare);
    const type = unknown ? 'info' : output === undefined ? 'fail' : 'ok';
    const completedIndex = unknown ? Number.POSITIVE_INFINITY : index++;
    finished.push({ f, input, process, invokedIndex, output, type, completedIndex });
    idle.push(unknown ? process + clients : process);
  }
  return finished;
}

/** One register: reads and unique writes. */
export function registerOperations(options: ObjectHistoryOptions): Operation[] {
  let value: unknown = null;
  return objectHistory(
    options,
    (random, n) => (random.chance(0.5) ? { f: 'write', input: n } : { f: 'read', input: null }),
    ({ f, input }) => {
      if (f === 'write') value = input;
      return value;
    },
  );
}

/** One register with five values: reads, writes and compare-and-set, as Jepsen tests etcd with. */
export function casOperations(options: ObjectHistoryOptions): Operation[] {
  let value: unknown = null;
  return objectHistory(
    options,
    (random) => {
      const kind = random.below(3);
      if (kind === 0) return { f: 'read', input: null };
      if (kind === 1) return { f: 'write', input: random.below(5) };
      return { f: 'cas', input: [random.below(5), random.below(5)] };
    },
    ({ f, input }) => {
      if (f === 'read') return value;
      if (f === 'write') value = input;
      else if ((input as number[])[0] !== value) return false;
      else value = (input as number[])[1];
      return input;
    },
  );
}

/** get, put and append of strings; input and output are [key, value]. */
export function textOperations(
  options: ObjectHistoryOptions & { readonly keys: number },
): Operation[] {
  const texts = new Map<unknown, string>();
  return objectHistory(
    options,
    (random, n) => {
      const key = String(random.below(options.keys));
      const kind = random.below(4);
      if (kind < 2) return { f: 'get', input: [key, null] };
      return { f: kind === 2 && random.chance(0.1) ? 'put' : 'append', input: [key, `x ${n} y`] };
    },
    ({ f, input }) => {
      const [key, value] = input as [string, string];
      const before = texts.get(key) ?? '';
      if (f !== 'get') texts.set(key, f === 'put' ? value : before + value);
      return [key, f === 'get' ? before : value];
    },
  );
}
